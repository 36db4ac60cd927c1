#pragma once

/// A command for every row of the catalog: its least arguments follow from the schema, and where
/// only a meaning makes a value right (a token, a user that exists), a small table adds it.

#include <algorithm>
#include <functional>
#include <map>

#include "agent/commands/reply.h"
#include "agent/device/models.h"
#include "tests/unit/agent/commands/profile_samples.h"

namespace understudy::agent::test {

plist::Value least_value(const mdm::KeySpec& key, const mdm::Target& target);

inline std::string name_of(const mdm::KeySpec& key) {
  return key.name.starts_with("ANY") ? "Anything" : key.name;
}

/// The required members that exist for the target.
inline plist::Dict least_members(const std::vector<mdm::KeySpec>& keys, const mdm::Target& target) {
  plist::Dict dict;
  for (const mdm::KeySpec& key : keys) {
    if (!key.required || !exists_for(key, target)) continue;
    dict.emplace(name_of(key), least_value(key, target));
  }
  return dict;
}

inline plist::Array least_items(const mdm::KeySpec& key, const mdm::Target& target) {
  plist::Array items;
  const auto form = std::ranges::find_if(
      key.subkeys, [&](const mdm::KeySpec& candidate) { return exists_for(candidate, target); });
  if (form != key.subkeys.end()) items.emplace_back(least_value(*form, target));
  return items;
}

/// Of its type, its first choice, within its range.
inline plist::Value least_value(const mdm::KeySpec& key, const mdm::Target& target) {
  switch (key.type) {
    case mdm::KeyType::boolean:
      return true;
    case mdm::KeyType::integer:
      return key.choices.empty() ? static_cast<std::int64_t>(key.min.value_or(1))
                                 : std::int64_t{std::stoll(key.choices.front())};
    case mdm::KeyType::real:
      return key.min.value_or(0.5);
    case mdm::KeyType::data:
      return Bytes{1, 2, 3};
    case mdm::KeyType::date:
      return plist::Date{800'000'000};
    case mdm::KeyType::array:
      return least_items(key, target);
    case mdm::KeyType::dictionary:
      return least_members(key.subkeys, target);
    case mdm::KeyType::string:
    case mdm::KeyType::any:
      return key.choices.empty() ? std::string("text") : key.choices.front();
  }
  return {};
}

inline ManagedApp managed_app(const std::string& status = "Managed") {
  ManagedApp app;
  app.identifier = "org.example.app";
  app.name = "app";
  app.version = "1.0";
  app.status = status;
  app.flags = 1;
  app.configuration = {{"Server", "https://example.org"}};
  app.attributes = {{"Removable", false}};
  app.feedback = {{"Started", true}};
  return app;
}

inline User user(const std::string& name) {
  User made;
  made.name = name;
  made.full_name = "User " + name;
  made.guid = "GUID-" + name;
  made.uid = 510;
  return made;
}

inline Bytes provisioning_profile(const std::string& uuid) {
  return sign(plist::Dict{
      {"UUID", uuid}, {"Name", "Provisioning"}, {"ExpirationDate", plist::Date{900'000'000}}});
}

/// Adds what only a meaning makes right, to the arguments or to the device.
using Preparation = std::function<void(Enrolled& enrolled, plist::Dict& keys)>;

inline Preparation with(const char* key, plist::Value value) {
  return [=](Enrolled&, plist::Dict& keys) { keys[key] = value; };
}

inline void be_lost(Enrolled& enrolled, plist::Dict&) {
  enrolled.device.lost_mode.on = true;
}

inline Preparation with_app(const char* status, const char* key, plist::Value value) {
  return [=](Enrolled& enrolled, plist::Dict& keys) {
    enrolled.device.managed_apps = {managed_app(status)};
    keys[key] = value;
  };
}

inline void rotate_personal_key(Enrolled& enrolled, plist::Dict& keys) {
  enrolled.device.mac.file_vault = {true, "OLD-KEY", {}};
  keys["KeyType"] = "personal";
  keys["FileVaultUnlock"] = plist::Dict{{"Password", "OLD-KEY"}};
  keys["ReplyEncryptionCertificate"] = device_identity().certificate.der();
}

inline void ask_everything(Enrolled&, plist::Dict& keys) {
  plist::Array names;
  const auto& queries = mdm::Catalog::builtin().command("DeviceInformation")->request.at(0);
  for (const auto& query : queries.subkeys.at(0).subkeys) names.emplace_back(query.name);
  keys["Queries"] = std::move(names);
}

inline const std::map<std::string, Preparation, std::less<>>& preparations() {
  const plist::Array app = {"org.example.app"};
  const auto with_user = [](const char* name, bool by_mdm) {
    return [=](Enrolled& enrolled, plist::Dict& keys) {
      enrolled.device.users.push_back(user(name));
      enrolled.device.users.back().made_by_mdm = by_mdm;
      keys[by_mdm ? "GUID" : "UserName"] = by_mdm ? std::string("GUID-") + name : name;
    };
  };
  static const std::map<std::string, Preparation, std::less<>> kAll = {
      {"AccountConfiguration",
       [](Enrolled& e, plist::Dict& k) {
         e.device.setup.awaiting_configuration = true;
         k["AutoSetupAdminAccounts"] =
             plist::Array{plist::Dict{{"shortName", "admin"}, {"passwordHash", Bytes{1, 2, 3}}}};
       }},
      {"ApplyRedemptionCode", with_app("NeedsRedemption", "Identifier", "org.example.app")},
      {"CancelEnhancedLogCollection",
       [](Enrolled& e, plist::Dict&) { e.device.log_collection_token = "T"; }},
      {"ClearPasscode",
       [](Enrolled& e, plist::Dict& k) { k["UnlockToken"] = e.device.enrollment->unlock_token; }},
      {"ClearRestrictionsPassword",
       [](Enrolled& e, plist::Dict&) { e.device.restrictions_password = "1234"; }},
      {"DeleteUser", with_user("ann", false)},
      {"DeviceConfigured",
       [](Enrolled& e, plist::Dict&) { e.device.setup.awaiting_configuration = true; }},
      {"DeviceInformation", ask_everything},
      {"DeviceLocation", be_lost},
      {"DeviceLock",
       [](Enrolled&, plist::Dict& k) {
         k["PIN"] = "123456";
         k["Message"] = "Call home";
       }},
      {"DisableLostMode", be_lost},
      {"DisableRemoteDesktop",
       [](Enrolled& e, plist::Dict&) { e.device.mac.remote_desktop = true; }},
      {"EnableLostMode", with("Message", "Call home")},
      {"InstallApplication", with("iTunesStoreID", 361309726)},
      {"InstallEnterpriseApplication", with("ManifestURL", "https://example.org/app.plist")},
      {"InstallMedia", with("iTunesStoreID", 361309726)},
      {"InstallProfile", with("Payload", sign(profile("org.example.new", {root_certificate()})))},
      {"InstallProvisioningProfile", with("ProvisioningProfile", provisioning_profile("V1"))},
      {"InviteToProgram", with("InvitationURL", "https://vpp.example.org/invitation")},
      {"LogOutUser",
       [](Enrolled& e, plist::Dict&) {
         e.device.users.push_back(user("ann"));
         e.device.users.back().logged_in = true;
       }},
      {"ManagedApplicationAttributes", with_app("Managed", "Identifiers", app)},
      {"ManagedApplicationConfiguration", with_app("Managed", "Identifiers", app)},
      {"ManagedApplicationFeedback",
       [=](Enrolled& e, plist::Dict& k) {
         e.device.managed_apps = {managed_app()};
         k["Identifiers"] = app;
         k["DeleteFeedback"] = true;
       }},
      {"ManagedApplicationList", with_app("Managed", "Identifiers", app)},
      {"ManagedMediaList",
       [](Enrolled& e, plist::Dict&) {
         e.device.books = {{7, "b", "", "pdf", "1", "A", "T", "Managed"}};
       }},
      {"PlayLostModeSound", be_lost},
      {"ProvisioningProfileList",
       [](Enrolled& e, plist::Dict&) { e.device.provisioning = {{"V1", "Name", {9}, true}}; }},
      {"RefreshCellularPlans", with("eSIMServerURL", "https://esim.example.org")},
      {"RemoveApplication", with_app("Managed", "Identifier", "org.example.app")},
      {"RemoveMedia",
       [](Enrolled& e, plist::Dict& k) {
         e.device.books = {{7, "b", "", "pdf", "1", "A", "T", "Managed"}};
         k["iTunesStoreID"] = "7";
       }},
      {"RemoveProfile",
       [](Enrolled& e, plist::Dict& k) {
         e.device.profiles.push_back({"org.example.old", "U", {1}, true});
         k["Identifier"] = "org.example.old";
       }},
      {"RemoveProvisioningProfile",
       [](Enrolled& e, plist::Dict& k) {
         e.device.provisioning = {{"V1", "Name", {}, true}};
         k["UUID"] = "V1";
       }},
      {"RequestMirroring", with("DestinationName", "Meeting room")},
      {"RotateFileVaultKey", rotate_personal_key},
      {"ScheduleOSUpdate", with("Updates", plist::Array{plist::Dict{{"InstallAction", "Default"},
                                                                    {"ProductVersion", "18.1"}}})},
      {"SetAutoAdminPassword", with_user("admin", true)},
      {"StopMirroring", [](Enrolled& e, plist::Dict&) { e.device.mirroring_to = "TV"; }},
      {"UnlockUserAccount",
       [](Enrolled& e, plist::Dict& k) {
         e.device.users.push_back(user("ann"));
         e.device.users.back().locked_out = true;
         k["UserName"] = "ann";
       }},
      {"UserConfigured", [](Enrolled& e, plist::Dict&) { e.device.setup.awaiting_user = true; }},
      {"UserList", with_user("ann", false)},
      {"ValidateApplications",
       [](Enrolled& e, plist::Dict&) { e.device.managed_apps = {managed_app()}; }},
  };
  return kAll;
}

/// What the hardware of a device leaves out, whatever the schema says.
inline bool hardware_lacks(const std::string& type, const Hardware& hardware) {
  if (type.ends_with("FirmwarePassword")) return hardware.apple_silicon;
  if (type.ends_with("RecoveryLock")) return !hardware.apple_silicon;
  if (type.starts_with("LOM")) return !hardware.apple_silicon || hardware.ethernet_mac.empty();
  return type == "RefreshCellularPlans" && hardware.imei.empty();
}

/// Arguments that the device, made ready for them, acknowledges.
inline plist::Dict sample_arguments(const mdm::MessageSpec& spec, Enrolled& enrolled) {
  plist::Dict keys = least_members(spec.request, enrolled.target());
  const auto preparation = preparations().find(spec.name);
  if (preparation != preparations().end()) preparation->second(enrolled, keys);
  return keys;
}

/// Devices of every sort that the rules tell apart.
struct Stand {
  FactoryOptions options;
  mdm::Channel channel = mdm::Channel::device;
};

/// Of those that the model runs.
inline std::string oldest_release(const std::string& model) {
  const Personality* personality = find_personality(model);
  const Model* found = find_model(personality == nullptr ? model : personality->models.front());
  return releases_of(*found).front()->version;
}

inline std::vector<Stand> stands() {
  std::vector<Stand> all;
  for (const char* model :
       {"iphone", "ipad", "mac", "Mac14,3", "mac-intel", "appletv", "visionpro", "watch"}) {
    for (const int trust : {0, 1, 2}) {  // nothing, supervised, and enrolled automatically too
      FactoryOptions options{model, "", trust > 0, trust > 1, false};
      FactoryOptions newer = options;  // than the schema
      newer.os_version = "27.0";
      newer.build_version = "24A1";
      if (std::string_view(model) == "mac-intel") newer = options;  // gets no such release
      FactoryOptions oldest = options;
      oldest.os_version = oldest_release(model);
      for (const FactoryOptions& one : {options, newer, oldest}) {
        all.push_back({one});
        if (std::string_view(model).starts_with("m") || model[0] == 'M') {
          all.push_back({one, mdm::Channel::user});
        }
      }
    }
  }
  const FactoryOptions shared{"ipad", "", true, true, true};
  all.push_back({shared});
  all.push_back({shared, mdm::Channel::user});
  return all;
}

}  // namespace understudy::agent::test
