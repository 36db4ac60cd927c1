#pragma once

/// What all devices of a process share. Everything belongs to the agent's one thread.

#include "agent/fleet/device_store.h"
#include "agent/identity/identity.h"
#include "agent/session/events.h"
#include "shared/core/clock.h"
#include "shared/core/rng.h"
#include "shared/io/transcript.h"
#include "shared/net/http_client.h"

namespace understudy::agent {

struct AgentContext {
  DeviceStore& store;
  net::HttpClient& http;
  KeyMaker& keys;
  const Clock& clock;
  Rng seed;  ///< of the fleet; only ever derived from
  io::Transcript transcript;
  EventSink events;  ///< never empty

  IdentityTools tools() const { return {http, keys, clock}; }
  void tell(std::string name, std::string device, AgentEvent::Fields fields = {}) const {
    events(AgentEvent{std::move(name), std::move(device), std::move(fields)});
  }
  /// What the witness found in a message to that device: stored, and logged where the device had
  /// none of that id. A store that fails is logged as well: nothing the device does depends on it.
  void note(const std::string& device, const witness::Findings& findings) const;
};

}  // namespace understudy::agent
