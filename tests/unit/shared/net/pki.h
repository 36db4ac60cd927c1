#pragma once

/// Certificates for the tests of net/: one CA, and identities of every sort under it.

#include <gtest/gtest.h>

#include <stdexcept>

#include "shared/core/clock.h"
#include "shared/crypto/ca.h"

namespace understudy::test {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(*result);
}

class Pki {
 public:
  explicit Pki(const std::string& name = "Test CA")
      : now_(SystemClock().now()),
        ca_(must(crypto::CertificateAuthority::create(
            crypto::Name::of({{"CN", name}}), crypto::KeyType::p256, now_ - std::chrono::hours(48),
            now_ + std::chrono::hours(48)))) {}

  const crypto::Certificate& root() const { return ca_.certificate(); }

  /// For localhost and 127.0.0.1.
  crypto::Identity server() const { return issue("localhost", true, std::chrono::hours(24)); }
  crypto::Identity expired_server() const {
    return issue("localhost", true, -std::chrono::hours(1));
  }
  crypto::Identity client(const std::string& name) const {
    return issue(name, false, std::chrono::hours(24));
  }

 private:
  crypto::Identity issue(const std::string& name, bool is_server,
                         std::chrono::hours ends_in) const {
    crypto::CertificateSpec spec;
    spec.subject = crypto::Name::of({{"CN", name}});
    spec.not_before = now_ - std::chrono::hours(24);
    spec.not_after = now_ + ends_in;
    if (is_server) {
      spec.purpose = crypto::CertificateSpec::Purpose::tls_server;
      spec.alt_names.dns = {"localhost"};
      spec.alt_names.ip = {"127.0.0.1"};
    }
    crypto::PrivateKey key = must(crypto::PrivateKey::generate(crypto::KeyType::p256));
    crypto::Certificate certificate = must(ca_.issue(spec, key.public_key()));
    return crypto::Identity{std::move(key), std::move(certificate), {}};
  }

  TimePoint now_;
  crypto::CertificateAuthority ca_;
};

}  // namespace understudy::test
