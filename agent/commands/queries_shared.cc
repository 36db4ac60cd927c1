/// DeviceInformation: what only a Shared iPad is asked; the Settings command sets it. Source:
/// mdm/commands/information.device.yaml.

#include <array>

#include "agent/commands/queries.h"

namespace understudy::agent {
namespace {

/// As many as fit, where no quota was set.
constexpr std::int64_t kResidentUsers = 10;
constexpr std::int64_t kQuotaMegabytes = 8000;

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

template <Name Key, std::int64_t Default = 0>
Answer number(const Device& device, const Surroundings&) {
  return set_or(device, Key.text, Default);
}

template <Name Key>
Answer flag(const Device& device, const Surroundings&) {
  return set_or(device, Key.text, false);
}

template <Name Key>
Answer list(const Device& device, const Surroundings&) {
  return set_or(device, Key.text, plist::Array{});
}

}  // namespace

std::span<const Query> shared_queries() {
  static constexpr auto kQueries = std::to_array<Query>({
      {"EstimatedResidentUsers", number<"ResidentUsers", kResidentUsers>},
      {"ManagedAppleIDDefaultDomains", list<"ManagedAppleIDDefaultDomains">},
      {"MaximumResidentUsers", number<"MaximumResidentUsers", kResidentUsers>},
      {"OnlineAuthenticationGracePeriod", number<"OnlineAuthenticationGracePeriod">},
      {"QuotaSize", number<"QuotaSize", kQuotaMegabytes>},
      {"ResidentUsers", number<"ResidentUsers", kResidentUsers>},
      {"SkipLanguageAndLocaleSetupForNewUsers", flag<"SkipLanguageAndLocaleSetupForNewUsers">},
      {"TemporarySessionOnly", flag<"TemporarySessionOnly">},
      {"TemporarySessionTimeout", number<"TemporarySessionTimeout">},
      {"UserSessionTimeout", number<"UserSessionTimeout">},
  });
  return kQueries;
}

}  // namespace understudy::agent
