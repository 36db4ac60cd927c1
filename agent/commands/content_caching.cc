/// ContentCachingInformation. Source: mdm/commands/information.contentcaching.yaml.

#include "agent/payloads/content_caching.h"

#include <algorithm>

#include "agent/commands/handlers.h"

namespace understudy::agent {
namespace {

using plist::Array;
using plist::Dict;

std::int64_t free_port(const Surroundings& around, const std::string& label) {
  constexpr std::int64_t kFirst = 49152;
  constexpr std::uint64_t kHowMany = 16384;
  return kFirst + static_cast<std::int64_t>(query_rng(around, label).below(kHowMany));
}

/// Nobody has put anything in.
void add_contents(Dict& status, const Device& device, const ContentCache& cache) {
  for (const char* key :
       {"ActualCacheUsed", "CacheUsed", "PersonalCacheUsed", "TotalBytesDropped",
        "TotalBytesImported", "TotalBytesReturnedToChildren", "TotalBytesReturnedToClients",
        "TotalBytesReturnedToPeers", "TotalBytesStoredFromOrigin", "TotalBytesStoredFromParents",
        "TotalBytesStoredFromPeers"}) {
    status.emplace(key, 0);
  }
  constexpr double kBytesPerGigabyte = 1e9;
  const auto half = static_cast<std::int64_t>(device.hardware.capacity_gb * kBytesPerGigabyte / 2);
  const std::int64_t room = cache.limit > 0 ? std::min(cache.limit, half) : half;
  status.emplace("CacheFree", room);
  status.emplace("PersonalCacheFree", cache.personal ? room : 0);
  status.emplace("CacheLimit", cache.limit);
  status.emplace("CacheStatus", "OK");
  status.emplace("DataMigrationCompleted", true);
}

/// The caches that the profile names are taken at its word: no stand-in connects to them.
Array parents(const ContentCache& cache, const Surroundings& around) {
  Array list;
  for (const std::string& address : cache.parents) {
    Dict parent;
    parent.emplace("address", address);
    parent.emplace("details", Dict{});
    parent.emplace("guid", query_rng(around, "cache/" + address).uuid());
    parent.emplace("healthy", true);
    parent.emplace("port", free_port(around, "cache port/" + address));
    parent.emplace("version", "1");
    list.emplace_back(std::move(parent));
  }
  return list;
}

}  // namespace

Outcome content_caching_information(Device& device, const mdm::Command&,
                                    const Surroundings& around) {
  const ContentCache cache = content_cache(device);
  Dict status;
  status.emplace("Activated", cache.activated);
  status.emplace("Active", cache.activated);
  status.emplace("RegistrationStatus", cache.activated ? 1 : 0);
  status.emplace("StartupStatus", cache.activated ? "OK" : "PENDING");
  status.emplace("RestrictedMedia", false);
  status.emplace("TetheratorStatus", 0);
  for (const char* key : {"Alerts", "Peers", "PrivateAddresses"}) status.emplace(key, Array{});
  status.emplace("Parents", cache.activated ? parents(cache, around) : Array{});
  const std::int64_t port = cache.port != 0 ? cache.port : free_port(around, "cache port");
  status.emplace("Port", cache.activated ? port : 0);
  if (cache.activated) status.emplace("ServerGUID", query_rng(around, "cache").uuid());
  add_contents(status, device, cache);
  Dict body;
  body.emplace("StatusResponse", std::move(status));
  return Outcome::acknowledged(std::move(body));
}

}  // namespace understudy::agent
