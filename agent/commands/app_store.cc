#include "agent/commands/app_store.h"

#include "shared/core/rng.h"

namespace understudy::agent {

std::int64_t store_version(std::string_view identifier_and_version) {
  constexpr std::uint64_t kFirst = 800'000'000;
  constexpr std::uint64_t kSpan = 100'000'000;
  return static_cast<std::int64_t>(kFirst + Rng(0).derive(identifier_and_version).next() % kSpan);
}

std::string store_identifier(std::int64_t store_id) {
  return "org.understudy.store." + std::to_string(store_id);
}

bool costs_money(std::int64_t store_id) {
  return store_id % 100 == 99;
}

std::string app_name(std::string_view identifier) {
  return std::string(identifier.substr(identifier.rfind('.') + 1));
}

std::string manifest_identifier(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  url = url.substr(url.rfind('/') + 1);
  url = url.substr(0, url.rfind('.'));
  return "org.understudy.manifest." + std::string(url.empty() ? "app" : url);
}

}  // namespace understudy::agent
