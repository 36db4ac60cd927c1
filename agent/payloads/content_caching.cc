#include "agent/payloads/content_caching.h"

#include "agent/payloads/in_force.h"

namespace understudy::agent {
namespace {

std::vector<std::string> addresses(const plist::Value& keys) {
  std::vector<std::string> found;
  const plist::Value* list = keys.find("Parents");
  if (list == nullptr || list->if_array() == nullptr) return found;
  for (const plist::Value& address : *list->if_array()) {
    if (const std::string* text = address.if_string()) found.push_back(*text);
  }
  return found;
}

}  // namespace

ContentCache content_cache(const Device& device) {
  ContentCache cache;
  cache.activated = device.content_caching;
  // There may be one such payload only (multiple: false).
  for (const auto& payload : payloads_in_force(device, {"com.apple.AssetCache.managed"})) {
    const plist::Value& keys = payload.keys;
    cache.activated = cache.activated || keys.bool_at("AutoActivation").value_or(false);
    cache.limit = keys.int_at("CacheLimit").value_or(0);
    cache.port = keys.int_at("Port").value_or(0);
    cache.personal = keys.bool_at("AllowPersonalCaching").value_or(true);
    cache.parents = addresses(keys);
  }
  cache.activated = cache.activated && is_allowed(device, "allowContentCaching");
  return cache;
}

void activate_content_cache(Device& device) {
  if (content_cache(device).activated) device.content_caching = true;
}

}  // namespace understudy::agent
