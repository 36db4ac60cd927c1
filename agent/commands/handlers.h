#pragma once

/// Every handler, one family a file. A handler is called by perform() only: the command is
/// well-formed, for this device, and the access right is there.

#include "agent/commands/perform.h"

namespace understudy::agent {

// information.cc
Outcome device_information(Device& device, const mdm::Command& command, const Surroundings& around);
// security.cc
Outcome security_info(Device& device, const mdm::Command& command, const Surroundings& around);
// lock.cc
Outcome device_lock(Device& device, const mdm::Command& command, const Surroundings& around);
Outcome clear_passcode(Device& device, const mdm::Command& command, const Surroundings& around);
// erase.cc
Outcome erase_device(Device& device, const mdm::Command& command, const Surroundings& around);
// install_profile.cc
Outcome install_profile(Device& device, const mdm::Command& command, const Surroundings& around);
// profiles.cc
Outcome remove_profile(Device& device, const mdm::Command& command, const Surroundings& around);
Outcome profile_list(Device& device, const mdm::Command& command, const Surroundings& around);
// certificates.cc
Outcome certificate_list(Device& device, const mdm::Command& command, const Surroundings& around);
// apps.cc
Outcome installed_application_list(Device& device, const mdm::Command& command,
                                   const Surroundings& around);

}  // namespace understudy::agent
