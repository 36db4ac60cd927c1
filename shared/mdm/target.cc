#include "shared/mdm/target.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "shared/mdm/foreign_text.h"

namespace understudy::mdm {
namespace {

constexpr std::array<std::string_view, kPlatforms> kNames = {"iOS", "macOS", "tvOS", "visionOS",
                                                             "watchOS"};

}  // namespace

std::string_view platform_name(Platform platform) {
  return kNames.at(static_cast<std::size_t>(platform));
}

std::optional<Platform> platform_from_name(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Platform>(found - kNames.begin());
}

Result<Version> Version::parse(std::string_view text) {
  Version version;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (;;) {
    int part = 0;
    const auto [next, ec] = std::from_chars(at, end, part);
    if (ec != std::errc{} || part < 0 || *at == '-')
      return fail(errc::bad_value, "version " + quote(text, 40),
                  "write numbers and dots, as in 18.1");
    version.parts.push_back(part);
    if (next == end) return version;
    if (*next != '.')
      return fail(errc::bad_value, "version " + quote(text, 40),
                  "write numbers and dots, as in 18.1");
    at = next + 1;
  }
}

std::string Version::text() const {
  std::string out;
  for (const int part : parts) out += (out.empty() ? "" : ".") + std::to_string(part);
  return out;
}

std::strong_ordering operator<=>(const Version& a, const Version& b) {
  const std::size_t count = std::max(a.parts.size(), b.parts.size());
  for (std::size_t i = 0; i < count; ++i) {
    const int left = i < a.parts.size() ? a.parts[i] : 0;
    const int right = i < b.parts.size() ? b.parts[i] : 0;
    if (left != right) return left <=> right;
  }
  return std::strong_ordering::equal;
}

Result<void> rights::check(std::int64_t value) {
  const std::string what = "AccessRights " + std::to_string(value);
  if (value == 0)
    return fail(errc::bad_rights, what + " grants nothing",
                "add up the rights the server needs; 8191 is all of them");
  if (value < 0 || (value & ~std::int64_t{kAll}) != 0)
    return fail(errc::bad_rights, what + " has bits that mean nothing",
                "use a sum of 1, 2, 4 ... 4096; 8191 is all of them");
  if ((value & kInstallProfiles) != 0 && (value & kInspectProfiles) == 0)
    return fail(errc::bad_rights, what + " installs profiles (2) without inspecting them (1)",
                "add 1");
  if ((value & kInstallProvisioning) != 0 && (value & kInspectProvisioning) == 0)
    return fail(errc::bad_rights,
                what + " installs provisioning profiles (128) without inspecting them (64)",
                "add 64");
  return {};
}

}  // namespace understudy::mdm
