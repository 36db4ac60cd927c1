#pragma once

/// Checks messages against the catalog. Pure functions, any thread.

#include <string>
#include <vector>

#include "shared/mdm/catalog.h"
#include "shared/plist/value.h"

namespace understudy::mdm {

struct Problem {
  enum class Kind {
    unknown_request,  ///< no such RequestType anywhere
    not_on_platform,  ///< not on this platform or version
    wrong_channel,
    wrong_enrollment,  ///< not in this kind of enrollment
    needs_supervision,
    needs_automated_enrollment,
    needs_right,  ///< an access right is missing
    missing_key,
    unknown_key,
    wrong_type,
    bad_value,     ///< outside rangelist or range
    key_not_here,  ///< the key does not exist on this platform or version
  };
  Kind kind;
  std::string path;  ///< "Command.PIN", "Settings[2].Item"; empty for the whole message
  std::string what;  ///< for people
};
/// Stable, lower case with hyphens: "missing-key".
std::string_view problem_name(Problem::Kind kind);

/// Whether the target may be given that command at all: existence, channel, kind of enrollment,
/// supervision, rights.
std::vector<Problem> check_allowed(const Catalog& catalog, std::string_view request_type,
                                   const Target& target);

/// check_allowed, then every key of the Command dictionary. `command` is the whole message.
std::vector<Problem> validate_command(const Catalog& catalog, const plist::Value& command,
                                      const Target& target);
/// A result with Status Acknowledged to `request_type`; other statuses have their envelope checked
/// only.
std::vector<Problem> validate_response(const Catalog& catalog, std::string_view request_type,
                                       const plist::Value& response, const Target& target);
std::vector<Problem> validate_checkin(const Catalog& catalog, const plist::Value& message,
                                      const Target& target);

}  // namespace understudy::mdm
