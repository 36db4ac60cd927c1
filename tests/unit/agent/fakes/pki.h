#pragma once

/// A CA and what it issues, for tests. P-256: fast to make.

#include <gtest/gtest.h>

#include "shared/crypto/ca.h"
#include "shared/net/tls.h"

namespace understudy::agent::fakes {

template <class T>
T require(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(*result);
}

class Pki {
 public:
  explicit Pki(const std::string& name = "Test Root", crypto::KeyType type = crypto::KeyType::p256)
      : ca_(require(crypto::CertificateAuthority::create(named(name), type, past(), future()))) {}

  static crypto::Name named(const std::string& cn) { return crypto::Name::of({{"CN", cn}}); }
  static TimePoint past() { return SystemClock().now() - std::chrono::hours(1); }
  static TimePoint future() { return SystemClock().now() + std::chrono::hours(24); }

  /// For a server under these DNS names, and 127.0.0.1 unless `with_ip` is false.
  crypto::Identity server(const std::vector<std::string>& dns = {"localhost"}, bool with_ip = true,
                          TimePoint not_after = future()) const {
    crypto::CertificateSpec spec;
    spec.subject = named("test server");
    spec.alt_names.dns = dns;
    if (with_ip) spec.alt_names.ip = {"127.0.0.1"};
    spec.purpose = crypto::CertificateSpec::Purpose::tls_server;
    return issue(spec, crypto::KeyType::p256, not_after);
  }
  /// For a device.
  crypto::Identity device(const std::string& cn = "device", TimePoint not_after = future(),
                          crypto::KeyType type = crypto::KeyType::p256) const {
    crypto::CertificateSpec spec;
    spec.subject = named(cn);
    spec.purpose = crypto::CertificateSpec::Purpose::tls_client;
    return issue(spec, type, not_after);
  }
  const crypto::CertificateAuthority& authority() const { return ca_; }
  const crypto::Certificate& root() const { return ca_.certificate(); }

 private:
  crypto::Identity issue(crypto::CertificateSpec spec, crypto::KeyType type,
                         TimePoint not_after) const {
    spec.not_before = not_after - std::chrono::hours(48);
    spec.not_after = not_after;
    auto key = require(crypto::PrivateKey::generate(type));
    auto certificate = require(ca_.issue(spec, key.public_key()));
    return crypto::Identity{std::move(key), std::move(certificate), {}};
  }

  crypto::CertificateAuthority ca_;
};

}  // namespace understudy::agent::fakes
