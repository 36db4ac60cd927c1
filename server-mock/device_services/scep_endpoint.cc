#include "server-mock/device_services/scep_endpoint.h"

#include "server-mock/device_services/enrollment_service.h"
#include "shared/core/log.h"

namespace understudy::server {
namespace {

scep::Decision refuse(std::string why) {
  scep::Decision decision;
  decision.kind = scep::Decision::Kind::refuse;
  decision.fail_info = scep::FailInfo::bad_request;
  decision.why = std::move(why);
  return decision;
}

/// Who uses a challenge up: a transaction and its key. One that comes again has lost our reply;
/// another key is somebody else's.
std::string requester(const crypto::CertificateRequest& request,
                      const std::string& transaction_id) {
  const Bytes key = crypto::digest(crypto::Digest::sha256, request.public_key().der());
  return transaction_id + " " + hex_encode(key);
}

net::HttpResponse bad_request(const std::string& why) {
  return net::HttpResponse::text(400, "scep: " + why + "\n");
}

}  // namespace

Result<crypto::Identity> make_registration_authority(const crypto::CertificateAuthority& ca,
                                                     TimePoint now, std::chrono::hours validity) {
  UNDERSTUDY_TRY(auto key, crypto::PrivateKey::generate(crypto::KeyType::rsa_2048));
  crypto::CertificateSpec spec;
  spec.subject = crypto::Name::of({{"O", "Understudy"}, {"CN", "Understudy RA"}});
  spec.purpose = crypto::CertificateSpec::Purpose::ra;
  spec.not_before = now - std::chrono::hours(1);
  spec.not_after = now + validity;
  UNDERSTUDY_TRY(auto certificate, ca.issue(spec, key.public_key()));
  return crypto::Identity{std::move(key), std::move(certificate), {}};
}

ScepEndpoint::ScepEndpoint(Store& store, const crypto::CertificateAuthority& ca, const Clock& clock,
                           const ScepOptions& options)
    : store_(store),
      clock_(clock),
      get_only_(options.get_only),
      pending_(options.pending),
      responder_(ca, clock, responder_options(options)) {}

scep::ResponderOptions ScepEndpoint::responder_options(const ScepOptions& options) {
  scep::ResponderOptions responder;
  responder.capabilities = scep::ResponderOptions::default_capabilities();
  if (options.get_only) {  // "SCEPStandard" says POST too (RFC 8894 3.5.2)
    responder.capabilities.keywords.erase("POSTPKIOperation");
    responder.capabilities.keywords.erase("SCEPStandard");
  }
  responder.ra = options.ra;
  responder.validity = options.validity;
  responder.decide = [this](const crypto::CertificateRequest& request,
                            const std::string& transaction_id) {
    return decide(request, transaction_id);
  };
  responder.issued = [this](const crypto::Certificate& certificate,
                            const crypto::CertificateRequest&) {
    return store_.put_certificate(certificate.fingerprint(), "", certificate.not_after());
  };
  return responder;
}

net::HttpResponse ScepEndpoint::handle(const net::IncomingRequest& request,
                                       const net::Target& target) {
  const std::optional<std::string> operation = target.parameter("operation");
  if (!operation) {
    return bad_request("the query has no operation; use GetCACaps, GetCACert or PKIOperation");
  }
  const bool is_taken = request.method == "GET" || (request.method == "POST" && !get_only_);
  if (!is_taken) {
    const std::string allowed = get_only_ ? "GET" : "GET, POST";
    net::HttpResponse refused =
        net::HttpResponse::text(405, "scep: this CA takes " + allowed + " only\n");
    refused.headers.set("Allow", allowed);
    return refused;
  }
  Bytes message = to_bytes(request.body);
  if (request.method == "GET") {
    const std::string text = target.parameter("message").value_or("");
    if (*operation == "PKIOperation") {
      Result<Bytes> decoded = base64_decode(text);
      if (!decoded) return bad_request("message is no base64: " + decoded.error().message());
      message = std::move(*decoded);
    } else {
      message = to_bytes(text);
    }
  }
  const scep::Reply reply = responder_.handle(*operation, message);
  if (!reply.log.empty()) log::warn("scep.refused", {{"why", reply.log}});
  return net::HttpResponse::of(reply.http_status, reply.content_type, to_text(reply.body));
}

scep::Decision ScepEndpoint::decide(const crypto::CertificateRequest& request,
                                    const std::string& transaction_id) {
  scep::Decision decision = judge(request, transaction_id);
  if (decision.kind == scep::Decision::Kind::issue && must_wait(transaction_id)) {
    log::info("scep.pending", {{"transaction", transaction_id}});
    decision.kind = scep::Decision::Kind::pend;
  } else {
    asked_.erase(transaction_id);
  }
  return decision;
}

/// At most as many are counted as the responder keeps: it refuses those beyond them.
bool ScepEndpoint::must_wait(const std::string& transaction_id) {
  const auto asked = asked_.find(transaction_id);
  if ((asked == asked_.end() ? 0 : asked->second) >= pending_) return false;
  if (asked != asked_.end() || asked_.size() < scep::Responder::kMaxPending) {
    ++asked_[transaction_id];
  }
  return true;
}

scep::Decision ScepEndpoint::judge(const crypto::CertificateRequest& request,
                                   const std::string& transaction_id) {
  const std::string challenge = request.challenge();
  if (challenge.empty()) return refuse("the request carries no challenge");
  if (transaction_id.empty()) return refuse("the request carries no transactionID");
  const Result<ChallengeUse> use = store_.use_challenge(
      challenge_digest(challenge), requester(request, transaction_id), clock_.now());
  if (!use) {
    log::error("scep.challenge", {{"error", use.error().message()}});
    return refuse("the challenge cannot be checked");
  }
  switch (*use) {
    case ChallengeUse::accepted:
      return scep::Decision();
    case ChallengeUse::unknown:
      return refuse("the challenge is not one of ours");
    case ChallengeUse::used:
      return refuse("the challenge was used before");
    case ChallengeUse::expired:
      return refuse("the challenge has expired");
  }
  return refuse("the challenge cannot be checked");
}

}  // namespace understudy::server
