#include <array>

#include "shared/mdm/foreign_text.h"
#include "shared/mdm/rules.h"

namespace understudy::mdm {
namespace {

using Kind = Problem::Kind;
using Mode = Availability::Mode;

std::string system_of(const Target& target) {
  return std::string(platform_name(target.platform)) + " " + target.os.text();
}

/// Empty when the message or key exists on that version at all.
std::string why_not_on_version(const Availability& entry, const Target& target) {
  const std::string name(platform_name(target.platform));
  if (!entry.introduced) return "does not exist on " + name;
  if (target.os < *entry.introduced)
    return "does not exist on " + system_of(target) + ", it came with " + entry.introduced->text();
  if (entry.removed && target.os >= *entry.removed)
    return "does not exist on " + system_of(target) + ", it went with " + entry.removed->text();
  if (target.shared_ipad && entry.shared_ipad == Mode::forbidden)
    return "does not exist on Shared iPad";
  if (!target.shared_ipad && entry.shared_ipad == Mode::required)
    return "exists on Shared iPad only";
  return "";
}

/// Two channels exist on macOS and Shared iPad only (docs/protocol/catalog.md).
std::string why_not_on_channel(const Availability& entry, const Target& target) {
  const bool user = target.channel == Channel::user;
  if (user && target.platform != Platform::macos && !target.shared_ipad)
    return "cannot be on a user channel: " + std::string(platform_name(target.platform)) +
           " has none, except on Shared iPad";
  bool there = user ? entry.user_channel : entry.device_channel;
  if (target.shared_ipad)
    there = user ? entry.shared_ipad_user_channel : entry.shared_ipad_device_channel;
  if (there) return "";
  return user ? "is not for the user channel" : "is not for the device channel";
}

std::string right_names(std::uint32_t bits) {
  std::string out;
  for (std::uint32_t bit = 1; bit <= rights::kManageApps; bit <<= 1U) {
    if ((bits & bit) != 0) out += (out.empty() ? "" : " + ") + std::to_string(bit);
  }
  return out;
}

void add(std::vector<Problem>& to, Kind kind, std::string what) {
  to.push_back({kind, "", std::move(what)});
}

}  // namespace

std::vector<Problem> refusals(const Availability& entry, const Target& target) {
  std::vector<Problem> out;
  if (std::string why = why_not_on_version(entry, target); !why.empty()) {
    add(out, Kind::not_on_platform, std::move(why));
    return out;
  }
  if (std::string why = why_not_on_channel(entry, target); !why.empty())
    add(out, Kind::wrong_channel, std::move(why));
  const bool user_enrollment = target.enrollment == EnrollmentKind::user;
  if (user_enrollment && entry.user_enrollment == Mode::forbidden)
    add(out, Kind::wrong_enrollment, "is not for User Enrollment");
  if (!user_enrollment && entry.user_enrollment == Mode::required)
    add(out, Kind::wrong_enrollment, "is for User Enrollment only");
  if (entry.supervised && !target.supervised)
    add(out, Kind::needs_supervision, "needs a supervised device");
  if (entry.automated && !target.automated)
    add(out, Kind::needs_automated_enrollment, "needs Automated Device Enrollment");
  // A User Enrollment ignores AccessRights (com.apple.mdm.yaml); its limits are in the catalog.
  const std::uint32_t missing = entry.access_rights & ~target.access_rights;
  if (missing != 0 && !user_enrollment)
    add(out, Kind::needs_right,
        "needs access right " + right_names(missing) + ", which the enrollment profile withholds");
  return out;
}

std::vector<Problem> check_allowed(const Catalog& catalog, std::string_view request_type,
                                   const Target& target) {
  const MessageSpec* spec = catalog.command(request_type);
  if (spec == nullptr) {
    return {{Kind::unknown_request, "", quote(request_type) + " is no command"}};
  }
  const auto& entry = spec->platforms.at(static_cast<std::size_t>(target.platform));
  std::vector<Problem> problems = refusals(entry.value_or(Availability{}), target);
  for (Problem& problem : problems) problem.what = spec->name + " " + problem.what;
  return problems;
}

std::string_view problem_name(Problem::Kind kind) {
  switch (kind) {
    case Kind::unknown_request:
      return "unknown-request";
    case Kind::not_on_platform:
      return "not-on-platform";
    case Kind::wrong_channel:
      return "wrong-channel";
    case Kind::wrong_enrollment:
      return "wrong-enrollment";
    case Kind::needs_supervision:
      return "needs-supervision";
    case Kind::needs_automated_enrollment:
      return "needs-automated-enrollment";
    case Kind::needs_right:
      return "needs-right";
    case Kind::missing_key:
      return "missing-key";
    case Kind::unknown_key:
      return "unknown-key";
    case Kind::wrong_type:
      return "wrong-type";
    case Kind::bad_value:
      return "bad-value";
    case Kind::key_not_here:
      return "key-not-here";
  }
  return "unknown";
}

}  // namespace understudy::mdm
