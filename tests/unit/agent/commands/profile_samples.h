#pragma once

/// Configuration profiles to install, built from plist values so that a test can spoil one thing.

#include "shared/crypto/cms.h"
#include "tests/unit/agent/commands/enrolled.h"

namespace understudy::agent::test {

inline plist::Dict payload(const std::string& type, const std::string& uuid) {
  return {{"PayloadType", type},
          {"PayloadIdentifier", "org.example.payload." + uuid},
          {"PayloadUUID", uuid},
          {"PayloadVersion", 1},
          {"PayloadDisplayName", "Payload " + uuid}};
}

inline plist::Dict profile(const std::string& identifier, plist::Array payloads) {
  return {{"PayloadType", "Configuration"},
          {"PayloadIdentifier", identifier},
          {"PayloadUUID", "UUID-" + identifier},
          {"PayloadVersion", 1},
          {"PayloadDisplayName", "Profile of a test"},
          {"PayloadOrganization", "Example"},
          {"PayloadContent", std::move(payloads)}};
}

inline plist::Dict wifi(const std::string& uuid = "WIFI") {
  plist::Dict out = payload("com.apple.wifi.managed", uuid);
  out["SSID_STR"] = "Example";
  out["Password"] = "correct horse";
  return out;
}

inline plist::Dict root_certificate(const std::string& uuid = "ROOT") {
  plist::Dict out = payload("com.apple.security.root", uuid);
  out["PayloadContent"] = authority().certificate().der();
  return out;
}

inline plist::Dict pkcs12(const std::string& password = "secret",
                          const std::string& uuid = "PKCS12") {
  static const crypto::Identity identity = make_identity("user");
  plist::Dict out = payload("com.apple.security.pkcs12", uuid);
  out["PayloadContent"] = crypto::write_pkcs12(identity, "secret", "user").value();
  out["Password"] = password;
  return out;
}

inline const crypto::Identity& profile_signer() {
  static const crypto::Identity identity = make_identity("profile signer");
  return identity;
}

inline Bytes sign(const plist::Value& value, const crypto::Identity& signer = profile_signer()) {
  return crypto::cms::sign(to_xml(value), signer).value();
}

inline Outcome install(Enrolled& enrolled, const Bytes& raw) {
  return enrolled.run("InstallProfile", {{"Payload", raw}});
}
inline Outcome install(Enrolled& enrolled, const plist::Value& value) {
  return install(enrolled, to_xml(value));
}

}  // namespace understudy::agent::test
