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

ScepEndpoint::ScepEndpoint(Store& store, const crypto::CertificateAuthority& ca, const Clock& clock,
                           std::chrono::hours validity)
    : store_(store), clock_(clock), responder_(ca, clock, [&] {
        scep::ResponderOptions options;
        options.capabilities = scep::ResponderOptions::default_capabilities();
        options.validity = validity;
        options.decide = [this](const crypto::CertificateRequest& request,
                                const std::string& transaction_id) {
          return decide(request, transaction_id);
        };
        options.issued = [this](const crypto::Certificate& certificate,
                                const crypto::CertificateRequest&) {
          return store_.put_certificate(certificate.fingerprint(), "", certificate.not_after());
        };
        return options;
      }()) {}

net::HttpResponse ScepEndpoint::handle(const net::IncomingRequest& request,
                                       const net::Target& target) {
  const std::optional<std::string> operation = target.parameter("operation");
  if (!operation) {
    return bad_request("the query has no operation; use GetCACaps, GetCACert or PKIOperation");
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
