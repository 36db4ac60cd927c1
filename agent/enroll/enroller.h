#pragma once

/// From an enrollment profile to an enrolled device:
///
///   profile -> identity -> push token -> Authenticate -> (stored) -> TokenUpdate -> enrolled
///
/// A failure before the answer to Authenticate leaves nothing behind; after it the device is stored
/// and owes a TokenUpdate, which `run` and `connect` repeat.
/// Source: docs/protocol/device-facts.md 1, 3, 7.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/identity/identity.h"
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
  /// A stored device that returns to service: with the profile it took through its erasure, up to
  /// the answer to Authenticate. What is left of the options is not looked at. Errors: as enroll().
  Task<Result<void>> enroll_again(std::string device_id);

  /// Of a device that was stored after Authenticate and owes its TokenUpdate, when enroll was cut
  /// off.
  Task<Result<Device>> finish(std::string device_id) {
    return update_token(std::move(device_id), DeviceCredentials());
  }

 private:
  Result<Device> make();
  using ProfilePtr = std::shared_ptr<const mdm::EnrollmentProfile>;
  Task<Result<ProfilePtr>> profile(std::string device_id);
  Task<Result<void>> enter(Device& device, const mdm::EnrollmentProfile& profile,
                           const std::vector<crypto::Certificate>& anchors,
                           std::shared_ptr<Courier> courier, DeviceCredentials& credentials);
  Task<Result<void>> take_identity(Device& device, const mdm::EnrollmentProfile& profile,
                                   const std::vector<crypto::Certificate>& anchors,
                                   DeviceCredentials& credentials);
  Task<Result<void>> take_push_token(Device& device, std::shared_ptr<Courier> courier);
  Task<Result<void>> authenticate(Device& device, DeviceCredentials& credentials);
  Task<Result<Device>> update_token(std::string device_id, DeviceCredentials credentials);

  IdentityTools tools() { return {context_.http, keys_, context_.clock}; }

  AgentContext& context_;
  KeyMaker& keys_;
  EnrollOptions options_;
  ProfilePtr from_file_;  ///< read for the first device
};

/// What a device enrolls with besides the profile.
struct EnrollmentParts {
  crypto::Identity identity;
  FetchedIdentities others;                  ///< of the profile's other SCEP payloads
  std::vector<crypto::Certificate> anchors;  ///< trusted besides the profile's
  TimePoint now;                             ///< when it is installed
};
/// The identities that the profile wants fetched besides the one for MDM.
std::vector<WantedIdentity> other_identities(const mdm::EnrollmentProfile& profile);
/// Puts profile, certificates, identities and the enrollment (stage authenticating) into the
/// device. Whoever is logged in gets the user channel, where there is one (1.19). `rng` makes
/// PushMagic, unlock and bootstrap token. Pure.
/// Errors: mdm::errc::bad_value for a payload that cannot be installed; the device is unchanged.
Result<void> accept_profile(Device& device, const mdm::EnrollmentProfile& profile,
                            const EnrollmentParts& parts, Rng rng);

}  // namespace understudy::agent
