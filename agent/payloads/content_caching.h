#pragma once

/// The content cache of a Mac as profiles set it. Sources: mdm/profiles/
/// com.apple.AssetCache.managed.yaml, com.apple.applicationaccess.yaml.

#include <cstdint>
#include <string>
#include <vector>

#include "agent/device/device.h"

namespace understudy::agent {

struct ContentCache {
  bool activated = false;
  std::int64_t limit = 0;            ///< bytes; 0: as much as there is
  std::int64_t port = 0;             ///< 0: a free one
  bool personal = true;              ///< caches what people keep in iCloud
  std::vector<std::string> parents;  ///< addresses
};
ContentCache content_cache(const Device& device);

/// A profile came: the cache that it activates stays so when the profile goes.
void activate_content_cache(Device& device);

}  // namespace understudy::agent
