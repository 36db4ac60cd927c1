#pragma once

/// What Apple's public schema says about the payloads of profiles, as data: payload_catalog.json,
/// written by tools/catalog and compiled in. Source: apple-device-management mdm/profiles, iOS 18.1
/// / macOS 15.1.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/mdm/catalog.h"
#include "shared/mdm/validate.h"
#include "shared/plist/value.h"

namespace understudy::mdm {

/// One form of a payload. A few types have several: com.apple.MCX is a family of settings.
struct PayloadSpec {
  std::string type;  ///< PayloadType
  std::string file;  ///< "mdm/profiles/com.apple.wifi.managed.yaml"
  Platforms platforms;
  std::vector<KeySpec> keys;

  const std::optional<Availability>& on(Platform platform) const {
    return platforms.at(static_cast<std::size_t>(platform));
  }
};

/// Immutable, any thread.
class PayloadCatalog {
 public:
  /// The one compiled in; parsed at first use.
  static const PayloadCatalog& builtin();
  /// Errors: errc::bad_value with the place.
  static Result<PayloadCatalog> parse(std::string_view json);

  const std::vector<PayloadSpec>& payloads() const { return payloads_; }
  /// Every form of a type; empty for one that is not Apple's.
  std::span<const PayloadSpec> forms(std::string_view type) const;

 private:
  std::vector<PayloadSpec> payloads_;  ///< sorted by type, then file
};

/// Whether the target may have a payload of that form at all. Kinds: not_on_platform,
/// wrong_channel, wrong_enrollment, needs_supervision, needs_automated_enrollment.
std::vector<Problem> check_allowed(const PayloadSpec& form, const Target& target);

/// Every key of the payload: missing_key, wrong_type, bad_value, and with the kinds unknown_key,
/// key_not_here and needs_*, the keys that a device ignores.
std::vector<Problem> validate_payload(const PayloadSpec& form, const plist::Dict& body,
                                      const Target& target);

/// The payload's members that mean something on the target: known, there, allowed.
plist::Dict keys_in_force(const PayloadSpec& form, const plist::Dict& body, const Target& target);

}  // namespace understudy::mdm
