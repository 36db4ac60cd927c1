#pragma once

/// Why a courier cannot be reached, asked once for all its channels.

#include <memory>
#include <set>
#include <string>

#include "agent/push/courier.h"

namespace understudy::agent {

/// A courier that some channel has lost is asked once for the reason, until a channel listens
/// again. Channels log theirs too, but thousands of them would say the same.
struct CourierInquiry {
  bool is_open = true;  ///< none under way, none answered so far
  std::set<std::string> told;

  static Task<void> ask(std::shared_ptr<CourierInquiry> inquiry, std::shared_ptr<Courier> courier,
                        bool sandbox);
};

}  // namespace understudy::agent
