#pragma once

/// What the installed profiles say, read anew each time: what a removed profile said is forgotten
/// by itself.

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "agent/device/device.h"

namespace understudy::agent {

/// A payload of an installed profile with the keys that mean something on this device: a key of
/// another platform or version, or one that needs supervision, is ignored.
struct PayloadInForce {
  std::string profile;  ///< PayloadIdentifier of the profile
  std::string type;
  plist::Value keys;
};

/// A key that is a switch, and the name of what it turns on in an answer.
struct Switch {
  const char* payload_key;
  const char* reported_as;
};

/// Those of the given types, in the order of installation.
std::vector<PayloadInForce> payloads_in_force(const Device& device,
                                              std::initializer_list<std::string_view> types);

/// What restrictions say of a name like "allowAppRemoval": false once any profile forbids it.
/// Source: mdm/profiles/com.apple.applicationaccess.yaml.
bool is_allowed(const Device& device, std::string_view restriction);

/// The other way round, for a name like "forceAutomaticDateAndTime": true once any profile says so.
bool is_forced(const Device& device, std::string_view restriction);

/// A supervised device that is held in one app: nobody gets to its settings or its home screen.
/// Source: mdm/profiles/com.apple.app.lock.yaml; what that keeps hands from is our inference.
bool is_app_locked(const Device& device);

}  // namespace understudy::agent
