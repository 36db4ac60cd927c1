#pragma once

/// What guards a Mac before and while it starts. Passwords are kept as they were sent: a stand-in
/// guards nothing.

#include <optional>
#include <string>

#include "shared/core/bytes.h"

namespace understudy::agent {

struct FileVault {
  bool enabled = false;
  std::string personal_key;         ///< "ABCD-...": empty: there is none
  Bytes institutional_certificate;  ///< DER; empty: there is none

  friend bool operator==(const FileVault&, const FileVault&) = default;
};

struct FirmwareChange {
  std::string password;  ///< empty: none from then on
  bool allow_option_roms = false;

  friend bool operator==(const FirmwareChange&, const FirmwareChange&) = default;
};

struct MacSecurity {
  FileVault file_vault;
  std::string recovery_lock;      ///< Apple silicon; empty: none set
  std::string firmware_password;  ///< Intel; empty: none set
  bool allow_option_roms = false;
  std::optional<FirmwareChange> firmware_change;  ///< in force after the next restart
  bool remote_desktop = false;
  bool unsealed = false;  ///< its system volume: Erase All Content and Settings cannot run

  friend bool operator==(const MacSecurity&, const MacSecurity&) = default;
};

}  // namespace understudy::agent
