#pragma once

/// What a device says at check-in, and how it reads the status of any answer. Pure functions.
/// Sources: mdm/checkin/*.yaml; docs/protocol/device-facts.md sections 6 and 7.

#include <string>
#include <string_view>

#include "agent/device/device.h"
#include "shared/mdm/messages.h"

namespace understudy::agent {

/// On the user channel the person whose it is: only while that channel is up.
mdm::Sender sender_of(const Device& device, mdm::Channel channel = mdm::Channel::device);
/// NotOnConsole exists on a Mac's user channel only (7.3).
std::optional<bool> not_on_console(const Device& device, mdm::Channel channel);

/// Each needs device.enrollment, which says topic, rights and PushMagic.
/// Hardware keys are left out without the device-information right (7.2).
mdm::Authenticate make_authenticate(const Device& device);
mdm::TokenUpdate make_token_update(const Device& device);
/// The user channel is up, and its token known.
mdm::TokenUpdate make_user_token_update(const Device& device);
mdm::CheckOut make_check_out(const Device& device);
/// SetBootstrapToken and GetBootstrapToken (7.7, 7.8); AwaitingConfiguration in Setup Assistant.
mdm::OtherCheckin make_bootstrap_message(const Device& device, std::string message_type);
/// A device with device.enrollment->token_request (7.9).
mdm::OtherCheckin make_get_token(const Device& device);
/// 7.12.
mdm::OtherCheckin make_return_to_service(const Device& device);

/// Whether such a device escrows an unlock token under these rights (7.4).
bool has_unlock_token(const Device& device, std::uint32_t access_rights);

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
