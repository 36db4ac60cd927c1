#include "tools/catalog/convert.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

#include "shared/core/errc.h"

namespace understudy::catalog {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 5> kPlatformNames = {"iOS", "macOS", "tvOS", "visionOS",
                                                       "watchOS"};

/// Apple's names for the bits of AccessRights; some bits have two names. "Special Case" is
/// DeviceInformation, where each query has its own right and the command has none.
const std::map<std::string, int>& rights_by_name() {
  static const std::map<std::string, int> table = {{"None", 0},
                                                   {"n/a", 0},
                                                   {"Special Case", 0},
                                                   {"AllowInspection", 1},
                                                   {"AllowInstallationRemoval", 2},
                                                   {"AllowPasscodeRemovalAndLock", 4},
                                                   {"DeviceLockAndRemovePasscode", 4},
                                                   {"AllowDeviceErase", 8},
                                                   {"AllowQueryDeviceInformation", 16},
                                                   {"AllowQueryNetworkInformation", 32},
                                                   {"AllowProvisioningInspection", 64},
                                                   {"AllowProvisioningInstallationRemoval", 128},
                                                   {"AllowQueryApplications", 256},
                                                   {"QueryInstalledApps", 256},
                                                   {"AllowQueryRestrictions", 512},
                                                   {"AllowQuerySecurity", 1024},
                                                   {"AllowSettings", 2048},
                                                   {"AllowAppInstallation", 4096}};
  return table;
}

/// What a key takes over from what it stands in, for one platform.
struct Span {
  std::optional<std::string> introduced;  ///< nullopt: does not exist there
  std::optional<std::string> removed;
};
using Spans = std::array<Span, kPlatformNames.size()>;

/// Where we are, for the error: Apple's next release may hold a word we have not seen.
[[noreturn]] void unknown(const std::string& where, const std::string& what) {
  throw std::runtime_error(where + ": " + what);
}

std::optional<std::string> text_at(const YAML::Node& node, const char* key) {
  if (!node[key]) return std::nullopt;
  return node[key].as<std::string>();
}

std::string mode_of(const YAML::Node& node, const std::string& where) {
  const std::string mode = text_at(node, "mode").value_or("allowed");
  if (mode != "allowed" && mode != "forbidden" && mode != "required" && mode != "ignored")
    unknown(where, "mode \"" + mode + "\" is unknown");
  return mode;
}

void put_flag(Json& to, const char* name, const YAML::Node& from, const char* key, bool normal) {
  if (from[key] && from[key].as<bool>() != normal) to[name] = !normal;
}

void put_shared_ipad(Json& to, const YAML::Node& entry, const std::string& where) {
  const YAML::Node shared = entry["sharedipad"];
  if (!shared) return;
  if (const std::string mode = mode_of(shared, where); mode != "allowed") to["shared_ipad"] = mode;
  put_flag(to, "shared_ipad_device_channel", shared, "devicechannel", true);
  put_flag(to, "shared_ipad_user_channel", shared, "userchannel", true);
}

/// One platform's entry: null (does not exist there), a version where nothing else is to be said,
/// or an object. Leaves in `span` what the keys inside take over.
Json availability(const YAML::Node& entry, Span& span, const std::string& where) {
  if (const auto introduced = text_at(entry, "introduced")) {
    span.introduced = *introduced == "n/a" ? std::nullopt : introduced;
    span.removed.reset();
  }
  if (const auto removed = text_at(entry, "removed")) span.removed = removed;
  if (!span.introduced) return nullptr;
  Json out = {{"since", *span.introduced}};
  if (span.removed) out["until"] = *span.removed;
  put_flag(out, "supervised", entry, "supervised", false);
  put_flag(out, "automated", entry, "requiresdep", false);
  put_flag(out, "device_channel", entry, "devicechannel", true);
  put_flag(out, "user_channel", entry, "userchannel", true);
  if (const auto right = text_at(entry, "accessrights")) {
    const auto found = rights_by_name().find(*right);
    if (found == rights_by_name().end()) unknown(where, "right \"" + *right + "\" is unknown");
    if (found->second != 0) out["rights"] = found->second;
  }
  if (const YAML::Node user = entry["userenrollment"]) {
    if (const std::string mode = mode_of(user, where); mode != "allowed")
      out["user_enrollment"] = mode;
  }
  put_shared_ipad(out, entry, where);
  return out.size() == 1 ? out["since"] : out;
}

/// `supportedOS` of a message or key; empty where it says nothing.
Json platforms(const YAML::Node& node, Spans& spans, const std::string& where) {
  Json out = Json::object();
  const YAML::Node supported = node["supportedOS"];
  if (!supported) return out;
  for (const auto& pair : supported) {
    const auto name = pair.first.as<std::string>();
    if (std::ranges::find(kPlatformNames, name) == kPlatformNames.end())
      unknown(where, "platform \"" + name + "\" is unknown");
  }
  for (std::size_t i = 0; i < kPlatformNames.size(); ++i) {
    if (const YAML::Node entry = supported[kPlatformNames[i]])
      out[kPlatformNames[i]] =
          availability(entry, spans[i], where + " on " + std::string(kPlatformNames[i]));
  }
  return out;
}

/// "<string>" -> "string".
std::string type_of(const YAML::Node& node, const std::string& where) {
  static const std::array<const char*, 9> known = {"<boolean>", "<integer>",    "<real>",
                                                   "<string>",  "<data>",       "<date>",
                                                   "<array>",   "<dictionary>", "<any>"};
  const std::string type = text_at(node, "type").value_or("<any>");
  if (std::ranges::find(known, type) == known.end())
    unknown(where, "type \"" + type + "\" is unknown");
  return type.substr(1, type.size() - 2);
}

/// Apple marks "any name" by ANY; in one place a description stands where the name would be.
std::string name_of(const YAML::Node& node) {
  const auto name = node["key"].as<std::string>();
  return name == "Category Name" ? "ANY " + name : name;
}

Json convert_keys(const YAML::Node& keys, const Spans& outer, const std::string& where);

Json convert_key(const YAML::Node& node, Spans spans, const std::string& outer) {
  const std::string name = name_of(node);
  const std::string where = outer + "." + name;
  Json out = {{"name", name}, {"type", type_of(node, where)}};
  if (text_at(node, "presence") == "required") out["required"] = true;
  if (const YAML::Node list = node["rangelist"]) {
    for (const YAML::Node& choice : list) out["choices"].push_back(choice.as<std::string>());
  }
  if (const YAML::Node range = node["range"]) {
    if (range["min"]) out["min"] = range["min"].as<double>();
    if (range["max"]) out["max"] = range["max"].as<double>();
  }
  if (Json os = platforms(node, spans, where); !os.empty()) out["os"] = std::move(os);
  if (Json keys = convert_keys(node["subkeys"], spans, where); !keys.empty())
    out["keys"] = std::move(keys);
  return out;
}

Json convert_keys(const YAML::Node& keys, const Spans& outer, const std::string& where) {
  Json out = Json::array();
  if (!keys) return out;
  for (const YAML::Node& key : keys) out.push_back(convert_key(key, outer, where));
  return out;
}

/// One message, and its name to sort by.
std::pair<std::string, Json> convert_message(const std::filesystem::path& file,
                                             const std::string& relative) {
  const YAML::Node document = YAML::LoadFile(file.string());
  const YAML::Node payload = document["payload"];
  if (!payload || !payload["requesttype"]) unknown(relative, "has no payload.requesttype");
  const auto name = payload["requesttype"].as<std::string>();
  Json out = {{"name", name}, {"file", relative}};
  Spans spans;
  out["os"] = Json::object();
  const Json all = platforms(payload, spans, relative);
  for (const auto& [platform, entry] : all.items()) {
    if (!entry.is_null()) out["os"][platform] = entry;
  }
  out["request"] = convert_keys(document["payloadkeys"], spans, relative);
  out["response"] = convert_keys(document["responsekeys"], spans, relative);
  return {name, out};
}

Result<std::map<std::string, Json>> convert_folder(const std::filesystem::path& schema,
                                                   const std::string& folder) {
  std::error_code ec;
  std::map<std::string, Json> messages;
  const std::filesystem::directory_iterator files(schema / folder, ec);
  if (ec)
    return fail(errc::not_found, (schema / folder).string() + ": cannot be listed",
                "give --schema a checkout of apple/device-management");
  for (const auto& entry : files) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string relative = folder + "/" + entry.path().filename().string();
    try {
      messages.insert(convert_message(entry.path(), relative));
    } catch (const std::exception& e) {
      return fail(errc::corrupt, relative + ": " + e.what(),
                  "teach tools/catalog/convert.cc what the schema's new release says");
    }
  }
  return messages;
}

