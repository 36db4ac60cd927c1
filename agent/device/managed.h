#pragma once

/// What a server put on the device beside profiles: apps, books, provisioning profiles.

#include <cstdint>
#include <string>

#include "shared/plist/value.h"

namespace understudy::agent {

/// One entry of ManagedApplicationList. The app itself is in Device::apps once it is installed.
struct ManagedApp {
  std::string identifier;
  std::string name, version;
  std::string status;           ///< "Queued", ..., the words of Apple's schema
  std::int64_t changed_at = 0;  ///< seconds since 1970: when it got that status
  std::int64_t flags = 0;       ///< ManagementFlags: 1 goes with the enrollment, 4 no backup
  bool enterprise = false;      ///< from a manifest, not from the store
  bool validated = false;       ///< enterprise apps run once they are
  plist::Dict configuration, attributes;
  plist::Dict feedback;  ///< what the app wrote for its server

  friend bool operator==(const ManagedApp&, const ManagedApp&) = default;
};

struct Book {
  std::int64_t store_id = 0;  ///< 0: not from the store
  std::string persistent_id, url;
  std::string kind, version, author, title;
  std::string state;  ///< "Managed", ...

  friend bool operator==(const Book&, const Book&) = default;
};

struct ProvisioningProfile {
  std::string uuid, name;
  plist::Date expires;
  bool managed = false;  ///< came over MDM

  friend bool operator==(const ProvisioningProfile&, const ProvisioningProfile&) = default;
};

}  // namespace understudy::agent
