#include "tools/catalog/keys.h"

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

namespace understudy::catalog {
namespace {

constexpr std::array<const char*, kPlatforms> kPlatformNames = {"iOS", "macOS", "tvOS", "visionOS",
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
  // "all" versions of what the key stands in.
  if (const auto introduced = text_at(entry, "introduced"); introduced && *introduced != "all") {
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
  put_flag(out, "multiple", entry, "multiple", false);
  put_flag(out, "user_approved", entry, "userapprovedmdm", false);
  put_flag(out, "by_hand", entry, "allowmanualinstall", true);
  return out.size() == 1 ? out["since"] : out;
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

/// Keys with all they contain. `open` are the lists we are inside of: a form that contains itself
/// (a folder on a home screen) is written once.
Json convert_list(const YAML::Node& keys, const Spans& outer, const std::string& where,
                  std::vector<YAML::Node>& open);

Json convert_key(const YAML::Node& node, Spans spans, const std::string& outer,
                 std::vector<YAML::Node>& open) {
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
  if (Json keys = convert_list(node["subkeys"], spans, where, open); !keys.empty())
    out["keys"] = std::move(keys);
  return out;
}

Json convert_list(const YAML::Node& keys, const Spans& outer, const std::string& where,
                  std::vector<YAML::Node>& open) {
  Json out = Json::array();
  const bool again =
      keys && std::ranges::any_of(open, [&](const YAML::Node& list) { return list.is(keys); });
  if (!keys || again) return out;
  open.push_back(keys);
  for (const YAML::Node& key : keys) out.push_back(convert_key(key, outer, where, open));
  open.pop_back();
  return out;
}

}  // namespace

void unknown(const std::string& where, const std::string& what) {
  throw std::runtime_error(where + ": " + what);
}

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

Json convert_keys(const YAML::Node& keys, const Spans& outer, const std::string& where) {
  std::vector<YAML::Node> open;
  return convert_list(keys, outer, where, open);
}

void write_keys(std::string& to, const Json& keys) {
  const char* before = "\n";
  for (const Json& key : keys) {
    to += before + key.dump();
    before = ",\n";
  }
}

}  // namespace understudy::catalog
