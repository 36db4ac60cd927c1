#pragma once

/// Profiles for the tests, built from plist values so that each test can spoil one thing.

#include <gmock/gmock.h>

#include <string>

#include "shared/mdm/profile.h"
#include "shared/plist/plist.h"

namespace understudy::mdm::samples {

inline plist::Dict payload(const std::string& type, const std::string& uuid) {
  return {{"PayloadType", type},
          {"PayloadIdentifier", "org.example." + uuid},
          {"PayloadUUID", uuid},
          {"PayloadVersion", 1}};
}

inline plist::Dict scep_payload() {
  plist::Dict out = payload("com.apple.security.scep", "UUID-SCEP");
  out["PayloadContent"] = plist::Dict{{"URL", "http://ca.example.org/scep"}, {"Keysize", 2048}};
  return out;
}

inline plist::Dict mdm_payload() {
  plist::Dict out = payload("com.apple.mdm", "UUID-MDM");
  out["ServerURL"] = "https://mdm.example.org/mdm";
  out["Topic"] = "com.apple.mgmt.External.1";
  out["IdentityCertificateUUID"] = "UUID-SCEP";
  out["AccessRights"] = 8191;
  return out;
}

inline plist::Dict profile(plist::Array payloads) {
  return {{"PayloadType", "Configuration"},  {"PayloadIdentifier", "org.example.profile"},
          {"PayloadUUID", "UUID-PROFILE"},   {"PayloadVersion", 1},
          {"PayloadDisplayName", "Example"}, {"PayloadContent", std::move(payloads)}};
}

inline Bytes xml(const plist::Value& value) {
  return to_bytes(plist::write_xml(value).value());
}

/// One clear line: code, and what, where, why, what to do.
template <class T>
void expect_error(const Result<T>& result, std::error_code code, std::string_view text) {
  ASSERT_FALSE(result) << text;
  EXPECT_EQ(result.error().code, code) << result.error().message();
  EXPECT_THAT(result.error().message(), ::testing::HasSubstr(text));
  EXPECT_THAT(result.error().message(), ::testing::Not(::testing::HasSubstr("\n")));
}

}  // namespace understudy::mdm::samples
