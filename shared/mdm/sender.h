#pragma once

/// Private to shared/mdm: the keys that say who speaks.

#include <string>

#include "shared/mdm/messages.h"

namespace understudy::mdm {

/// Errors: errc::missing_key (neither UDID nor EnrollmentID), errc::wrong_type.
Result<Sender> read_sender(const plist::Dict& message, const std::string& where);
/// Adds what is not empty.
void write_sender(const Sender& sender, plist::Dict& to);
/// Whether the key is one of the sender's.
bool is_sender_key(std::string_view key);

}  // namespace understudy::mdm
