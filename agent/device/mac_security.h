#pragma once

/// What guards a Mac before and while it starts. Passwords are kept as they were sent: a stand-in
/// guards nothing.

#include <string>

#include "shared/core/bytes.h"

namespace understudy::agent {

struct FileVault {
  bool enabled = false;
  std::string personal_key;         ///< "ABCD-...": empty: there is none
  Bytes institutional_certificate;  ///< DER; empty: there is none

  friend bool operator==(const FileVault&, const FileVault&) = default;
};

struct MacSecurity {
  FileVault file_vault;
  std::string recovery_lock;      ///< Apple silicon; empty: none set
  std::string firmware_password;  ///< Intel; empty: none set
  bool firmware_pending = false;  ///< changed, and in force after the next restart
  bool allow_option_roms = false;
  bool remote_desktop = false;

  friend bool operator==(const MacSecurity&, const MacSecurity&) = default;
};

}  // namespace understudy::agent
