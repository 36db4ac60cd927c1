#pragma once

/// What a device takes with it through an erasure, to be enrolled again with nobody present.
/// Source: mdm/commands/device.erase.yaml, ReturnToService.

#include <vector>

#include "shared/core/bytes.h"

namespace understudy::agent {

struct Device;

struct ReturnToService {
  Bytes mdm_profile;
  Bytes wifi_profile;              ///< empty: none
  std::vector<Bytes> anchors_der;  ///< whom it trusted for its server: --ca of its enrollment
  bool allow_http = false;         ///< its old server was spoken to without TLS

  friend bool operator==(const ReturnToService&, const ReturnToService&) = default;
};

/// Back with that profile, trusting whom the enrolled device trusts now.
ReturnToService return_with(Bytes mdm_profile, const Device& device);

}  // namespace understudy::agent
