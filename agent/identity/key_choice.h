#pragma once

/// --keys: whether each device makes a key of its own, as a real one does, or a shortcut saves the
/// time. Shortcuts are named wherever the devices are told of.

#include <cstddef>
#include <string>
#include <string_view>

#include "shared/core/result.h"

namespace understudy::agent {

struct KeyChoice {
  enum class Kind {
    unique,  ///< RSA, a device
    pool,    ///< RSA, shared by many devices
    p256,    ///< EC P-256, a device, whatever the profile says
  };
  Kind kind = Kind::unique;
  std::size_t pool = 1;  ///< how many keys are shared

  /// "unique", "pool:N", "p256". Errors: errc::invalid_argument.
  static Result<KeyChoice> parse(std::string_view text);
  std::string text() const;
  /// As a device remembers it: empty where it is no shortcut.
  std::string shortcut() const { return kind == Kind::unique ? "" : text(); }
};

}  // namespace understudy::agent
