#pragma once

/// What GetToken answers with: tokens signed by a key of this server's, by which a service of
/// Apple's knows who vouches for the device. Source: mdm/checkin/gettoken.yaml; RFC 7519, 7515.

#include <string>

#include "shared/core/clock.h"
#include "shared/core/rng.h"
#include "shared/crypto/key.h"
#include "shared/mdm/messages.h"

namespace understudy::server {

/// One thread.
class ServiceTokens {
 public:
  /// `server_uuid`: by which Apple's device-management service would know this server. `key`: RSA.
  ServiceTokens(crypto::PrivateKey key, std::string server_uuid, const Clock& clock, Rng& rng)
      : key_(std::move(key)), server_uuid_(std::move(server_uuid)), clock_(clock), rng_(rng) {}

  /// TokenData: a JWT in compact form, RS256, with iss, iat, jti and service_type; one for pairing
  /// a watch also says which phone, which watch, and the SHA-256 of the security token it answers.
  /// Errors: device_errc::bad_request (a service that does not exist, missing parameters).
  Result<std::string> make(const mdm::OtherCheckin& get_token);

 private:
  crypto::PrivateKey key_;
  std::string server_uuid_;
  const Clock& clock_;
  Rng& rng_;
};

}  // namespace understudy::server
