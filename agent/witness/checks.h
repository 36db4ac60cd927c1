#pragma once

/// The checks: a message of a server in, findings out. Pure functions, any thread. What spans
/// several messages of a conversation is found where it is known, in agent/session/conversation.cc.
/// Facts: docs/protocol/answers.md.

#include <string>
#include <string_view>

#include "agent/push/refused_push.h"
#include "agent/witness/finding.h"
#include "shared/core/bytes.h"
#include "shared/mdm/target.h"
#include "shared/net/http.h"

namespace understudy::agent::witness {

/// At most this many findings come of one command or profile, however wrong it is.
inline constexpr std::size_t kMaxPerMessage = 16;

/// Whom the server speaks to.
struct Recipient {
  mdm::Target target;
  std::string enrollment_profile;  ///< PayloadIdentifier: removing that one needs no right (11.5)
  bool heeds_unrecognized = true;  ///< its system knows the 403 that disowns a device (6.8)
};

/// The answer to Idle, or to the result of the command `answered`.
Findings check_command_answer(const net::HttpResponse& answer, const Recipient& recipient,
                              std::string_view answered = {});
/// The answer to a check-in message of that MessageType.
Findings check_checkin_answer(std::string_view message_type, const net::HttpResponse& answer,
                              const Recipient& recipient);
/// The answer that brought an enrollment profile; the profile itself is check_profile's.
Findings check_profile_download(const net::HttpResponse& answer);
/// An enrollment profile, signed or not.
Findings check_profile(BytesView profile);
/// A push that woke nobody.
Findings check_refused_push(const RefusedPush& push);

}  // namespace understudy::agent::witness
