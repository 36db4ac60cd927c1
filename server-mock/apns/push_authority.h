#pragma once

/// The mock's push certificate authority, one an environment. Its certificates open the provider
/// API. The portal (push_portal.h) keeps account of them.

#include <filesystem>
#include <span>
#include <string>

#include "server-mock/apns/environment.h"
#include "shared/core/rng.h"
#include "shared/crypto/ca.h"

namespace understudy::apns_mock {

class PushAuthority {
 public:
  /// A push certificate lives this long. Source: docs/protocol/device-facts.md 12.8.
  static constexpr auto kLifetime = std::chrono::days(365);
  static constexpr std::size_t kMaxTopics = 32;  ///< of one certificate

  /// Reads `push-ca.pem` of the folder (`push-ca-sandbox.pem` for the sandbox), or makes it.
  /// Errors: errc::io, crypto::errc.
  static Result<PushAuthority> open(const std::filesystem::path& folder, TimePoint now,
                                    Environment environment = Environment::production);

  /// "com.apple.mgmt.External.<uuid>"
  static std::string new_topic(Rng& rng);
  /// Valid from `now` for a year, the topic as its UID. Errors: errc::invalid_argument for a topic
  /// without the prefix com.apple.mgmt., crypto::errc.
  Result<crypto::Certificate> issue(const crypto::PublicKey& key, const std::string& topic,
                                    TimePoint now) const;
  /// For several topics, at least one: the first is the UID, and all are in the multi-topic
  /// extension. One topic is the same as `issue`.
  Result<crypto::Certificate> issue_multi_topic(const crypto::PublicKey& key,
                                                std::span<const std::string> topics,
                                                TimePoint now) const;
  /// `issue` with a new RSA 2048 key: about 100 ms, keep it off an event loop.
  Result<crypto::Identity> issue_identity(const std::string& topic, TimePoint now) const;

  const crypto::Certificate& certificate() const { return ca_.certificate(); }

 private:
  explicit PushAuthority(crypto::CertificateAuthority ca) : ca_(std::move(ca)) {}
  crypto::CertificateAuthority ca_;
};

}  // namespace understudy::apns_mock
