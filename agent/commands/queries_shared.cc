/// DeviceInformation: what only a Shared iPad is asked; the Settings command sets it. Source:
/// mdm/commands/information.device.yaml.

#include <algorithm>
#include <array>

#include "agent/commands/queries.h"

namespace understudy::agent {
namespace {

/// "Starting with iOS 13.4, the value that returns is always 32": no model here runs an older one.
constexpr std::int64_t kMostUsers = 32;
/// Where nothing was set, and at the least. The schema names neither.
constexpr std::int64_t kQuotaMegabytes = 8000;
constexpr std::int64_t kSmallestQuotaMegabytes = 1000;

template <std::size_t N>
struct Name {
  char text[N];
  consteval Name(const char (&name)[N]) {  // NOLINT(google-explicit-constructor)
    for (std::size_t i = 0; i < N; ++i) text[i] = name[i];
  }
};

template <class T>
Answer set_or(const Device& device, std::string_view key, T otherwise) {
  if (!device.shared_ipad) return std::nullopt;
  const auto found = device.settings.shared_device.find(key);
  if (found != device.settings.shared_device.end()) return found->second;
  return plist::Value(std::move(otherwise));
}

template <Name Key>
Answer number(const Device& device, const Surroundings&) {
  return set_or(device, Key.text, std::int64_t{0});
}

template <Name Key>
Answer flag(const Device& device, const Surroundings&) {
  return set_or(device, Key.text, false);
}

template <Name Key>
Answer list(const Device& device, const Surroundings&) {
  return set_or(device, Key.text, plist::Array{});
}

std::int64_t free_megabytes(const Device& device, const Surroundings& around) {
  constexpr double kMegabytesPerGigabyte = 1000;
  return static_cast<std::int64_t>(free_gigabytes(device, around) * kMegabytesPerGigabyte);
}

/// What was set, or what is there shared among as many users as were announced.
std::int64_t quota_megabytes(const Device& device, const Surroundings& around) {
  const plist::Value set(device.settings.shared_device);
  const std::int64_t announced =
      std::clamp<std::int64_t>(set.int_at("ResidentUsers").value_or(0), 0, kMostUsers);
  const std::int64_t otherwise =
      announced == 0 ? kQuotaMegabytes : free_megabytes(device, around) / announced;
  return std::max(kSmallestQuotaMegabytes, set.int_at("QuotaSize").value_or(otherwise));
}

Answer quota(const Device& device, const Surroundings& around) {
  if (!device.shared_ipad) return std::nullopt;
  return quota_megabytes(device, around);
}

Answer estimated_users(const Device& device, const Surroundings& around) {
  if (!device.shared_ipad) return std::nullopt;
  return std::min(kMostUsers, free_megabytes(device, around) / quota_megabytes(device, around));
}

Answer most_users(const Device& device, const Surroundings&) {
  if (!device.shared_ipad) return std::nullopt;
  return kMostUsers;
}

Answer users_now(const Device& device, const Surroundings&) {
  if (!device.shared_ipad) return std::nullopt;
  return static_cast<std::int64_t>(device.users.size());
}

}  // namespace

std::span<const Query> shared_queries() {
  static constexpr auto kQueries = std::to_array<Query>({
      {"EstimatedResidentUsers", estimated_users},
      {"ManagedAppleIDDefaultDomains", list<"ManagedAppleIDDefaultDomains">},
      {"MaximumResidentUsers", most_users},
      {"OnlineAuthenticationGracePeriod", number<"OnlineAuthenticationGracePeriod">},
      {"QuotaSize", quota},
      {"ResidentUsers", users_now},
      {"SkipLanguageAndLocaleSetupForNewUsers", flag<"SkipLanguageAndLocaleSetupForNewUsers">},
      {"TemporarySessionOnly", flag<"TemporarySessionOnly">},
      {"TemporarySessionTimeout", number<"TemporarySessionTimeout">},
      {"UserSessionTimeout", number<"UserSessionTimeout">},
  });
  return kQueries;
}

}  // namespace understudy::agent
