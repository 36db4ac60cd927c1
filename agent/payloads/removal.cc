#include "agent/payloads/removal.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

namespace understudy::agent {
namespace {

std::int64_t in_seconds(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

/// <real> in the schema; an integer is one as well.
std::optional<double> duration_of(const plist::Dict& top) {
  const auto found = top.find("DurationUntilRemoval");
  if (found == top.end()) return std::nullopt;
  if (const double* real = found->second.if_real()) return *real;
  if (const auto number = found->second.if_int()) return static_cast<double>(*number);
  return std::nullopt;
}

}  // namespace

std::int64_t removal_time(const mdm::Profile& profile, TimePoint now) {
  constexpr double kLongest = 1e10;  // three centuries
  std::int64_t at = 0;
  const auto date = profile.top.find("RemovalDate");
  if (date != profile.top.end() && date->second.if_date() != nullptr) {
    at = in_seconds(date->second.if_date()->to_time());
  }
  const auto duration = duration_of(profile.top);
  if (!duration || !std::isfinite(*duration)) return at;
  const auto span = static_cast<std::int64_t>(std::clamp(*duration, 0.0, kLongest));
  const std::int64_t after = in_seconds(now) + span;
  return at == 0 ? after : std::min(at, after);
}

void remove_installed_profile(Device& device, const std::string& identifier) {
  std::erase_if(device.keychain,
                [&](const auto& item) { return item.profile_identifier == identifier; });
  std::erase_if(device.profiles,
                [&](const auto& installed) { return installed.identifier == identifier; });
}

bool remove_due_profiles(Device& device, TimePoint now) {
  std::vector<std::string> due;
  for (const InstalledProfile& profile : device.profiles) {
    const bool is_due = profile.remove_at != 0 && profile.remove_at <= in_seconds(now);
    if (is_due) due.push_back(profile.identifier);
  }
  bool changed = false;
  for (const std::string& identifier : due) {
    if (!device.enrollment || identifier != device.enrollment->profile_identifier) {
      remove_installed_profile(device, identifier);
      changed = true;
    } else if (device.enrollment->stage != Enrollment::Stage::leaving) {
      device.enrollment->stage = Enrollment::Stage::leaving;
      device.enrollment->removed_by_user = true;
      changed = true;
    }
  }
  return changed;
}

std::optional<TimePoint> next_removal(const Device& device) {
  std::int64_t next = 0;
  for (const InstalledProfile& profile : device.profiles) {
    if (profile.remove_at != 0 && (next == 0 || profile.remove_at < next)) next = profile.remove_at;
  }
  if (next == 0) return std::nullopt;
  return TimePoint(std::chrono::seconds(next));
}

std::string removal_password(const mdm::Profile& profile) {
  const auto payload =
      std::ranges::find(profile.payloads, "com.apple.profileRemovalPassword", &mdm::Payload::type);
  if (payload == profile.payloads.end()) return "";
  return plist::Value(payload->body).string_at("RemovalPassword").value_or("");
}

}  // namespace understudy::agent
