#pragma once

/// A token that the device wants from its server for a service of Apple's. Source:
/// mdm/checkin/gettoken.yaml.

#include <string>

namespace understudy::agent {

struct TokenRequest {
  std::string service;                                 ///< TokenServiceType: "com.apple.maid"
  std::string security_token, phone_udid, watch_udid;  ///< TokenParameters, of watch pairing only

  friend bool operator==(const TokenRequest&, const TokenRequest&) = default;
};

}  // namespace understudy::agent
