#include "server-mock/apns/push_portal.h"

#include <array>

#include "server-mock/apns/push_topics.h"
#include "shared/core/log.h"

namespace understudy::apns_mock {
namespace {

/// Version 1. Times are microseconds since the Unix epoch; what else the portal tells of a
/// certificate is read from it.
constexpr std::string_view kPortalSchema = R"(
CREATE TABLE certificates(
  id INTEGER PRIMARY KEY, serial TEXT NOT NULL UNIQUE, topic TEXT NOT NULL,
  environment TEXT NOT NULL, requester TEXT NOT NULL, pem TEXT NOT NULL, revoked_at INTEGER);
CREATE INDEX certificates_topic ON certificates(topic);
)";
constexpr std::string_view kSelect =
    "SELECT environment, requester, pem, revoked_at FROM certificates ";

IssuedCertificate describe(const crypto::Certificate& certificate) {
  IssuedCertificate issued;
  issued.serial = certificate.serial_hex();
  issued.topics = topics_of(certificate);
  issued.not_before = certificate.not_before();
  issued.not_after = certificate.not_after();
  issued.pem = certificate.pem();
  return issued;
}

Result<IssuedCertificate> read_row(const io::Statement& row) {
  const auto certificate = crypto::Certificate::from_pem(row.text(2));
  if (!certificate) return fail(errc::corrupt, "portal.db: " + certificate.error().message());
  IssuedCertificate issued = describe(*certificate);
  UNDERSTUDY_TRY(issued.environment, parse_environment(row.text(0)));
  issued.requester = row.text(1);
  if (!row.is_null(3)) issued.revoked_at = from_unix_us(row.integer(3));
  return issued;
}

}  // namespace

std::string_view standing_name(PushCertificateStanding standing) {
  constexpr std::array<std::string_view, 7> kNames = {
      "good", "foreign", "other environment", "no topic", "revoked", "expired", "not yet valid"};
  return kNames.at(static_cast<std::size_t>(standing));
}

Result<std::unique_ptr<PushPortal>> PushPortal::open(const std::filesystem::path& folder,
                                                     const Rng& rng, TimePoint now) {
  UNDERSTUDY_TRY(auto production, PushAuthority::open(folder, now, Environment::production));
  UNDERSTUDY_TRY(auto sandbox, PushAuthority::open(folder, now, Environment::sandbox));
  UNDERSTUDY_TRY(io::Database database, io::Database::open(folder / "portal.db"));
  UNDERSTUDY_CHECK(database.migrate({kPortalSchema}));
  std::unique_ptr<PushPortal> portal(
      new PushPortal(std::move(database), std::move(production), std::move(sandbox), rng));
  UNDERSTUDY_CHECK(portal->load_revoked());
  return portal;
}

Result<void> PushPortal::load_revoked() {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare("SELECT serial FROM certificates WHERE revoked_at IS NOT NULL"));
  for (;;) {
    UNDERSTUDY_TRY(const bool more, select.step());
    if (!more) return {};
    revoked_.insert(select.text(0));
  }
}

/// By how many there are, so that one seed gives the same topics again, and another after a
/// restart.
Result<std::string> PushPortal::new_topic() {
  UNDERSTUDY_TRY(io::Statement select, db_.prepare("SELECT COUNT(*) FROM certificates"));
  UNDERSTUDY_TRY(const bool found, select.step());
  const std::int64_t count = found ? select.integer(0) : 0;
  Rng rng = rng_.derive("push.topic." + std::to_string(count));
  return PushAuthority::new_topic(rng);
}

Result<IssuedCertificate> PushPortal::sign(const crypto::PublicKey& key,
                                           const CertificateOrder& order, TimePoint now) const {
  UNDERSTUDY_TRY(const auto certificate,
                 authority(order.environment).issue_multi_topic(key, order.topics, now));
  IssuedCertificate issued = describe(certificate);
  issued.environment = order.environment;
  issued.requester = order.requester;
  return issued;
}

Result<void> PushPortal::put(const IssuedCertificate& certificate) {
  UNDERSTUDY_TRY(io::Statement insert,
                 db_.prepare("INSERT INTO certificates(serial, topic, environment, requester, pem) "
                             "VALUES(?1, ?2, ?3, ?4, ?5)"));
  insert.bind(1, certificate.serial).bind(2, certificate.topics.front());
  insert.bind(3, environment_name(certificate.environment)).bind(4, certificate.requester);
  return insert.bind(5, certificate.pem).run();
}

Result<IssuedCertificate> PushPortal::issue(const SigningRequest& request,
                                            const CertificateOrder& order, TimePoint now) {
  CertificateOrder full = order;
  if (full.requester.empty()) full.requester = request.requester();
  if (full.topics.empty()) {
    UNDERSTUDY_TRY(std::string topic, new_topic());
    full.topics.push_back(std::move(topic));
  }
  UNDERSTUDY_TRY(IssuedCertificate issued, sign(request.csr.public_key(), full, now));
  UNDERSTUDY_CHECK(put(issued));
  log::info("portal.issued", {{"serial", issued.serial},
                              {"topic", issued.topics.front()},
                              {"environment", std::string(environment_name(issued.environment))}});
  return issued;
}

Result<crypto::Identity> PushPortal::issue_identity(const CertificateOrder& order, TimePoint now) {
  UNDERSTUDY_TRY(auto key, crypto::PrivateKey::generate(crypto::KeyType::rsa_2048));
  crypto::CertificateRequest::Options options;
  options.subject = crypto::Name::of({{"CN", "Understudy"}});
  UNDERSTUDY_TRY(auto csr, crypto::CertificateRequest::create(key, options));
  const SigningRequest request{std::move(csr), std::nullopt};
  UNDERSTUDY_TRY(const IssuedCertificate issued, issue(request, order, now));
  UNDERSTUDY_TRY(auto certificate, crypto::Certificate::from_pem(issued.pem));
  return crypto::Identity{
      std::move(key), std::move(certificate), {authority(order.environment).certificate()}};
}

