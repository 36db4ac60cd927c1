#pragma once

/// Who has an account on a Mac or a Shared iPad, and what Setup Assistant was told to do.

#include <cstdint>
#include <string>

#include "shared/core/bytes.h"

namespace understudy::agent {

struct User {
  std::string name, full_name, guid;
  std::uint64_t uid = 0;  ///< Macs only
  bool logged_in = false;
  bool administrator = false, secure_token = false, mobile_account = false;
  bool locked_out = false;        ///< too many wrong passwords
  bool has_data_to_sync = false;  ///< Shared iPad: something has not reached the cloud yet
  std::uint64_t data_used = 0;    ///< Shared iPad: bytes
  bool made_by_mdm = false;       ///< by AccountConfiguration
  bool hidden = false;
  Bytes password_hash;           ///< as the server sent it; empty where it sent none
  bool keychain_locked = false;  ///< Macs; nothing of MDM opens it

  friend bool operator==(const User&, const User&) = default;
};

/// Setup Assistant, as far as a server has a say in it.
struct Setup {
  bool awaiting_configuration = false;  ///< until DeviceConfigured
  bool awaiting_user = false;           ///< Shared iPad, until UserConfigured
  bool skip_primary_account = false, primary_is_regular_user = false;
  std::string primary_full_name, primary_user_name;
  bool lock_primary_account = false;
  std::string managed_user;          ///< short name of the local user that MDM manages
  bool returned_to_service = false;  ///< it enrolled by itself after an erasure (11.4)

  friend bool operator==(const Setup&, const Setup&) = default;
};

}  // namespace understudy::agent
