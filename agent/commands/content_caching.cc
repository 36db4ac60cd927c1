/// ContentCachingInformation. Source: mdm/commands/information.contentcaching.yaml.

#include "agent/commands/handlers.h"

namespace understudy::agent {

Outcome content_caching_information(Device& device, const mdm::Command&, const Surroundings&) {
  // Nobody has switched it on, so there is nothing in it and nobody it knows.
  plist::Dict status;
  for (const char* key : {"Activated", "Active", "RestrictedMedia"}) status.emplace(key, false);
  for (const char* key :
       {"ActualCacheUsed", "CacheUsed", "PersonalCacheUsed", "Port", "TotalBytesDropped",
        "TotalBytesImported", "TotalBytesReturnedToChildren", "TotalBytesReturnedToClients",
        "TotalBytesReturnedToPeers", "TotalBytesStoredFromOrigin", "TotalBytesStoredFromParents",
        "TotalBytesStoredFromPeers", "RegistrationStatus", "TetheratorStatus"}) {
    status.emplace(key, 0);
  }
  constexpr double kBytesPerGigabyte = 1e9;
  const auto half = static_cast<std::int64_t>(device.hardware.capacity_gb * kBytesPerGigabyte / 2);
  for (const char* key : {"CacheFree", "PersonalCacheFree"}) status.emplace(key, half);
  status.emplace("CacheLimit", 0);  // as much as there is
  status.emplace("CacheStatus", "OK");
  status.emplace("StartupStatus", "PENDING");
  status.emplace("DataMigrationCompleted", true);
  for (const char* key : {"Alerts", "Parents", "Peers", "PrivateAddresses"}) {
    status.emplace(key, plist::Array{});
  }
  plist::Dict body;
  body.emplace("StatusResponse", std::move(status));
  return Outcome::acknowledged(std::move(body));
}

}  // namespace understudy::agent
