#pragma once

/// What Apple's push certificates portal is to an administrator: issues push certificates, renews
/// and revokes them, and keeps account of all of them in `portal.db`. Its executor only.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "server-mock/apns/push_authority.h"
#include "server-mock/apns/signing_request.h"
#include "shared/io/sqlite.h"

namespace understudy::apns_mock {

struct IssuedCertificate {
  std::string serial;  ///< lower-case hexadecimal, as Certificate::serial_hex
  std::vector<std::string> topics;
  Environment environment = Environment::production;
  TimePoint not_before, not_after;
  std::optional<TimePoint> revoked_at;
  std::string requester;
  std::string pem;
};

struct CertificateOrder {
  Environment environment = Environment::production;
  std::vector<std::string> topics;  ///< empty: a new one, which no device listens to so far
  std::string requester;            ///< empty: the signing request's own
};

/// How a client certificate stands with one environment's listener.
enum class PushCertificateStanding {
  good,
  foreign,            ///< of another CA
  other_environment,  ///< of the other environment's CA
  no_topic,
  revoked,
  expired,
  not_yet_valid,
};
/// "other environment"
std::string_view standing_name(PushCertificateStanding standing);

class PushPortal {
 public:
  /// Opens or makes the CAs and `portal.db` in the folder. `rng` is where new topics come from.
  /// Errors: errc::io, errc::corrupt, crypto::errc.
  static Result<std::unique_ptr<PushPortal>> open(const std::filesystem::path& folder,
                                                  const Rng& rng, TimePoint now);

  /// Valid from `now` for a year. Errors: errc::invalid_argument (topics), errc::io, crypto::errc.
  Result<IssuedCertificate> issue(const SigningRequest& request, const CertificateOrder& order,
                                  TimePoint now);
  /// The same with a new RSA 2048 key: about 100 ms, keep it off an event loop.
  Result<crypto::Identity> issue_identity(const CertificateOrder& order, TimePoint now);
  struct Renewal {
    std::string topic;  ///< the UID
    /// Absent: production, or the sandbox where only that has a certificate of the topic.
    std::optional<Environment> environment{};
  };
  /// Another certificate for the topics of the newest one of that UID and environment, valid from
  /// `now` for a year; all earlier ones of both are revoked at once. Errors: errc::not_found for
  /// what was never issued here, errc::io, crypto::errc.
  Result<IssuedCertificate> renew(const Renewal& wanted, const SigningRequest& request,
                                  TimePoint now);
  /// Revoking it again changes nothing. Errors: errc::not_found, errc::io.
  Result<void> revoke(const std::string& serial, TimePoint now);

  /// Everything that was ever issued, newest first. Errors: errc::io, errc::corrupt.
  Result<std::vector<IssuedCertificate>> issued();
  bool is_revoked(const std::string& serial) const { return revoked_.contains(serial); }
  /// How many certificates were revoked so far. While the number stays, so do earlier answers of
  /// `judge` about revocation.
  std::uint64_t revocations() const { return revoked_.size(); }
  /// Called with each serial, once it is revoked for good; must not call back. Any number of them.
  void on_revocation(std::function<void(const std::string& serial)> listener);

  PushCertificateStanding judge(const crypto::Certificate& certificate, Environment listener,
                                TimePoint now) const;
  const PushAuthority& authority(Environment environment) const;

 private:
  PushPortal(io::Database database, PushAuthority production, PushAuthority sandbox, const Rng& rng)
      : db_(std::move(database)),
        production_(std::move(production)),
        sandbox_(std::move(sandbox)),
        rng_(rng) {}
  Result<void> load_revoked();
  Result<std::string> new_topic();
  Result<IssuedCertificate> sign(const crypto::PublicKey& key, const CertificateOrder& order,
                                 TimePoint now) const;
  Result<void> put(const IssuedCertificate& certificate);
  Result<std::optional<IssuedCertificate>> newest(const std::string& topic,
                                                  Environment environment);
  Result<std::optional<IssuedCertificate>> newest(const Renewal& wanted);
  Result<std::vector<std::string>> valid_serials(const std::string& topic, Environment environment);
  Result<void> put_revoked(const std::string& serial, TimePoint now);
  void announce(const std::string& serial);

  io::Database db_;
  PushAuthority production_, sandbox_;
  Rng rng_;
  std::unordered_set<std::string> revoked_;
  std::vector<std::function<void(const std::string&)>> listeners_;
};

}  // namespace understudy::apns_mock
