#pragma once

/// What `do` says of a hand, in whichever process it was laid.

#include "agent/control/control.h"

namespace understudy::agent::cli {

control::Reply reply_to(const Result<std::string>& did);

}  // namespace understudy::agent::cli
