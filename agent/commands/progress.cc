#include "agent/commands/progress.h"

#include <algorithm>

#include "agent/commands/app_store.h"
#include "agent/payloads/removal.h"
#include "agent/payloads/restart.h"

namespace understudy::agent {
namespace {

/// What a status becomes by itself, and when.
struct Step {
  std::string_view from, to;
  std::int64_t after_seconds;
};
constexpr auto kSteps = std::to_array<Step>({
    {"Queued", "Installing", kAppWaitSeconds},
    {"Prompting", "Installing", kAppWaitSeconds},
    {"Redeeming", "Installing", kAppWaitSeconds},
    {"Installing", "Managed", kAppInstallSeconds},
    {"Updating", "Managed", kAppInstallSeconds},
    {"PromptingForManagement", "Managed", kAppWaitSeconds},
});

/// The app is there, and its server's.
void finish(Device& device, const ManagedApp& managed) {
  const auto old = std::ranges::find(device.apps, managed.identifier, &InstalledApp::identifier);
  if (old != device.apps.end()) {
    old->managed = true;
    old->version = old->short_version = managed.version;
    return;
  }
  constexpr std::int64_t kBundleSize = 25'000'000;
  device.apps.push_back(
      {managed.identifier, managed.name, managed.version, managed.version, kBundleSize, 0, true});
}

void move_on(Device& device, ManagedApp& app, std::int64_t now) {
  for (;;) {
    const auto step = std::ranges::find(kSteps, app.status, &Step::from);
    if (step == kSteps.end() || now - app.changed_at < step->after_seconds) return;
    app.status = step->to;
    app.changed_at += step->after_seconds;
    if (app.status == "Managed") finish(device, app);
  }
}

void install_system(Device& device, const OsUpdate& update) {
  device.hardware.os_version = update.version;
  device.hardware.build_version = update.build;
  restart(device);
}

}  // namespace

std::int64_t now_seconds(const Surroundings& around) {
  return std::chrono::duration_cast<std::chrono::seconds>(around.clock.now().time_since_epoch())
      .count();
}

std::int64_t apps_installed_at(const Device& device) {
  std::int64_t last = 0;
  for (const ManagedApp& app : device.managed_apps) {
    std::int64_t at = app.changed_at;
    std::string_view status = app.status;
    auto step = std::ranges::find(kSteps, status, &Step::from);
    if (step == kSteps.end()) continue;
    for (; step != kSteps.end(); step = std::ranges::find(kSteps, status, &Step::from)) {
      at += step->after_seconds;
      status = step->to;
    }
    last = std::max(last, at);
  }
  return last;
}

void catch_up(Device& device, const Surroundings& around) {
  const std::int64_t now = now_seconds(around);
  remove_due_profiles(device, around.clock.now());
  for (ManagedApp& app : device.managed_apps) move_on(device, app, now);
  for (OsUpdate& update : device.os_updates) {
    update.downloaded = update.downloaded || now - update.started_at >= kDownloadSeconds;
  }
  const auto due = std::ranges::find_if(device.os_updates, [&](const OsUpdate& update) {
    return update.install_at != 0 && update.downloaded && now >= update.install_at;
  });
  if (due == device.os_updates.end()) return;
  install_system(device, *due);
  device.os_updates.clear();  // what else was fetched was for the old system
}

}  // namespace understudy::agent
