#include <algorithm>
#include <array>

#include "shared/mdm/rules.h"

namespace understudy::mdm::deviations {
namespace {

using Part = Place::Part;

template <std::size_t N>
bool has(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// Who speaks (docs/protocol/messages.md): goes with every message of a device, and the schema
/// lists it with some only.
constexpr std::array<std::string_view, 7> kIdentity = {
    "UDID",          "EnrollmentID", "EnrollmentUserID", "UserID",
    "UserShortName", "UserLongName", "NotOnConsole"};

/// Of every payload. Source: mdm/profiles/CommonPayloadKeys.yaml.
constexpr std::array<std::string_view, 7> kHeaders = {
    "PayloadType",        "PayloadVersion",     "PayloadIdentifier",  "PayloadUUID",
    "PayloadDisplayName", "PayloadDescription", "PayloadOrganization"};

}  // namespace

bool may_be_absent(const KeySpec& key, const Place& place, const Target& target) {
  // Application lists leave these out where there is nothing to say (captured results).
  if (key.name == "UnusedRedemptionCode" || key.name == "ExternalVersionIdentifier") return true;
  if (place.part != Part::checkin) return false;
  // Apple's file forgets tvOS among the systems without it.
  if (place.message == "TokenUpdate" && key.name == "NotOnConsole")
    return target.platform != Platform::macos;
  // The first of the two steps has none.
  if (place.message == "UserAuthenticate" && key.name == "DigestResponse") return true;
  // User Enrollment names no device; Apple's file says so of iOS and forgets macOS.
  return place.message == "CheckOut" && key.name == "UDID" &&
         target.enrollment == EnrollmentKind::user;
}

bool is_extra(std::string_view name, const Place& place, const Target& target) {
  switch (place.part) {
    case Part::command:
      return name == "RequestType" || name == "RequestRequiresNetworkTether";
    case Part::response:
      if (name == "RequestType") return target.platform == Platform::macos;
      return name == "Status" || name == "CommandUUID" || name == "ErrorChain" ||
             has(kIdentity, name);
    case Part::checkin:
      if (name == "Challenge")
        return target.platform == Platform::macos && place.message == "Authenticate";
      // What UserAuthenticate obtained is repeated for the rest of the session.
      if (name == "AuthToken")
        return target.platform == Platform::macos && target.channel == Channel::user;
      return name == "MessageType" || has(kIdentity, name);
    case Part::payload:
      return has(kHeaders, name);
  }
  return false;
}

void amend(MessageSpec& spec) {
  // "Only works on Shared iPads": mdm/commands/user.configured.yaml, in its description.
  auto& ios = spec.platforms.at(static_cast<std::size_t>(Platform::ios));
  if (spec.name == "UserConfigured" && ios) ios->shared_ipad = Availability::Mode::required;
}

bool may_be_repeated(const KeySpec& key, const Place& place) {
  // One result for each setting, by the retired reference; the schema shows the form of one.
  return place.part == Part::response && place.message == "Settings" && key.name == "Settings";
}

}  // namespace understudy::mdm::deviations