Result<IssuedCertificate> PushPortal::renew(const Renewal& wanted, const SigningRequest& request,
                                            TimePoint now) {
  const std::string& topic = wanted.topic;
  UNDERSTUDY_TRY(const std::optional<IssuedCertificate> last, newest(wanted));
  if (!last && wanted.environment) {
    return fail(errc::not_found,
                "renew the " + std::string(environment_name(*wanted.environment)) +
                    " push certificate of topic '" + topic + "': there is none",
                "leave the environment out, or name the other one");
  }
  if (!last) {
    return fail(errc::not_found,
                "renew the push certificate of topic '" + topic + "': there is none",
                "no certificate of that topic was issued here; a new one gets a new topic, and "
                "every device has to enroll again for it");
  }
  const CertificateOrder order{last->environment, last->topics, request.requester()};
  UNDERSTUDY_TRY(IssuedCertificate issued, sign(request.csr.public_key(), order, now));
  UNDERSTUDY_TRY(const std::vector<std::string> old, valid_serials(topic, order.environment));
  UNDERSTUDY_TRY(io::Transaction transaction, io::Transaction::begin(db_));
  for (const std::string& serial : old) UNDERSTUDY_CHECK(put_revoked(serial, now));
  UNDERSTUDY_CHECK(put(issued));
  UNDERSTUDY_CHECK(transaction.commit());
  log::info("portal.renewed", {{"serial", issued.serial}, {"topic", topic}});
  for (const std::string& serial : old) announce(serial);
  return issued;
}

Result<std::optional<IssuedCertificate>> PushPortal::newest(const Renewal& wanted) {
  if (wanted.environment) return newest(wanted.topic, *wanted.environment);
  UNDERSTUDY_TRY(auto production, newest(wanted.topic, Environment::production));
  if (production) return production;
  return newest(wanted.topic, Environment::sandbox);
}

Result<std::optional<IssuedCertificate>> PushPortal::newest(const std::string& topic,
                                                            Environment environment) {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare(std::string(kSelect) +
                             "WHERE topic = ?1 AND environment = ?2 ORDER BY id DESC LIMIT 1"));
  UNDERSTUDY_TRY(const bool found,
                 select.bind(1, topic).bind(2, environment_name(environment)).step());
  if (!found) return std::optional<IssuedCertificate>();
  UNDERSTUDY_TRY(IssuedCertificate issued, read_row(select));
  return std::optional<IssuedCertificate>(std::move(issued));
}

Result<std::vector<std::string>> PushPortal::valid_serials(const std::string& topic,
                                                           Environment environment) {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare("SELECT serial FROM certificates WHERE topic = ?1 AND "
                             "environment = ?2 AND revoked_at IS NULL"));
  select.bind(1, topic).bind(2, environment_name(environment));
  std::vector<std::string> serials;
  for (;;) {
    UNDERSTUDY_TRY(const bool more, select.step());
    if (!more) return serials;
    serials.push_back(select.text(0));
  }
}

Result<void> PushPortal::put_revoked(const std::string& serial, TimePoint now) {
  UNDERSTUDY_TRY(io::Statement update,
                 db_.prepare("UPDATE certificates SET revoked_at = ?2 WHERE serial = ?1"));
  UNDERSTUDY_CHECK(update.bind(1, serial).bind(2, to_unix_us(now)).run());
  if (db_.changes() > 0) return {};
  return fail(errc::not_found, "revoke push certificate " + serial + ": there is none",
              "the portal lists the serials of those it issued");
}

Result<void> PushPortal::revoke(const std::string& serial, TimePoint now) {
  if (is_revoked(serial)) return {};
  UNDERSTUDY_CHECK(put_revoked(serial, now));
  announce(serial);
  return {};
}

void PushPortal::announce(const std::string& serial) {
  revoked_.insert(serial);
  log::info("portal.revoked", {{"serial", serial}});
  for (const auto& listener : listeners_) listener(serial);
}

void PushPortal::on_revocation(std::function<void(const std::string& serial)> listener) {
  listeners_.push_back(std::move(listener));
}

Result<std::vector<IssuedCertificate>> PushPortal::issued() {
  UNDERSTUDY_TRY(io::Statement select, db_.prepare(std::string(kSelect) + "ORDER BY id DESC"));
  std::vector<IssuedCertificate> all;
  for (;;) {
    UNDERSTUDY_TRY(const bool more, select.step());
    if (!more) return all;
    UNDERSTUDY_TRY(IssuedCertificate issued, read_row(select));
    all.push_back(std::move(issued));
  }
}

PushCertificateStanding PushPortal::judge(const crypto::Certificate& certificate,
                                          Environment listener, TimePoint now) const {
  using Standing = PushCertificateStanding;
  const Environment other =
      listener == Environment::production ? Environment::sandbox : Environment::production;
  if (!certificate.issued_by(authority(listener).certificate())) {
    const bool is_other = certificate.issued_by(authority(other).certificate());
    return is_other ? Standing::other_environment : Standing::foreign;
  }
  if (topics_of(certificate).empty()) return Standing::no_topic;
  if (is_revoked(certificate.serial_hex())) return Standing::revoked;
  if (now > certificate.not_after()) return Standing::expired;
  if (now < certificate.not_before()) return Standing::not_yet_valid;
  return Standing::good;
}

const PushAuthority& PushPortal::authority(Environment environment) const {
  return environment == Environment::sandbox ? sandbox_ : production_;
}

}  // namespace understudy::apns_mock
