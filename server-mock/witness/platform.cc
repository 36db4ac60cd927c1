#include "server-mock/witness/platform.h"

#include <utility>

namespace understudy::server {

std::optional<mdm::Platform> platform_of(std::string_view product) {
  static constexpr std::pair<std::string_view, mdm::Platform> kProducts[] = {
      {"iPhone", mdm::Platform::ios},       {"iPad", mdm::Platform::ios},
      {"iPod", mdm::Platform::ios},         {"Mac", mdm::Platform::macos},
      {"iMac", mdm::Platform::macos},       {"AppleTV", mdm::Platform::tvos},
      {"Watch", mdm::Platform::watchos},    {"RealityDevice", mdm::Platform::visionos},
      {"VirtualMac", mdm::Platform::macos}, {"Xserve", mdm::Platform::macos}};
  for (const auto& [beginning, platform] : kProducts) {
    if (product.starts_with(beginning)) return platform;
  }
  return std::nullopt;
}

}  // namespace understudy::server
