#pragma once

/// From an enrollment profile to an enrolled device:
///
///   profile -> identity -> push token -> Authenticate -> (stored) -> TokenUpdate -> enrolled
///
/// A failure before the answer to Authenticate leaves nothing behind; after it the device is stored
/// and owes a TokenUpdate, which `run` and `connect` repeat. Source: device-behaviour.md 1, 3, 7.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/enroll/identity.h"
#include "agent/push/courier.h"
#include "agent/session/device_session.h"

namespace understudy::agent {

struct EnrollOptions {
  std::string profile_url;  ///< fetched for each device; empty: `profile`
  Bytes profile;
  std::vector<crypto::Certificate> anchors;  ///< --ca: trusted besides the profile's
  std::shared_ptr<Courier> courier;          ///< null: no push channel, the token is made up
  FactoryOptions factory;
  mdm::EnrollmentRules rules;
  /// Absent: what the factory set, six digits where the platform has a passcode. Empty: none.
  std::optional<std::string> passcode;
};

/// Use from the context's executor only; context and keys must outlive it.
class Enroller {
 public:
  Enroller(AgentContext& context, KeyMaker& keys, EnrollOptions options)
      : context_(context), keys_(keys), options_(std::move(options)) {}

  /// One new device. Several calls may be under way. The error's context begins with the step that
  /// failed.
  Task<Result<Device>> enroll();

  /// Of a device that was stored after Authenticate and owes its TokenUpdate, when enroll was cut
  /// off.
  Task<Result<Device>> finish(std::string device_id) { return update_token(std::move(device_id)); }

 private:
  Result<Device> make();
  Task<Result<mdm::EnrollmentProfile>> profile(std::string device_id);
  Task<Result<void>> take_identity(Device& device, const mdm::EnrollmentProfile& profile);
  Task<Result<void>> take_push_token(Device& device);
  Task<Result<void>> authenticate(Device& device);
  Task<Result<Device>> update_token(std::string device_id);

  AgentContext& context_;
  KeyMaker& keys_;
  EnrollOptions options_;
};

/// Puts profile, certificates, identity and the enrollment (stage authenticating) into the device.
/// `rng` makes PushMagic and the unlock token. Pure.
/// Errors: mdm::errc::bad_value for a payload that cannot be installed; the device is unchanged.
Result<void> accept_profile(Device& device, const mdm::EnrollmentProfile& profile,
                            const crypto::Identity& identity,
                            const std::vector<crypto::Certificate>& extra_anchors, Rng rng);

}  // namespace understudy::agent
