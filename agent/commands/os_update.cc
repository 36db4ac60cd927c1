/// AvailableOSUpdates, OSUpdateStatus, ScheduleOSUpdate, ScheduleOSUpdateScan. Sources:
/// mdm/commands/system.update.*.yaml; docs/protocol/device-facts.md 11.9.

#include <algorithm>

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"
#include "agent/commands/progress.h"
#include "agent/device/models.h"
#include "agent/payloads/software_update.h"

namespace understudy::agent {
namespace {

using plist::Dict;
using plist::Value;

bool is_mac(const Device& device) {
  return device.hardware.platform == mdm::Platform::macos;
}

int major(std::string_view version) {
  const auto parsed = mdm::Version::parse(version);
  return parsed && !parsed->parts.empty() ? parsed->parts.front() : 0;
}

/// Newer than what runs: the newest of the same major version, and the newest of all.
std::vector<Release> updates_for(const Device& device) {
  std::vector<Release> found;
  const auto now = device.target().os;
  const Model* model = find_model(device.hardware.product_name);
  for (const Release& release : releases()) {
    if (release.platform != device.hardware.platform || release.number <= now) continue;
    if (model != nullptr && !model->runs(release)) continue;
    std::erase_if(found,
                  [&](const Release& old) { return major(old.version) == major(release.version); });
    found.push_back(release);
  }
  return found;
}

std::string product_key(const Device& device, const Release& release) {
  const std::string build(release.build);
  if (!is_mac(device)) {
    return std::string(mdm::platform_name(device.hardware.platform)) + "Update" + build;
  }
  const bool same_major = major(release.version) == major(device.hardware.os_version);
  return "MSU_UPDATE_" + build + "_patch_" + std::string(release.version) +
         (same_major ? "_minor" : "_major");
}

/// A Mac tells until when a profile withholds an update. No release has a date here: it counts from
/// the day a scan found it, or from now where none was asked for.
void add_deferral(Dict& entry, const Device& device, bool is_major, std::int64_t now) {
  constexpr std::int64_t kSecondsPerDay = 86400;
  const std::int64_t days = update_delay_days(device, is_major);
  const std::int64_t found = device.update_scan_at == 0 ? now : device.update_scan_at;
  const std::int64_t until = found + days * kSecondsPerDay;
  if (!is_mac(device) || days == 0 || until <= now) return;
  entry.emplace("DeferredUntil", plist::Date::from_time(TimePoint(std::chrono::seconds(until))));
}

Dict describe(const Device& device, const Release& release, std::int64_t now) {
  const std::string name(mdm::platform_name(device.hardware.platform));
  const std::string full_name = name + " " + std::string(release.version);
  constexpr std::uint64_t kSmallest = 1'200'000'000;
  constexpr std::uint64_t kSpread = 4'000'000'000;
  const auto size =
      static_cast<std::int64_t>(kSmallest + Rng(0).derive(release.build).next() % kSpread);
  Dict entry;
  entry.emplace("ProductKey", product_key(device, release));
  entry.emplace("HumanReadableName", full_name);
  entry.emplace("HumanReadableNameLocale", "en");
  entry.emplace("MetadataURL", "");
  entry.emplace("ProductName", name);
  entry.emplace("Version", release.version);
  entry.emplace("Build", release.build);
  entry.emplace("DownloadSize", size);
  entry.emplace("InstallSize", size + size / 2);
  entry.emplace("AppIdentifiersToClose", plist::Array{});
  const bool is_major = major(release.version) > major(device.hardware.os_version);
  entry.emplace("IsMajorOSUpdate", is_major);
  add_deferral(entry, device, is_major, now);
  for (const char* key : {"RestartRequired", "AllowsInstallLater"}) entry.emplace(key, true);
  for (const char* key :
       {"IsCritical", "IsConfigDataUpdate", "IsFirmwareUpdate", "IsSecurityResponse"}) {
    entry.emplace(key, false);
  }
  entry.emplace("RequiresBootstrapToken", device.hardware.apple_silicon);
  return entry;
}

OsUpdate* find_scheduled(Device& device, const std::string& key) {
  const auto found = std::ranges::find(device.os_updates, key, &OsUpdate::product_key);
  return found == device.os_updates.end() ? nullptr : &*found;
}

/// The update that one element of Updates names; nullopt when there is none such.
std::optional<Release> named_by(const Device& device, const Value& item) {
  const auto key = item.string_at("ProductKey");
  const auto version = item.string_at("ProductVersion");
  for (const Release& release : updates_for(device)) {
    if (key ? product_key(device, release) == *key : version && *version == release.version) {
      return release;
    }
  }
  return std::nullopt;
}

Dict failed(const std::string& key, std::int64_t code, const std::string& why) {
  Dict result;
  result.emplace("ProductKey", key);
  result.emplace("InstallAction", "Error");
  result.emplace("Status", "Idle");
  result.emplace("ErrorChain", mdm::to_plist(mdm::ErrorChain{{mdm::kMdmErrorDomain, code, why}}));
  return result;
}

bool is_for_macs(const std::string& action) {
  return action == "NotifyOnly" || action == "InstallLater" || action == "InstallForceRestart";
}

std::optional<Dict> refuse_action(const Device& device, const std::string& key,
                                  const std::string& action, bool downloaded) {
  if (!is_mac(device) && is_for_macs(action)) {
    return failed(key, codes::kUpdateInstallFailed, action + " is an action of Macs.");
  }
  if (!is_for_macs(action) && action != "DownloadOnly" && action != "InstallASAP") {
    return failed(key, codes::kUpdateInstallFailed, "InstallAction is none that exists.");
  }
  // Elsewhere than on a Mac this installs what was fetched before.
  if (!is_mac(device) && action == "InstallASAP" && !downloaded) {
    return failed(key, codes::kUpdateNeedsDownload, "The update is not downloaded yet.");
  }
  return std::nullopt;
}

/// When the installation begins, in seconds since 1970; 0: not by itself.
std::int64_t install_time(const OsUpdate& update, std::int64_t now) {
  if (update.action == "DownloadOnly" || update.action == "NotifyOnly") return 0;
  const std::int64_t fetched = update.downloaded ? now : update.started_at + kDownloadSeconds;
  const bool tonight = update.action == "InstallLater";
  return fetched + (tonight ? kInstallLaterSeconds : kOsInstallSeconds);
}

Dict schedule(Device& device, const Value& item, std::int64_t now) {
  const std::string named =
      item.string_at("ProductKey").value_or(item.string_at("ProductVersion").value_or(""));
  const auto release = named_by(device, item);
  if (!release) return failed(named, codes::kNoUpdateAvailable, "There is no such update.");
  const std::string key = product_key(device, *release);
  OsUpdate* update = find_scheduled(device, key);
  const bool downloaded = update != nullptr && update->downloaded;
  std::string action = item.string_at("InstallAction").value_or("");
  if (action == "Default") action = downloaded ? "InstallASAP" : "DownloadOnly";
  if (const auto refusal = refuse_action(device, key, action, downloaded)) return *refusal;
  if (update == nullptr) {
    update = &device.os_updates.emplace_back();
    update->product_key = key;
    update->version = release->version;
    update->build = release->build;
    update->started_at = now;
  }
  update->action = action;
  update->install_at = install_time(*update, now);
  update->max_deferrals = item.int_at("MaxUserDeferrals").value_or(0);
  Dict result;
  result.emplace("ProductKey", key);
  result.emplace("InstallAction", action);
  result.emplace("Status", !downloaded               ? "Downloading"
                           : update->install_at != 0 ? "Installing"
                                                     : "Idle");
  return result;
}

Dict status_of(const OsUpdate& update, std::int64_t now) {
  const auto passed = static_cast<double>(now - update.started_at);
  const bool installs =
      update.downloaded && update.install_at != 0 && update.action != "InstallLater";
  Dict entry;
  entry.emplace("ProductKey", update.product_key);
  entry.emplace("IsDownloaded", update.downloaded);
  entry.emplace("DownloadPercentComplete",
                update.downloaded ? 1.0 : std::clamp(passed / kDownloadSeconds, 0.0, 1.0));
  entry.emplace("Status", !update.downloaded ? "Downloading" : installs ? "Installing" : "Idle");
  entry.emplace("MaxDeferrals", update.max_deferrals);
  entry.emplace("DeferralsRemaining", update.max_deferrals);
  if (update.install_at != 0) {
    entry.emplace("NextScheduledInstall",
                  plist::Date::from_time(TimePoint(std::chrono::seconds(update.install_at))));
  }
  entry.emplace("PastNotifications", plist::Array{});
  return entry;
}

}  // namespace

Outcome available_os_updates(Device& device, const mdm::Command&, const Surroundings& around) {
  plist::Array updates;
  for (const Release& release : updates_for(device)) {
    updates.emplace_back(describe(device, release, now_seconds(around)));
  }
  Dict body;
  body.emplace("AvailableOSUpdates", std::move(updates));
  return Outcome::acknowledged(std::move(body));
}

Outcome os_update_status(Device& device, const mdm::Command&, const Surroundings& around) {
  plist::Array list;
  for (const OsUpdate& update : device.os_updates) {
    list.emplace_back(status_of(update, now_seconds(around)));
  }
  Dict body;
  body.emplace("OSUpdateStatus", std::move(list));
  return Outcome::acknowledged(std::move(body));
}

Outcome schedule_os_update(Device& device, const mdm::Command& command,
                           const Surroundings& around) {
  plist::Array results;
  for (const Value& item : array_argument(command, "Updates")) {
    results.emplace_back(schedule(device, item, now_seconds(around)));
  }
  Dict body;
  body.emplace("UpdateResults", std::move(results));
  return Outcome::acknowledged(std::move(body));
}

Outcome schedule_os_update_scan(Device& device, const mdm::Command&, const Surroundings& around) {
  device.update_scan_at = now_seconds(around);
  Dict body;
  body.emplace("ScanInitiated", true);
  return Outcome::acknowledged(std::move(body));
}

}  // namespace understudy::agent
