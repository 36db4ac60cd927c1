#pragma once

/// What a device says at check-in, and how it reads the status of any answer. Pure functions.
/// Sources: mdm/checkin/*.yaml; device-behaviour.md sections 6 and 7.

#include <string>
#include <string_view>

#include "agent/device/device.h"
#include "shared/mdm/messages.h"

namespace understudy::agent {

mdm::Sender sender_of(const Device& device);

/// Each needs device.enrollment, which says topic, rights and PushMagic.
/// Hardware keys are left out without the device-information right (7.2).
mdm::Authenticate make_authenticate(const Device& device);
mdm::TokenUpdate make_token_update(const Device& device);
mdm::CheckOut make_check_out(const Device& device);

/// Whether the platform escrows an unlock token under these rights (7.4).
bool has_unlock_token(mdm::Platform platform, std::uint32_t access_rights);

/// How an enrolled device reads an HTTP answer (section 6, table of status codes).
enum class Verdict {
  accepted,  ///< 2xx
  unenroll,  ///< 401, or 403 with com.apple.unrecognized.device where that is heeded
  failed,    ///< anything else: kept and tried again later
};
Verdict judge(int status, std::string_view body, bool heeds_unrecognized = true);
/// Older systems know 401 only. Source: mdm/errors/unrecognized.device.yaml.
bool heeds_unrecognized_device(const mdm::Target& target);

/// "HTTP 500: first line of the body", for errors and logs; at most some 200 characters.
std::string describe_answer(int status, std::string_view body);

}  // namespace understudy::agent
