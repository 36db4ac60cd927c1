#pragma once

/// What all devices of a process share. Everything belongs to the agent's one thread.

#include <chrono>
#include <functional>

#include "agent/fleet/device_store.h"
#include "agent/identity/identity.h"
#include "agent/session/events.h"
#include "shared/core/clock.h"
#include "shared/core/rng.h"
#include "shared/io/transcript.h"
#include "shared/net/http_client.h"

namespace understudy::agent {

/// How requests behave where no source says how a real device's do
/// (docs/protocol/device-facts.md 14.1).
struct TransportOptions {
  bool follow_redirects = true;  ///< 6.7
  /// The pause after a conversation that failed; doubled each time, with some chance in it.
  std::chrono::milliseconds retry_after{200};
  std::chrono::milliseconds longest_retry{30'000};
  /// 11.5: the command that breaks MDM is answered by CheckOut only. A result that was stored when
  /// the process died is sent all the same.
  bool leaves_silently = false;
};

struct AgentContext {
  DeviceStore& store;
  net::HttpClient& http;
  KeyMaker& keys;
  const Clock& clock;
  Rng seed;  ///< of the fleet; only ever derived from
  io::Transcript transcript;
  EventSink events;  ///< never empty
  TransportOptions transport{};
  /// Enrolls a stored device that returns to service (11.4), up to the answer to Authenticate.
  /// Empty: nobody does, and it stays erased. The layer that can is above this one.
  using EnrollAgain = std::function<Task<Result<void>>(std::string device_id)>;
  EnrollAgain enroll_again{};

  /// Whose keys are made as they were when it was enrolled: what it is said to have stays true.
  IdentityTools tools_of(const Device& device) const {
    return {http, keys.like(device.enrollment ? device.enrollment->keys : ""), clock};
  }
  void tell(std::string name, std::string device, AgentEvent::Fields fields = {}) const {
    events(AgentEvent{std::move(name), std::move(device), std::move(fields)});
  }
  /// What the witness found in a message to that device: stored, and logged where the device had
  /// none of that id. A store that fails is logged as well: nothing the device does depends on it.
  void note(const std::string& device, const witness::Findings& findings) const;
};

}  // namespace understudy::agent
