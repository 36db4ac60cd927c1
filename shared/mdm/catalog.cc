#include "shared/mdm/catalog.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "shared/mdm/catalog_lines.h"

namespace understudy::mdm {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 9> kTypeNames = {
    "boolean", "integer", "real", "string", "data", "date", "array", "dictionary", "any"};

/// The same as Apple's files spell them.
constexpr std::array<std::string_view, 9> kSchemaNames = {"<boolean>", "<integer>",    "<real>",
                                                          "<string>",  "<data>",       "<date>",
                                                          "<array>",   "<dictionary>", "<any>"};

/// Inside this file a fault of the text is an exception with its place; Catalog::parse catches it.
[[noreturn]] void refuse(const std::string& where, const std::string& why) {
  throw std::runtime_error(where + ": " + why);
}

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
  out.access_rights = json.value("rights", std::uint32_t{0});
  out.user_enrollment = mode_of(json, "user_enrollment", where);
  out.shared_ipad = mode_of(json, "shared_ipad", where);
  out.shared_ipad_device_channel = json.value("shared_ipad_device_channel", true);
  out.shared_ipad_user_channel = json.value("shared_ipad_user_channel", true);
  return out;
}

template <class Spec>
void read_platforms(const Json& json, Spec& spec, const std::string& where) {
  if (!json.contains("os")) return;
  for (const auto& [name, entry] : json.at("os").items()) {
    const auto platform = platform_from_name(name);
    if (!platform) refuse(where, "platform \"" + name + "\" is unknown");
    std::string place = where;
    place.append(" on ").append(name);
    spec.platforms.at(static_cast<std::size_t>(*platform)) = availability_of(entry, place);
  }
}

KeyType type_of(const Json& json, const std::string& where) {
  const auto name = json.at("type").get<std::string>();
  const auto found = std::ranges::find(kTypeNames, name);
  if (found == kTypeNames.end()) refuse(where, "type \"" + name + "\" is unknown");
  return static_cast<KeyType>(found - kTypeNames.begin());
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
    read_platforms(key, spec, where);
    spec.subkeys = keys_of(key, "keys", where);
    out.push_back(std::move(spec));
  }
  return out;
}

std::vector<MessageSpec> messages_of(const Json& json) {
  std::vector<MessageSpec> out;
  for (const Json& message : json) {
    MessageSpec spec;
    spec.name = message.at("name").get<std::string>();
    spec.file = message.at("file").get<std::string>();
    read_platforms(message, spec, spec.name);
    spec.request = keys_of(message, "request", spec.name);
    spec.response = keys_of(message, "response", spec.name);
    out.push_back(std::move(spec));
  }
  std::ranges::sort(out, {}, &MessageSpec::name);
  return out;
}

const MessageSpec* find_in(const std::vector<MessageSpec>& messages, std::string_view name) {
  const auto found = std::ranges::lower_bound(messages, name, {}, &MessageSpec::name);
  return found != messages.end() && found->name == name ? &*found : nullptr;
}

Catalog load_builtin() {
  std::string text;
  for (const std::string_view line : catalog_lines()) text.append(line).append("\n");
  auto catalog = Catalog::parse(text);
  // Only a broken build gets here; a test parses the same text.
  if (!catalog) throw std::logic_error(catalog.error().message());
  return std::move(*catalog);
}

}  // namespace

std::string_view key_type_name(KeyType type) {
  return kSchemaNames.at(static_cast<std::size_t>(type));
}

const Catalog& Catalog::builtin() {
  static const Catalog catalog = load_builtin();
  return catalog;
}

Result<Catalog> Catalog::parse(std::string_view json) {
  try {
    const Json root = Json::parse(json);
    if (root.at("format") != 1) refuse("catalog", "its format is not 1");
    Catalog catalog;
    catalog.commands_ = messages_of(root.at("commands"));
    catalog.checkins_ = messages_of(root.at("checkins"));
    return catalog;
  } catch (const std::exception& error) {
    return fail(errc::bad_value, "command catalogue: " + std::string(error.what()),
                "write it anew with understudy-catalog");
  }
}

const MessageSpec* Catalog::command(std::string_view request_type) const {
  return find_in(commands_, request_type);
}

const MessageSpec* Catalog::checkin(std::string_view message_type) const {
  return find_in(checkins_, message_type);
}

}  // namespace understudy::mdm
