#pragma once

/// The mock's push certificate authority: what Apple's push certificates portal is to an MDM
/// server. Its certificates open the provider API.

#include <filesystem>
#include <string>

#include "shared/core/rng.h"
#include "shared/crypto/ca.h"

namespace understudy::apns_mock {

class PushAuthority {
 public:
  /// A push certificate lives this long. Source: device-behaviour.md 12.8.
  static constexpr auto kLifetime = std::chrono::days(365);

  /// Reads `push-ca.pem` of the folder, or makes it. Errors: errc::io, crypto::errc.
  static Result<PushAuthority> open(const std::filesystem::path& folder, TimePoint now);

  /// "com.apple.mgmt.External.<uuid>"
  static std::string new_topic(Rng& rng);
  /// Valid from `now` for a year, the topic as its UID. Errors: errc::invalid_argument for a topic
  /// without the prefix com.apple.mgmt., crypto::errc.
  Result<crypto::Certificate> issue(const crypto::PublicKey& key, const std::string& topic,
                                    TimePoint now) const;
  /// The same with a new RSA 2048 key: about 100 ms, keep it off an event loop.
  Result<crypto::Identity> issue_identity(const std::string& topic, TimePoint now) const;

  const crypto::Certificate& certificate() const { return ca_.certificate(); }

 private:
  explicit PushAuthority(crypto::CertificateAuthority ca) : ca_(std::move(ca)) {}
  crypto::CertificateAuthority ca_;
};

}  // namespace understudy::apns_mock
