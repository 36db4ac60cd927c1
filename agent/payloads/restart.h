#pragma once

#include "agent/device/device.h"

namespace understudy::agent {

/// It starts again: what waited for that is in force, FileVault goes on where a profile asks for
/// it, nobody is logged in, and a passcode has to be entered once.
void restart(Device& device);

}  // namespace understudy::agent
