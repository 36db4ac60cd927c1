#pragma once

/// The two lines of agent/control, without their newline. Errors: errc::invalid_argument.

#include "agent/control/control.h"

namespace understudy::agent::control {

std::string write(const Request& request);
std::string write(const Reply& reply);
Result<Request> read_request(std::string_view line);
Result<Reply> read_reply(std::string_view line);

}  // namespace understudy::agent::control
