#include <algorithm>
#include <array>
#include <cctype>

#include "shared/mdm/messages.h"

namespace understudy::mdm {
namespace {

/// Names of secrets, lower case. Booleans and dictionaries under such a name ("PasswordChanged",
/// "FirmwarePasswordStatus") are no secrets; what is inside is looked at on its own.
constexpr std::array<std::string_view, 8> kWhole = {"pin",
                                                    "passcode",
                                                    "pushmagic",
                                                    "payload",
                                                    "payloadcontent",
                                                    "encryptedpayloadcontent",
                                                    "wifiprofiledata",
                                                    "mdmprofiledata"};
constexpr std::array<std::string_view, 7> kPart = {"password",      "challenge",      "recoverykey",
                                                   "bypasscode",    "redemptioncode", "privatekey",
                                                   "digestresponse"};

bool is_secret(std::string_view key) {
  std::string name(key);
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto inside = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  return name.ends_with("token") || name == "tokendata" || std::ranges::any_of(kPart, inside) ||
         std::ranges::find(kWhole, name) != kWhole.end();
}

plist::Value hidden(const plist::Value& value, bool secret) {
  if (const auto* dict = value.if_dict()) {
    plist::Dict out;
    for (const auto& [key, member] : *dict) out[key] = hidden(member, is_secret(key));
    return out;
  }
  if (const auto* array = value.if_array()) {
    plist::Array out;
    for (const plist::Value& item : *array) out.push_back(hidden(item, secret));
    return out;
  }
  if (!secret) return value;
  if (value.is(plist::Type::string)) return "redacted";
  if (value.is(plist::Type::data)) return to_bytes("redacted");
  if (value.is(plist::Type::integer)) return 0;
  if (value.is(plist::Type::real)) return 0.0;
  return value;
}

}  // namespace

plist::Value redacted(const plist::Value& message) {
  return hidden(message, false);
}

}  // namespace understudy::mdm
