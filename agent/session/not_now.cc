#include "agent/session/not_now.h"

#include <algorithm>
#include <array>
#include <span>

#include "agent/commands/progress.h"

namespace understudy::agent {
namespace {

/// iOS never says NotNow to these (8.12).
constexpr auto kNeverOnIos = std::to_array<std::string_view>(
    {"ClearPasscode", "DeviceInformation", "DeviceLock", "EraseDevice", "InstalledApplicationList",
     "ProfileList", "ProvisioningProfileList", "Restrictions"});

/// No source lists these. A device that is lost has to be found however it is locked, and starting
/// again needs nobody's data.
constexpr auto kNeedNoData =
    std::to_array<std::string_view>({"DeviceLocation", "DisableLostMode", "EnableLostMode",
                                     "PlayLostModeSound", "RestartDevice", "ShutDownDevice"});

/// Reported from a locked iPhone (8.13). What neither list names is performed.
constexpr auto kNeedUnlocked = std::to_array<std::string_view>(
    {"CertificateList", "InstallApplication", "InstallProfile", "InstallProvisioningProfile",
     "ManagedMediaList", "SecurityInfo"});

/// What a Mac does in Power Nap on its battery (8.14).
constexpr auto kInPowerNap = std::to_array<std::string_view>(
    {"ActivationLockBypassCode", "ClearActivationLockBypassCode", "DeleteUser", "DeviceLock",
     "EraseDevice", "RestartDevice", "ShutDownDevice", "UnlockUserAccount", "UserList"});

bool is_one_of(std::span<const std::string_view> list, std::string_view request_type) {
  return std::ranges::find(list, request_type) != list.end();
}

/// The lists are iOS's; a watch and a headset guard their data the same way.
bool has_passcode(const Device& device) {
  return device.hardware.platform != mdm::Platform::macos && !device.passcode.empty();
}

struct Question {
  const Device& device;
  std::string_view request_type;
  mdm::Channel channel;
};

const User* user_with_locked_keychain(const Device& device) {
  const User* user = user_on_channel(device);
  return user != nullptr && user->keychain_locked ? user : nullptr;
}

/// After an erasure, until DeviceConfigured lets somebody have it (11.4).
bool installs_before_service(const Device& device) {
  return device.setup.returned_to_service && device.setup.awaiting_configuration &&
         apps_installed_at(device) != 0;
}

struct Rule {
  std::string_view why;
  bool (*in_force)(const Device& device);
  bool (*hinders)(const Question& question);
  bool on_user_channel_only = false;
};

constexpr auto kRules = std::to_array<Rule>({
    // Nothing that its passcode protects can be read yet: an inference from 8.13 and 11.7.
    {"it has not been unlocked since it was started",
     [](const Device& device) { return device.waits_for_first_unlock && has_passcode(device); },
     [](const Question& question) {
       return !is_one_of(kNeverOnIos, question.request_type) &&
              !is_one_of(kNeedNoData, question.request_type);
     }},
    {"it is locked with a passcode",
     [](const Device& device) { return device.locked && has_passcode(device); },
     [](const Question& question) { return is_one_of(kNeedUnlocked, question.request_type); }},
    {"it sleeps on its battery, in Power Nap",
     [](const Device& device) {
       return device.hardware.platform == mdm::Platform::macos && device.power.power_nap &&
              device.power.unplugged;
     },
     [](const Question& question) { return !is_one_of(kInPowerNap, question.request_type); }},
    {"Setup Assistant has not ended",  // 8.16
     [](const Device& device) { return device.setup.awaiting_configuration; },
     [](const Question& question) {
       const mdm::Version sixteen{{16}};
       return question.request_type == "InviteToProgram" ||
              (question.request_type == "InstallApplication" &&
               question.device.hardware.platform == mdm::Platform::ios &&
               question.device.target().os < sixteen);
     }},
    {"it returns to service, and installs apps",  // 8.16; which commands is ours
     installs_before_service,
     [](const Question& question) {
       return question.request_type != "InstallApplication" &&
              !is_one_of(kNeverOnIos, question.request_type);
     }},
    {"its user's keychain is locked",  // 8.15
     [](const Device& device) { return user_with_locked_keychain(device) != nullptr; },
     [](const Question& question) {
       return question.channel == mdm::Channel::user &&
              (question.request_type == "InstallProfile" ||
               question.request_type == "RemoveProfile");
     },
     true},
    {"its user's configuration has not ended",  // 8.15
     [](const Device& device) { return device.setup.awaiting_user; },
     [](const Question& question) {
       return question.channel == mdm::Channel::user && question.request_type != "UserConfigured";
     },
     true},
});

}  // namespace

std::string_view why_not_now(const Device& device, std::string_view request_type,
                             mdm::Channel channel) {
  const Question question{device, request_type, channel};
  const auto found = std::ranges::find_if(
      kRules, [&](const Rule& rule) { return rule.in_force(device) && rule.hinders(question); });
  return found == kRules.end() ? std::string_view() : found->why;
}

bool can_now(const Device& device, std::string_view request_type, mdm::Channel channel) {
  if (!request_type.empty()) return why_not_now(device, request_type, channel).empty();
  return std::ranges::none_of(kRules, [&](const Rule& rule) {
    const bool is_here = !rule.on_user_channel_only || channel == mdm::Channel::user;
    return is_here && rule.in_force(device);
  });
}

std::optional<TimePoint> hindrance_ends(const Device& device) {
  if (!installs_before_service(device)) return std::nullopt;
  return TimePoint(std::chrono::seconds(apps_installed_at(device)));
}

}  // namespace understudy::agent