Result<std::map<std::string, Json>> convert_folders(
    const std::vector<std::filesystem::path>& schemas, const std::string& folder) {
  std::map<std::string, Json> all;
  for (const auto& schema : schemas) {
    UNDERSTUDY_TRY(auto messages, convert_folder(schema, folder));
    if (schema != schemas.front()) {  // its files are not Apple's: say whose they are
      for (auto& [name, message] : messages) {
        message["file"] = schema.filename().string() + "/" + message["file"].get<std::string>();
      }
    }
    all.merge(messages);
    if (messages.empty()) continue;
    return fail(errc::already_exists, messages.begin()->first + " in " + schema.string(),
                "an earlier --schema has it too: remove one of the two files");
  }
  return all;
}

/// A line for the head of each message and one for each of its keys: what a release changed shows
/// as the lines it changed.
void write_keys(std::string& to, const Json& keys) {
  const char* before = "\n";
  for (const Json& key : keys) {
    to += before + key.dump();
    before = ",\n";
  }
}

void write_messages(std::string& to, const std::map<std::string, Json>& messages) {
  const char* before = "\n";
  for (const auto& [name, message] : messages) {
    to += std::string(before) + "{\"name\":" + message["name"].dump() +
          ",\"file\":" + message["file"].dump() + ",\"os\":" + message["os"].dump() +
          ",\"request\":[";
    write_keys(to, message["request"]);
    to += "],\"response\":[";
    write_keys(to, message["response"]);
    to += "]}";
    before = ",\n";
  }
}

}  // namespace

Result<std::string> convert(const std::vector<std::filesystem::path>& schemas) {
  UNDERSTUDY_TRY(const auto commands, convert_folders(schemas, "mdm/commands"));
  UNDERSTUDY_TRY(const auto checkins, convert_folders(schemas, "mdm/checkin"));
  std::string text = "{\"format\":1,\"commands\":[";
  write_messages(text, commands);
  text += "],\"checkins\":[";
  write_messages(text, checkins);
  text += "]}\n";
  return text;
}

}  // namespace understudy::catalog
