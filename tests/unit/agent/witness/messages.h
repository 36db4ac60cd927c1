#pragma once

/// What a server may send, right and wrong, to be held before the witness.

#include <gtest/gtest.h>

#include <stdexcept>

#include "agent/witness/checks.h"
#include "shared/mdm/messages.h"
#include "shared/plist/plist.h"

namespace understudy::agent::witness::samples {

inline const std::string kUuid = "0001";
inline const std::string kEnrollment = "org.example.enroll";

inline std::string xml(const plist::Value& value) {
  auto text = plist::write_xml(value);
  if (!text) throw std::runtime_error(text.error().message());
  return *std::move(text);
}

/// The Command dictionary in its envelope.
inline std::string command(plist::Dict body, const std::string& uuid = kUuid) {
  plist::Dict message;
  message["CommandUUID"] = uuid;
  message["Command"] = std::move(body);
  return xml(message);
}
inline std::string command(const std::string& request_type) {
  return command(plist::Dict{{"RequestType", request_type}});
}

inline net::HttpResponse answer(std::string body, int status = 200,
                                std::string type = "application/xml") {
  return net::HttpResponse::of(status, std::move(type), std::move(body));
}

inline Recipient iphone() {
  Recipient recipient;
  recipient.enrollment_profile = kEnrollment;
  return recipient;
}
inline Recipient mac() {
  Recipient recipient = iphone();
  recipient.target.platform = mdm::Platform::macos;
  recipient.target.os = mdm::Version{{15, 1}};
  return recipient;
}

/// The findings of one command.
inline Findings about(const std::string& body, const Recipient& recipient = iphone()) {
  return check_command_answer(answer(body), recipient);
}
inline Findings about(plist::Dict body, const Recipient& recipient = iphone()) {
  return about(command(std::move(body)), recipient);
}

/// An enrollment profile without fault; `mdm` goes over the keys of its MDM payload, a key with an
/// empty dictionary is left out.
inline plist::Dict profile(const plist::Dict& mdm = {}) {
  const auto headers = [](const std::string& type, const std::string& uuid) {
    return plist::Dict{{"PayloadType", type},
                       {"PayloadIdentifier", "org.example." + uuid},
                       {"PayloadUUID", uuid},
                       {"PayloadVersion", 1}};
  };
  plist::Dict identity = headers("com.apple.security.pkcs12", "IDENTITY");
  plist::Dict payload = headers("com.apple.mdm", "MDM");
  payload["IdentityCertificateUUID"] = "IDENTITY";
  payload["Topic"] = "com.apple.mgmt.External.test";
  payload["ServerURL"] = "https://mdm.example.org/mdm";
  payload["AccessRights"] = 8191;
  for (const auto& [key, value] : mdm) {
    const bool left_out = value.is(plist::Type::dict) && value.if_dict()->empty();
    left_out ? static_cast<void>(payload.erase(key)) : static_cast<void>(payload[key] = value);
  }
  plist::Dict top = headers("Configuration", "PROFILE");
  plist::Array content;
  content.emplace_back(std::move(identity));
  content.emplace_back(std::move(payload));
  top["PayloadContent"] = std::move(content);
  return top;
}
inline Findings about_profile(const plist::Dict& top) {
  return check_profile(as_bytes(xml(top)));
}

inline std::vector<std::string> ids(const Findings& findings) {
  std::vector<std::string> out;
  for (const Finding& finding : findings) out.push_back(finding.id);
  return out;
}

}  // namespace understudy::agent::witness::samples
