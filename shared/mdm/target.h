#pragma once

/// What a message is for: platform, version, channel, kind of enrollment, supervision, rights.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/result.h"
#include "shared/mdm/errc.h"

namespace understudy::mdm {

/// iPadOS is iOS in Apple's schema.
enum class Platform { ios, macos, tvos, visionos, watchos };
inline constexpr int kPlatforms = 5;
std::string_view platform_name(Platform platform);  ///< "iOS", Apple's spelling
std::optional<Platform> platform_from_name(std::string_view name);

/// "18.1", compared number by number; missing parts are 0.
struct Version {
  std::vector<int> parts;
  static Result<Version> parse(std::string_view text);  ///< Errors: errc::bad_value.
  std::string text() const;
  friend std::strong_ordering operator<=>(const Version& a, const Version& b);
  friend bool operator==(const Version& a, const Version& b) { return (a <=> b) == 0; }
};

enum class Channel { device, user };
enum class EnrollmentKind { device, user };  ///< user: User Enrollment (BYOD)

/// AccessRights bits. Source: mdm/profiles/com.apple.mdm.yaml.
namespace rights {
inline constexpr std::uint32_t kInspectProfiles = 1, kInstallProfiles = 2,
                               kLockAndClearPasscode = 4, kErase = 8, kDeviceInformation = 16,
                               kNetworkInformation = 32, kInspectProvisioning = 64,
                               kInstallProvisioning = 128, kInspectApps = 256, kRestrictions = 512,
                               kSecurity = 1024, kSettings = 2048, kManageApps = 4096, kAll = 8191;
/// Errors: errc::bad_rights (zero, unknown bits, 2 without 1, 128 without 64).
Result<void> check(std::int64_t value);
}  // namespace rights

/// One channel of one device, as far as the rules ask.
struct Target {
  Platform platform = Platform::ios;
  Version os{{18, 1}};
  Channel channel = Channel::device;
  EnrollmentKind enrollment = EnrollmentKind::device;
  bool supervised = false;
  bool automated = false;  ///< enrolled by Automated Device Enrollment
  bool shared_ipad = false;
  std::uint32_t access_rights = rights::kAll;
};

}  // namespace understudy::mdm
