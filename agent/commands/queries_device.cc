/// DeviceInformation: what the device is and how it is set. Source: mdm/commands/
/// information.device.yaml.

#include <algorithm>
#include <array>

#include "agent/commands/queries.h"

namespace understudy::agent {
namespace {

using H = Hardware;

Answer device_name(const Device& device, const Surroundings&) {
  return device.name;
}

/// An Intel Mac has none.
Answer model_number(const Device& device, const Surroundings&) {
  if (!device.hardware.apple_silicon) return std::nullopt;
  return device.hardware.model_number;
}

Answer capacity(const Device& device, const Surroundings&) {
  return device.hardware.capacity_gb;
}

Answer free_capacity(const Device& device, const Surroundings& around) {
  return free_gigabytes(device, around);
}

/// -1 where there is no battery to read.
Answer battery_level(const Device& device, const Surroundings& around) {
  if (!device.hardware.battery) return -1.0;
  if (device.power.percent) return static_cast<double>(*device.power.percent) / 100;
  return static_cast<double>(20 + query_rng(around, "battery").below(81)) / 100;
}

Answer supervised(const Device& device, const Surroundings&) {
  return device.supervised;
}

Answer multi_user(const Device& device, const Surroundings&) {
  return device.target().shared_ipad;
}

Answer exchange_id(const Device&, const Surroundings& around) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
  constexpr std::size_t kLength = 26;
  Rng rng = query_rng(around, "exchange");
  std::string id;
  while (id.size() < kLength) id.push_back(kAlphabet[rng.below(kAlphabet.size())]);
  return id;
}

/// A box under a television names itself by its network address.
Answer television_id(const Device& device, const Surroundings&) {
  std::string id = device.hardware.wifi_mac;
  std::ranges::transform(id, id.begin(), [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return id;
}

Answer time_zone(const Device& device, const Surroundings&) {
  return device.settings.time_zone.empty() ? "Etc/UTC" : device.settings.time_zone;
}

Answer organization(const Device& device, const Surroundings&) {
  if (device.settings.organization.empty()) return std::nullopt;
  return device.settings.organization;
}

/// Defaults, and over them what the Settings command said.
plist::Dict with_defaults(plist::Dict set, plist::Dict defaults) {
  set.merge(defaults);
  return set;
}

Answer mdm_options(const Device& device, const Surroundings&) {
  const bool bootstrap_token =
      device.enrollment && device.enrollment->server_can("com.apple.mdm.bootstraptoken");
  plist::Dict options;
  options.emplace("ActivationLockAllowedWhileSupervised", false);
  options.emplace("BootstrapTokenAllowed", bootstrap_token);
  options.emplace("PromptUserToAllowBootstrapTokenForAuthentication", false);
  return with_defaults(device.settings.mdm_options, std::move(options));
}

Answer update_settings(const Device& device, const Surroundings&) {
  plist::Dict settings;
  settings.emplace("RecommendationsCadence", device.settings.update_cadence);
  return settings;
}

Answer accessibility(const Device& device, const Surroundings&) {
  plist::Dict settings;
  for (const char* key : {"BoldTextEnabled", "IncreaseContrastEnabled", "ReduceMotionEnabled",
                          "ReduceTransparencyEnabled", "TouchAccommodationsEnabled",
                          "VoiceOverEnabled", "ZoomEnabled", "GrayscaleEnabled"}) {
    settings.emplace(key, false);
  }
  settings.emplace("TextSize", -1);  // never set
  return with_defaults(device.settings.accessibility, std::move(settings));
}

Answer lost(const Device& device, const Surroundings&) {
  return device.lost_mode.on;
}

/// On the user channel it is UserConfigured that is waited for, and a Shared iPad that waits.
Answer awaiting(const Device& device, const Surroundings& around) {
  if (around.channel == mdm::Channel::user) {
    return device.shared_ipad && device.setup.awaiting_user;
  }
  return device.setup.awaiting_configuration;
}

/// The user channel's, as its TokenUpdate has it; on the device channel the question is ignored.
Answer push_token(const Device& device, const Surroundings& around) {
  if (around.channel != mdm::Channel::user || !device.enrollment) return std::nullopt;
  const auto& channel = device.enrollment->user_channel;
  if (!channel || channel->topic_token.empty()) return std::nullopt;
  return channel->topic_token;
}

Answer diagnostics(const Device& device, const Surroundings&) {
  return device.settings.diagnostics;
}

Answer app_analytics(const Device& device, const Surroundings&) {
  return device.settings.app_analytics;
}

}  // namespace

double free_gigabytes(const Device& device, const Surroundings& around) {
  const double share = 0.2 + 0.6 * query_rng(around, "free").fraction();
  const auto hundredths = static_cast<std::int64_t>(device.hardware.capacity_gb * share * 100);
  return static_cast<double>(hundredths) / 100;
}

Answer answer(const Query& query, const Device& device, const Surroundings& around) {
  if (const auto* fixed = std::get_if<bool>(&query.source)) return *fixed;
  if (const auto* member = std::get_if<std::string H::*>(&query.source)) {
    const std::string& text = device.hardware.*(*member);
    if (text.empty()) return std::nullopt;
    return text;
  }
  return std::get<Answer (*)(const Device&, const Surroundings&)>(query.source)(device, around);
}

// Not here, and so never answered: what belongs to accounts, backups and rapid responses (there are
// none), and attestation, whose root only Apple has.
std::span<const Query> device_queries() {
  static constexpr auto kQueries = std::to_array<Query>({
      {"AccessibilitySettings", accessibility},
      {"AppAnalyticsEnabled", app_analytics},
      {"AvailableDeviceCapacity", free_capacity},
      {"AwaitingConfiguration", awaiting},
      {"BatteryLevel", battery_level},
      {"BuildVersion", &H::build_version},
      {"DeviceCapacity", capacity},
      {"DeviceID", television_id},
      {"DeviceName", device_name},
      {"DiagnosticSubmissionEnabled", diagnostics},
      {"EASDeviceIdentifier", exchange_id},
      {"IMEI", &H::imei},
      {"IsActivationLockEnabled", false},
      {"IsCloudBackupEnabled", false},
      {"IsDeviceLocatorServiceEnabled", false},
      {"IsDoNotDisturbInEffect", false},
      {"IsMDMLostModeEnabled", lost},
      {"IsMultiUser", multi_user},
      {"IsSupervised", supervised},
      {"MDMOptions", mdm_options},
      {"MEID", &H::meid},
      {"Model", &H::model},
      {"ModelName", &H::model_name},
      {"ModelNumber", model_number},
      {"OSVersion", &H::os_version},
      {"OrganizationInfo", organization},
      {"ProductName", &H::product_name},
      {"PushToken", push_token},
      {"SerialNumber", &H::serial_number},
      {"SoftwareUpdateDeviceID", &H::update_id},
      {"SoftwareUpdateSettings", update_settings},
      {"SupplementalBuildVersion", &H::build_version},
      {"TimeZone", time_zone},
      {"UDID", &H::udid},
      {"iTunesStoreAccountIsActive", false},
  });
  return kQueries;
}

}  // namespace understudy::agent
