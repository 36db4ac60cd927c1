#pragma once

/// FileVault as profiles ask for it. Sources: mdm/profiles/com.apple.MCX.FileVault2.yaml,
/// com.apple.security.FDERecoveryKeyEscrow.yaml.

#include <string>

#include "agent/device/device.h"

namespace understudy::agent {

/// "ABCD-EFGH-...", six groups of four. From OpenSSL, as it guards something in principle.
std::string new_personal_key();

/// Somebody logs in or out, or the Mac restarts: FileVault goes on if a profile asks for it.
/// Encryption is state: it outlives the profile.
void switch_on_file_vault(Device& device);

/// What SecurityInfo says of an escrowed personal key; empty where nothing is escrowed.
plist::Dict escrowed_key(const Device& device);

}  // namespace understudy::agent
