#pragma once

/// Private to agent/witness: what every answer is asked, whatever it answers.

#include <string>
#include <string_view>

#include "agent/witness/checks.h"

namespace understudy::agent::witness {

bool is_success(const net::HttpResponse& answer);  ///< 2xx
bool is_white_space(std::string_view body);        ///< at least one octet, and nothing else
/// "application/xml", lower case, without parameters; empty when there is none.
std::string media_type(const net::HttpResponse& answer);
/// Content-Type as received, in quotation marks, or "none"; for people.
std::string shown_type(const net::HttpResponse& answer);

/// Redirects; 401, 403 and 410 as a device reads them. `message_type` empty: not a check-in.
void check_status(const net::HttpResponse& answer, const Recipient& recipient,
                  std::string_view message_type, Findings& out);
void check_redirects(const net::HttpResponse& answer, Findings& out);
/// http/white-space-body or http/html. False when the body is neither, and is to be looked into.
bool is_no_message(const net::HttpResponse& answer, Findings& out);
/// Says of which message the finding is: that of `uuid`, or else the one in the answer to `to`.
void name_message(Finding& finding, const std::string& uuid, const std::string& to);

}  // namespace understudy::agent::witness
