#include "server-mock/device_services/enrollment_service.h"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>

#include "server-mock/device_services/errc.h"
#include "shared/crypto/pkcs12.h"
#include "shared/mdm/messages.h"
#include "shared/plist/plist.h"

namespace understudy::server {
namespace {

constexpr std::size_t kSecretBytes = 16;
constexpr const char* kDeviceName = "Understudy Device Identity";

constexpr std::array<std::string_view, 5> kQueries = {"identity", "urls", "sign", "signed",
                                                      "environment"};

struct MadeIdentity {
  crypto::Certificate certificate;
  mdm::Pkcs12Payload payload;
};

Result<MadeIdentity> make_pkcs12(const crypto::CertificateAuthority& ca, TimePoint now,
                                 std::chrono::hours validity) {
  UNDERSTUDY_TRY(crypto::PrivateKey key, crypto::PrivateKey::generate(crypto::KeyType::rsa_2048));
  crypto::CertificateSpec spec;
  spec.subject = crypto::Name::of({{"CN", kDeviceName}});
  spec.purpose = crypto::CertificateSpec::Purpose::any_client_or_email;
  spec.not_before = now - std::chrono::minutes(5);
  spec.not_after = now + validity;
  UNDERSTUDY_TRY(crypto::Certificate certificate, ca.issue(spec, key.public_key()));
  const crypto::Identity identity{std::move(key), certificate, {ca.certificate()}};
  mdm::Pkcs12Payload payload;
  payload.password = hex_encode(crypto::random_bytes(kSecretBytes));
  UNDERSTUDY_TRY(payload.file, crypto::write_pkcs12(identity, payload.password, kDeviceName));
  return MadeIdentity{std::move(certificate), std::move(payload)};
}

using MadeLater = std::shared_ptr<Result<MadeIdentity>>;
Task<MadeLater> make_pkcs12_later(const crypto::CertificateAuthority& ca, TimePoint now,
                                  std::chrono::hours validity) {
  co_return std::make_shared<Result<MadeIdentity>>(make_pkcs12(ca, now, validity));
}

/// "1"/"0" and the like of one query parameter.
Result<bool> choice(const net::Target& target, const char* name, const char* no, const char* yes,
                    bool preset) {
  const std::optional<std::string> value = target.parameter(name);
  if (!value) return preset;
  if (*value == no) return false;
  if (*value == yes) return true;
  return fail(device_errc::bad_request, std::string("/enroll: ") + name + "=" + *value,
              std::string(name) + " is " + no + " or " + yes);
}

}  // namespace

std::string challenge_digest(std::string_view challenge) {
  return hex_encode(crypto::digest(crypto::Digest::sha256, as_bytes(challenge)));
}

EnrollmentService::EnrollmentService(Store& store, const crypto::CertificateAuthority& device_ca,
                                     crypto::Identity signer,
                                     std::vector<crypto::Certificate> anchors, const Clock& clock,
                                     Rng& rng, EnrollmentOptions options)
    : store_(store),
      device_ca_(device_ca),
      signer_(std::move(signer)),
      anchors_(std::move(anchors)),
      clock_(clock),
      rng_(rng),
      options_(std::move(options)) {}

EnrollmentService::~EnrollmentService() {
  key_maker_.join();
}

Result<EnrollmentService::Wishes> EnrollmentService::read_wishes(const net::Target& target) {
  for (const auto& [name, value] : target.query) {
    if (std::find(kQueries.begin(), kQueries.end(), name) != kQueries.end()) continue;
    return fail(device_errc::bad_request,
                std::string("/enroll: ").append(name).append("=").append(value),
                "the query is made of identity, urls, sign, signed and environment");
  }
  Wishes wishes;
  UNDERSTUDY_TRY(wishes.pkcs12, choice(target, "identity", "scep", "pkcs12", false));
  UNDERSTUDY_TRY(wishes.two_urls, choice(target, "urls", "one", "two", false));
  UNDERSTUDY_TRY(wishes.sign_messages, choice(target, "sign", "0", "1", true));
  UNDERSTUDY_TRY(wishes.sign_profile, choice(target, "signed", "0", "1", false));
  UNDERSTUDY_TRY(wishes.sandbox, choice(target, "environment", "production", "sandbox", false));
  return wishes;
}

Task<Result<net::HttpResponse>> EnrollmentService::profile(net::Target target) {
  UNDERSTUDY_CO_TRY(const Wishes wishes, read_wishes(target));
  UNDERSTUDY_CO_TRY(const std::string topic, topic_of(wishes));
  UNDERSTUDY_CO_TRY(mdm::IdentityPayload payload, co_await identity(wishes.pkcs12));
  co_return write(wishes, topic, std::move(payload));
}

Result<std::string> EnrollmentService::scep_profile() {
  const Wishes wishes;
  UNDERSTUDY_TRY(const std::string topic, topic_of(wishes));
  UNDERSTUDY_TRY(mdm::IdentityPayload payload, scep_identity());
  UNDERSTUDY_TRY(net::HttpResponse written, write(wishes, topic, std::move(payload)));
  return std::move(written.body);
}

Result<std::string> EnrollmentService::topic_of(const Wishes& wishes) {
  UNDERSTUDY_TRY(const std::optional<PushCertificateRecord> push,
                 store_.push_certificate(wishes.sandbox ? "sandbox" : "production"));
  if (push) return push->topic;
  return fail(device_errc::not_ready, "no profile can be made without a push certificate's topic",
              wishes.sandbox ? "upload one of the sandbox with PUT /v1/pushcert?environment=sandbox"
                             : "upload a push certificate with PUT /v1/pushcert");
}

Task<Result<mdm::IdentityPayload>> EnrollmentService::identity(bool pkcs12) {
  if (!pkcs12) co_return scep_identity();
  co_return co_await pkcs12_identity();
}

Result<mdm::IdentityPayload> EnrollmentService::scep_identity() {
  mdm::ScepPayload payload;
  payload.retries = options_.scep_retries;
  payload.url = options_.base_url + "/scep";
  payload.name = "understudy";
  payload.challenge = hex_encode(crypto::random_bytes(kSecretBytes));
  payload.subject = crypto::Name::of({{"O", options_.organization}, {"CN", kDeviceName}});
  payload.key_size = 2048;
  payload.key_usage = 5;  // signing and encryption
  payload.ca_fingerprint =
      crypto::digest(crypto::Digest::sha1, device_ca_.certificate().der());  // what devices know
  const TimePoint now = clock_.now();
  UNDERSTUDY_CHECK(store_.put_challenge(challenge_digest(payload.challenge),
                                        now + options_.challenge_lifetime, now));
  return mdm::IdentityPayload(std::move(payload));
}

Task<Result<mdm::IdentityPayload>> EnrollmentService::pkcs12_identity() {
  Task<MadeLater> task = make_pkcs12_later(device_ca_, clock_.now(), options_.identity_validity);
  const auto executor = key_maker_.get_executor();
  MadeLater made = co_await asio::co_spawn(executor, std::move(task), asio::use_awaitable);
  if (!*made) co_return tl::unexpected(std::move(*made).error());
  const crypto::Certificate& certificate = (*made)->certificate;
  UNDERSTUDY_CO_CHECK(
      store_.put_certificate(certificate.fingerprint(), "", certificate.not_after()));
  co_return mdm::IdentityPayload(std::move((*made)->payload));
}

mdm::MdmPayload EnrollmentService::mdm_payload(const Wishes& wishes,
                                               const std::string& topic) const {
  mdm::MdmPayload payload;
  payload.server_url = options_.base_url + "/mdm";
  payload.checkin_url = wishes.two_urls ? options_.base_url + "/checkin" : payload.server_url;
  payload.topic = topic;
  payload.use_development_apns = wishes.sandbox;
  payload.check_out_when_removed = true;
  payload.sign_message = wishes.sign_messages;
  payload.server_capabilities = {"com.apple.mdm.per-user-connections",
                                 "com.apple.mdm.bootstraptoken", "com.apple.mdm.token"};
  return payload;
}

Result<net::HttpResponse> EnrollmentService::write(const Wishes& wishes, const std::string& topic,
                                                   mdm::IdentityPayload identity) {
  mdm::EnrollmentProfileSpec spec;
  spec.identifier = options_.identifier;
  spec.display_name = options_.display_name;
  spec.organization = options_.organization;
  spec.profile_uuid = rng_.uuid();
  spec.mdm_uuid = rng_.uuid();
  spec.identity_uuid = rng_.uuid();
  spec.mdm = mdm_payload(wishes, topic);
  spec.identity = std::move(identity);
  spec.anchors = anchors_;
  UNDERSTUDY_TRY(const plist::Value profile, mdm::make_enrollment_profile(spec));
  UNDERSTUDY_TRY(std::string body, plist::write_xml(profile));
  if (wishes.sign_profile) {
    UNDERSTUDY_TRY(const Bytes message, crypto::cms::sign(as_bytes(body), signer_));
    body = to_text(message);
  }
  return net::HttpResponse::of(200, std::string(mdm::kProfileContentType), std::move(body));
}

}  // namespace understudy::server
