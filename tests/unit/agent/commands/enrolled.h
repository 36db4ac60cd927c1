#pragma once

/// An enrolled device and a server's voice: runs one command and looks at the reply as a server
/// would, schema included.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "agent/commands/perform.h"
#include "shared/crypto/ca.h"
#include "shared/crypto/pkcs12.h"
#include "shared/mdm/validate.h"
#include "shared/plist/plist.h"

namespace understudy::agent::test {

inline constexpr TimePoint kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24};
inline constexpr const char* kEnrollmentProfile = "org.example.mdm";

/// Made once: keys take time.
inline const crypto::CertificateAuthority& authority() {
  static const auto ca = crypto::CertificateAuthority::create(
                             crypto::Name::of({{"CN", "Test CA"}}), crypto::KeyType::p256,
                             kNow - std::chrono::days(1), kNow + std::chrono::days(1000))
                             .value();
  return ca;
}

inline crypto::Identity make_identity(const std::string& name,
                                      crypto::KeyType type = crypto::KeyType::p256) {
  auto key = crypto::PrivateKey::generate(type).value();
  crypto::CertificateSpec spec;
  spec.subject = crypto::Name::of({{"CN", name}});
  spec.not_before = kNow - std::chrono::days(1);
  spec.not_after = kNow + std::chrono::days(365);
  auto certificate = authority().issue(spec, key.public_key()).value();
  return {std::move(key), std::move(certificate), {}};
}

/// RSA, so that something can be encrypted to it.
inline const crypto::Identity& device_identity() {
  static const crypto::Identity identity = make_identity("device", crypto::KeyType::rsa_2048);
  return identity;
}

inline Bytes to_xml(const plist::Value& value) {
  return to_bytes(plist::write_xml(value).value());
}

inline mdm::MdmPayload mdm_payload(std::uint32_t rights = mdm::rights::kAll) {
  mdm::MdmPayload mdm;
  mdm.server_url = "https://mdm.example.org/mdm";
  mdm.checkin_url = mdm.server_url;
  mdm.topic = "com.apple.mgmt.External.1";
  mdm.identity_uuid = "UUID-IDENTITY";
  mdm.access_rights = rights;
  mdm.check_out_when_removed = true;
  return mdm;
}

/// The enrollment profile as a plist value, so that a test can spoil it.
inline plist::Value enrollment_profile(const mdm::MdmPayload& mdm) {
  static const Bytes file = crypto::write_pkcs12(device_identity(), "secret", "device").value();
  mdm::EnrollmentProfileSpec spec{kEnrollmentProfile,
                                  "Enrollment",
                                  "Example",
                                  "UUID-ENROLLMENT",
                                  "UUID-MDM",
                                  "UUID-IDENTITY",
                                  mdm,
                                  mdm::Pkcs12Payload{file, "secret"},
                                  {}};
  return mdm::make_enrollment_profile(spec).value();
}

inline void enroll(Device& device, const mdm::MdmPayload& mdm) {
  Enrollment& enrollment = device.enrollment.emplace();
  enrollment.stage = Enrollment::Stage::enrolled;
  enrollment.mdm = mdm;
  enrollment.profile_identifier = kEnrollmentProfile;
  enrollment.identity_payload_uuid = "UUID-IDENTITY";
  enrollment.push_magic = "MAGIC";
  enrollment.unlock_token = Bytes(32, 0x5a);
  device.profiles.push_back(
      {kEnrollmentProfile, "UUID-ENROLLMENT", to_xml(enrollment_profile(mdm)), false});
  KeychainItem item;
  item.payload_uuid = "UUID-IDENTITY";
  item.profile_identifier = kEnrollmentProfile;
  item.common_name = "device";
  item.certificate_der = device_identity().certificate.der();
  item.private_key_der = device_identity().key.der();
  device.keychain.push_back(std::move(item));
}

inline plist::Value command(const std::string& type, plist::Dict keys = {}) {
  keys["RequestType"] = type;
  return plist::Dict{{"CommandUUID", "UUID-COMMAND"}, {"Command", std::move(keys)}};
}

/// What goes on the wire.
inline plist::Value report(const Device& device, const Outcome& outcome) {
  mdm::Report report;
  report.sender.udid = device.hardware.udid;
  report.status = outcome.status;
  report.command_uuid = "UUID-COMMAND";
  report.error_chain = outcome.errors;
  report.body = outcome.body;
  return mdm::to_plist(report);
}

class Enrolled {
 public:
  explicit Enrolled(const FactoryOptions& options = {}, std::uint32_t rights = mdm::rights::kAll)
      : device(make_device(seed, 1, options).value()) {
    enroll(device, mdm_payload());
    device.enrollment->mdm.access_rights = rights;  // also sums that no profile may have
  }
  explicit Enrolled(std::string model, std::uint32_t rights = mdm::rights::kAll)
      : Enrolled(FactoryOptions{std::move(model), "", false}, rights) {}

  /// Also checks the reply against the schema.
  Outcome run(const std::string& type, plist::Dict keys = {}) {
    return run_raw(type, command(type, std::move(keys)));
  }
  Outcome run_raw(const std::string& type, const plist::Value& message) {
    const mdm::Target before = target();
    const Device sender = device;  // a reply is about the device as it was
    Outcome outcome = perform(device, message, {*clock, seed, 1, channel});
    const auto problems =
        mdm::validate_response(mdm::Catalog::builtin(), type, report(sender, outcome), before);
    for (const auto& problem : problems) ADD_FAILURE() << problem.path << ": " << problem.what;
    return outcome;
  }

  mdm::Target target() const {
    mdm::Target now = device.target();
    now.channel = channel;
    return now;
  }

  mdm::Channel channel = mdm::Channel::device;
  Rng seed{11};
  std::unique_ptr<VirtualClock> clock = VirtualClock::frozen_at(kNow);
  Device device;
};

MATCHER(Acknowledged, "is Acknowledged") {
  if (arg.status == mdm::Status::acknowledged) return true;
  *result_listener << mdm::status_name(arg.status);
  for (const auto& error : arg.errors) {
    *result_listener << " " << error.domain << " " << error.code << " " << error.description;
  }
  return false;
}

/// The first link of an ErrorChain.
MATCHER_P2(RefusedWith, domain, code, "is an Error with that domain and code") {
  if (arg.errors.empty()) {
    *result_listener << mdm::status_name(arg.status);
    return false;
  }
  *result_listener << arg.errors.front().domain << " " << arg.errors.front().code << " "
                   << arg.errors.front().description;
  return arg.status == mdm::Status::error && arg.errors.front().domain == domain &&
         arg.errors.front().code == code && !arg.errors.front().description.empty();
}

/// The reply's member, as a value; an empty dict when it is not there.
inline plist::Value member(const Outcome& outcome, std::string_view key) {
  const auto found = outcome.body.find(key);
  return found == outcome.body.end() ? plist::Value() : found->second;
}

inline plist::Value security(Enrolled& enrolled) {
  return member(enrolled.run("SecurityInfo"), "SecurityInfo");
}

}  // namespace understudy::agent::test
