#pragma once

/// Private to shared/mdm: what validate.h is made of.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/mdm/catalog.h"
#include "shared/mdm/target.h"
#include "shared/mdm/validate.h"
#include "shared/plist/value.h"

namespace understudy::mdm {

/// Every reason why the target is outside `entry`, as for a whole message; paths stay empty. Kinds:
/// not_on_platform (then alone), wrong_channel, wrong_enrollment, needs_*.
std::vector<Problem> refusals(const Availability& entry, const Target& target);

/// Which keys a dictionary belongs to.
struct Place {
  enum class Part { command, response, checkin, payload } part;
  std::string_view message;  ///< RequestType, MessageType or PayloadType
};

/// Checks `value` against the keys of a message, all levels. `path` stands in front of each key's
/// name ("Command." or empty). At most kMaxProblems are reported.
void check_keys(const plist::Dict& value, const std::vector<KeySpec>& keys, const Place& place,
                const Target& target, const std::string& path, std::vector<Problem>& problems);
inline constexpr std::size_t kMaxProblems = 100;

/// Where real systems differ from the letter of Apple's schema; the list with its sources is in
/// docs/protocol/catalog.md.
namespace deviations {
/// The schema calls it required, and devices leave it out.
bool may_be_absent(const KeySpec& key, const Place& place, const Target& target);
/// The schema does not list it there, and it is right at the top level of that message.
bool is_extra(std::string_view name, const Place& place, const Target& target);
/// What the schema's words say of a message and its fields do not.
void amend(MessageSpec& spec);
/// Typed as one dictionary, and sent as an array of them.
bool may_be_repeated(const KeySpec& key, const Place& place);
}  // namespace deviations

}  // namespace understudy::mdm
