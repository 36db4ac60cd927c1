#include "shared/mdm/catalog_read.h"

#include <algorithm>
#include <stdexcept>

namespace understudy::mdm::catalog_read {
namespace {

constexpr std::array<std::string_view, 9> kTypeNames = {
    "boolean", "integer", "real", "string", "data", "date", "array", "dictionary", "any"};

Version version_of(const Json& json, const std::string& where) {
  auto version = Version::parse(json.get<std::string>());
  if (!version) refuse(where, version.error().message());
  return *version;
}

Availability::Mode mode_of(const Json& json, const char* key, const std::string& where) {
  using Mode = Availability::Mode;
  const auto name = json.value(key, "allowed");
  if (name == "allowed") return Mode::allowed;
  if (name == "forbidden") return Mode::forbidden;
  if (name == "required") return Mode::required;
  if (name == "ignored") return Mode::ignored;
  refuse(where, std::string(key) + " \"" + name + "\" is unknown");
}

Availability availability_of(const Json& json, const std::string& where) {
  Availability out;
  if (json.is_null()) return out;
  if (json.is_string()) {
    out.introduced = version_of(json, where);
    return out;
  }
  out.introduced = version_of(json.at("since"), where);
  if (json.contains("until")) out.removed = version_of(json.at("until"), where);
  out.supervised = json.value("supervised", false);
  out.automated = json.value("automated", false);
  out.device_channel = json.value("device_channel", true);
  out.user_channel = json.value("user_channel", true);
  out.multiple = json.value("multiple", false);
  out.user_approved = json.value("user_approved", false);
  out.by_hand = json.value("by_hand", true);
  out.access_rights = json.value("rights", std::uint32_t{0});
  out.user_enrollment = mode_of(json, "user_enrollment", where);
  out.shared_ipad = mode_of(json, "shared_ipad", where);
  out.shared_ipad_device_channel = json.value("shared_ipad_device_channel", true);
  out.shared_ipad_user_channel = json.value("shared_ipad_user_channel", true);
  return out;
}

KeyType type_of(const Json& json, const std::string& where) {
  const auto name = json.at("type").get<std::string>();
  const auto found = std::ranges::find(kTypeNames, name);
  if (found == kTypeNames.end()) refuse(where, "type \"" + name + "\" is unknown");
  return static_cast<KeyType>(found - kTypeNames.begin());
}

}  // namespace

void refuse(const std::string& where, const std::string& why) {
  throw std::runtime_error(where + ": " + why);
}

Platforms platforms_of(const Json& json, const std::string& where) {
  Platforms platforms;
  if (!json.contains("os")) return platforms;
  for (const auto& [name, entry] : json.at("os").items()) {
    const auto platform = platform_from_name(name);
    if (!platform) refuse(where, "platform \"" + name + "\" is unknown");
    std::string place = where;
    place.append(" on ").append(name);
    platforms.at(static_cast<std::size_t>(*platform)) = availability_of(entry, place);
  }
  return platforms;
}

std::vector<KeySpec> keys_of(const Json& json, const char* member, const std::string& outer) {
  std::vector<KeySpec> out;
  if (!json.contains(member)) return out;
  for (const Json& key : json.at(member)) {
    KeySpec spec;
    spec.name = key.at("name").get<std::string>();
    const std::string where = outer + "." + spec.name;
    spec.type = type_of(key, where);
    spec.required = key.value("required", false);
    spec.choices = key.value("choices", std::vector<std::string>{});
    if (key.contains("min")) spec.min = key.at("min").get<double>();
    if (key.contains("max")) spec.max = key.at("max").get<double>();
    spec.platforms = platforms_of(key, where);
    spec.subkeys = keys_of(key, "keys", where);
    out.push_back(std::move(spec));
  }
  return out;
}

std::string joined(std::span<const std::string_view> lines) {
  std::string text;
  for (const std::string_view line : lines) text.append(line).append("\n");
  return text;
}

}  // namespace understudy::mdm::catalog_read
