#include "shared/scep/responder.h"

#include <algorithm>

namespace understudy::scep {
namespace {

constexpr std::size_t kMaxTransactionId = 255;

Reply refuse_http(const std::string& why) {
  return Reply{400, "text/plain", to_bytes(why + "\n"), why};
}

Reply broken(const Error& error) {
  return Reply{500, "text/plain", to_bytes(error.message() + "\n"), error.message()};
}

/// How an expected failure inside becomes the failInfo outside.
FailInfo fail_info_of(const Error& error) {
  if (error.code == crypto::errc::unsupported) return FailInfo::bad_alg;
  if (error.code == crypto::errc::wrong_key || error.code == crypto::errc::bad_signature) {
    return FailInfo::bad_message_check;
  }
  if (error.code == understudy::errc::not_found) return FailInfo::bad_cert_id;
  return FailInfo::bad_request;
}

}  // namespace

Capabilities ResponderOptions::default_capabilities() {
  return {{"AES", "DES3", "POSTPKIOperation", "SCEPStandard", "SHA-1", "SHA-256", "SHA-512"}};
}

Responder::Responder(const crypto::CertificateAuthority& ca, const Clock& clock,
                     ResponderOptions options)
    : ca_(ca), clock_(clock), options_(std::move(options)) {
  if (options_.capabilities.keywords.empty()) {
    options_.capabilities = ResponderOptions::default_capabilities();
  }
}

Reply Responder::handle(std::string_view operation, BytesView message) {
  if (operation == "GetCACaps") {
    return Reply{200, "text/plain", to_bytes(options_.capabilities.text()), {}};
  }
  if (operation == "GetCACert") return ca_certificates();
  if (operation == "PKIOperation") return pki_operation(message);
  return refuse_http("SCEP operation '" + std::string(operation.substr(0, 64)) +
                     "' is not supported; use GetCACaps, GetCACert or PKIOperation");
}

const crypto::Identity& Responder::answering() const {
  return options_.ra ? *options_.ra : ca_.identity();
}

Reply Responder::ca_certificates() const {
  if (!options_.ra) return Reply{200, std::string(kTypeCaCert), ca_.certificate().der(), {}};
  std::vector<crypto::Certificate> all{ca_.certificate(), options_.ra->certificate};
  const auto& chain = ca_.identity().chain;
  all.insert(all.end(), chain.begin(), chain.end());
  auto list = crypto::cms::certificates_only(all);
  if (!list) return broken(list.error());
  return Reply{200, std::string(kTypeCaRaCert), std::move(*list), {}};
}

Reply Responder::pki_operation(BytesView message) {
  const auto request = parse_message(message);
  if (!request) return refuse_http(request.error().message());
  std::string log;
  auto body = answer(*request, log);
  if (!body) {
    log = body.error().message();
    Attributes failure;
    failure.status = PkiStatus::failure;
    failure.fail_info = fail_info_of(body.error());
    body = reply_to(*request, failure, {});
  }
  if (!body) return broken(body.error());
  return Reply{200, std::string(kTypePkiMessage), std::move(*body), std::move(log)};
}

Result<Bytes> Responder::answer(const Message& request, std::string& log) {
  const Attributes& attributes = request.attributes;
  if (attributes.transaction_id.size() > kMaxTransactionId || attributes.sender_nonce.empty()) {
    return fail(errc::malformed, "SCEP request: transactionID or senderNonce");
  }
  if (attributes.type == MessageType::pkcs_req) {
    UNDERSTUDY_TRY(const auto csr, read_request(request));
    return decided(request, csr, log);
  }
  if (attributes.type == MessageType::cert_poll) {
    UNDERSTUDY_TRY(const auto csr, read_poll(request));
    return decided(request, csr, log);
  }
  return fail(errc::malformed, "SCEP request: message type " +
                                   std::to_string(static_cast<int>(attributes.type)) +
                                   " is not supported");
}

/// The PKCS#10, with its proof of possession: made by its own key, and an RSA key sent it as well.
Result<crypto::CertificateRequest> Responder::read_request(const Message& request) {
  UNDERSTUDY_TRY(const Bytes der, crypto::cms::decrypt(request.content, answering()));
  UNDERSTUDY_TRY(auto csr, crypto::CertificateRequest::from_der(der));
  // A key that nobody can encipher to has an RSA key carry its messages.
  const bool same_key = csr.public_key() == request.signer.public_key();
  if (!csr.signature_ok() || (csr.public_key().is_rsa() && !same_key)) {
    return fail(crypto::errc::bad_signature, "SCEP request: proof of possession");
  }
  if (!request.signer.public_key().is_rsa()) {
    return fail(crypto::errc::unsupported, "SCEP request: it is signed with a key that is not RSA");
  }
  const auto waiting = pending_.find(request.attributes.transaction_id);
  if (waiting != pending_.end() && waiting->second.request != der) {
    return fail(errc::malformed, "SCEP request: its transactionID belongs to another request");
  }
  return csr;
}

/// The request that was kept, for the holder of its key only.
Result<crypto::CertificateRequest> Responder::read_poll(const Message& request) {
  UNDERSTUDY_CHECK(crypto::cms::decrypt(request.content, answering()));
  const auto waiting = pending_.find(request.attributes.transaction_id);
  if (waiting == pending_.end()) {
    return fail(understudy::errc::not_found, "SCEP poll: no such transaction is pending");
  }
  UNDERSTUDY_TRY(auto csr, crypto::CertificateRequest::from_der(waiting->second.request));
  if (waiting->second.sender != request.signer.public_key().der()) {
    return fail(crypto::errc::wrong_key, "SCEP poll: signed by another key");
  }
  return csr;
}

Result<Bytes> Responder::decided(const Message& request, const crypto::CertificateRequest& csr,
                                 std::string& log) {
  const std::string& transaction = request.attributes.transaction_id;
  const Decision decision = options_.decide ? options_.decide(csr, transaction) : Decision{};
  Attributes attributes;
  if (decision.kind == Decision::Kind::pend) {
    if (!pending_.contains(transaction) && pending_.size() >= kMaxPending) {
      return fail(understudy::errc::limit, "SCEP request: too many are pending");
    }
    pending_.insert_or_assign(transaction, Pending{csr.der(), request.signer.public_key().der()});
    attributes.status = PkiStatus::pending;
    return reply_to(request, attributes, {});
  }
  pending_.erase(transaction);
  if (decision.kind == Decision::Kind::refuse) {
    attributes.status = PkiStatus::failure;
    attributes.fail_info = decision.fail_info;
    log = "SCEP request refused (" + std::string(fail_info_name(decision.fail_info)) +
          "): " + decision.why;
    return reply_to(request, attributes, {});
  }
  UNDERSTUDY_TRY(const auto cipher, options_.capabilities.cipher());
  UNDERSTUDY_TRY(const auto certificate, issue(csr));
  UNDERSTUDY_TRY(const Bytes list, crypto::cms::certificates_only({&certificate, 1}));
  UNDERSTUDY_TRY(const Bytes envelope, crypto::cms::encrypt(list, request.signer, cipher));
  attributes.status = PkiStatus::success;
  return reply_to(request, attributes, envelope);
}

Result<crypto::Certificate> Responder::issue(const crypto::CertificateRequest& csr) const {
  const TimePoint now = clock_.now();
  crypto::CertificateSpec spec;
  spec.subject = csr.subject();
  spec.alt_names = csr.alt_names();
  spec.purpose = crypto::CertificateSpec::Purpose::tls_client;
  spec.not_before = now - kClockLeeway;
  spec.not_after = std::min(now + options_.validity, ca_.certificate().not_after());
  UNDERSTUDY_TRY(auto certificate, ca_.issue(spec, csr.public_key()));
  if (options_.issued) UNDERSTUDY_CHECK(options_.issued(certificate, csr));
  return certificate;
}

Result<Bytes> Responder::reply_to(const Message& request, Attributes attributes,
                                  BytesView content) const {
  UNDERSTUDY_TRY(const auto digest, options_.capabilities.digest());
  attributes.type = MessageType::cert_rep;
  attributes.transaction_id = request.attributes.transaction_id;
  attributes.sender_nonce = crypto::random_bytes(kNonceOctets);
  attributes.recipient_nonce = request.attributes.sender_nonce;
  return build_message(attributes, content, answering(), digest);
}

}  // namespace understudy::scep
