#include "shared/scep/client.h"

#include <algorithm>

#include "shared/crypto/ca.h"

namespace understudy::scep {
namespace {

constexpr std::chrono::hours kTemporaryLife{24 * 7};

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || (c >= '0' && c <= '9') || std::string_view("-._~").find(c) != std::string::npos) {
      encoded += c;
      continue;
    }
    const auto value = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kHex[value >> 4];
    encoded += kHex[value & 0xf];
  }
  return encoded;
}

std::string operation_url(std::string_view url, std::string_view operation) {
  const bool has_query = url.find('?') != std::string_view::npos;
  return std::string(url) + (has_query ? "&" : "?") + "operation=" + std::string(operation);
}

std::string operation_url(std::string_view url, std::string_view operation,
                          std::string_view message) {
  return operation_url(url, operation) + "&message=" + percent_encode(message);
}

/// "application/x-pki-message; charset=x" is still an application/x-pki-message.
bool is_type(std::string_view content_type, std::string_view wanted) {
  const auto end = std::min(content_type.find_first_of("; \t"), content_type.size());
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(content_type.substr(0, end), wanted, {}, lower);
}

tl::unexpected<Error> wrong_type(std::string_view operation, std::string_view content_type,
                                 std::string_view wanted) {
  return fail(
      errc::transport,
      "SCEP " + std::string(operation) + ": content type '" + std::string(content_type) + "'",
      "let the CA answer " + std::string(wanted));
}

/// Whom to encipher to. Of an RA set it must be a real RA certificate, as Apple's devices insist
/// (docs/protocol/scep.md): one that enciphers, and one (the same or another) that signs.
Result<crypto::Certificate> choose_recipient(const std::vector<crypto::Certificate>& certificates,
                                             bool ra_set) {
  if (!ra_set) return certificates.front();
  const auto enciphers = std::ranges::find_if(certificates, [](const crypto::Certificate& one) {
    return !one.is_ca() && one.may_encipher() && one.public_key().is_rsa();
  });
  const bool signs = std::ranges::any_of(
      certificates, [](const crypto::Certificate& one) { return !one.is_ca() && one.may_sign(); });
  if (enciphers == certificates.end() || !signs) {
    return fail(errc::malformed,
                "SCEP GetCACert: the RA set has no RA certificate that may sign and encipher",
                "give the RA the key usages digitalSignature and keyEncipherment");
  }
  return *enciphers;
}

Bytes fingerprint_of(const crypto::Certificate& certificate, std::size_t octets) {
  const Bytes der = certificate.der();
  switch (octets) {
    case 16:
      return crypto::md5(der);
    case 20:
      return crypto::digest(crypto::Digest::sha1, der);
    case 32:
      return crypto::digest(crypto::Digest::sha256, der);
    case 64:
      return crypto::digest(crypto::Digest::sha512, der);
    default:
      return {};
  }
}

}  // namespace

Client::Client(ClientOptions options, crypto::PrivateKey key, TimePoint now)
    : options_(std::move(options)), key_(std::move(key)), now_(now) {}

Result<Action> Client::start() {
  if (state_ != State::idle) {
    return fail(understudy::errc::invalid_argument, "SCEP client: started twice");
  }
  if (!carrier().is_rsa()) {
    state_ = State::finished;
    return fail(crypto::errc::unsupported, "SCEP client: the device's key",
                "SCEP enciphers to it, so it must be RSA");
  }
  state_ = State::capabilities;
  return HttpGet{operation_url(options_.url, "GetCACaps", options_.name)};
}

Result<Action> Client::answered(int status, std::string_view content_type, BytesView body) {
  return finished_if_failed(take(status, content_type, body));
}

Result<Action> Client::waited() {
  if (state_ != State::waiting) {
    return fail(understudy::errc::invalid_argument, "SCEP client: it did not ask to wait");
  }
  return finished_if_failed(send_operation(MessageType::cert_poll));
}

Result<Action> Client::finished_if_failed(Result<Action> next) {
  if (!next) state_ = State::finished;
  return next;
}

Result<Action> Client::take(int status, std::string_view content_type, BytesView body) {
  const bool asked =
      state_ == State::capabilities || state_ == State::certificate || state_ == State::operation;
  if (!asked) {
    return fail(understudy::errc::invalid_argument, "SCEP client: it did not ask anything");
  }
  if (status != 200) {
    return fail(errc::transport, "SCEP at " + options_.url + ": HTTP " + std::to_string(status),
                "check the URL of the SCEP payload and the CA's log");
  }
  if (state_ == State::capabilities) return take_capabilities(body);
  if (state_ == State::certificate) return take_ca_certificates(content_type, body);
  return take_reply(content_type, body);
}

Result<Action> Client::take_capabilities(BytesView body) {
  capabilities_ = Capabilities::parse(as_text(body));
  UNDERSTUDY_CHECK(capabilities_.digest());
  UNDERSTUDY_CHECK(capabilities_.cipher());
  state_ = State::certificate;
  return HttpGet{operation_url(options_.url, "GetCACert", options_.name)};
}

Result<Action> Client::take_ca_certificates(std::string_view content_type, BytesView body) {
  const bool ra_set = is_type(content_type, kTypeCaRaCert);
  if (ra_set) {
    UNDERSTUDY_TRY(ca_, crypto::cms::read_certificates(body));
    std::ranges::partition(ca_, &crypto::Certificate::is_ca);
  } else if (is_type(content_type, kTypeCaCert)) {
    UNDERSTUDY_TRY(const crypto::Certificate single, crypto::Certificate::from_der(body));
    ca_.assign(1, single);
  } else {
    return wrong_type("GetCACert", content_type, kTypeCaCert);
  }
  UNDERSTUDY_TRY(crypto::Certificate recipient, choose_recipient(ca_, ra_set));
  UNDERSTUDY_CHECK(check_fingerprint(recipient));
  recipient_ = std::move(recipient);
  UNDERSTUDY_TRY(request_, crypto::CertificateRequest::create(key_, options_.request));
  UNDERSTUDY_CHECK(make_temporary_identity());
  transaction_id_ =
      options_.transaction_id.empty()
          ? hex_encode(crypto::digest(crypto::Digest::sha256, request_->public_key_der()))
          : options_.transaction_id;
  return send_operation(MessageType::pkcs_req);
}

Result<void> Client::check_fingerprint(const crypto::Certificate& recipient) const {
  if (options_.ca_fingerprint.empty()) return {};
  for (const crypto::Certificate& certificate : ca_) {
    const Bytes actual = fingerprint_of(certificate, options_.ca_fingerprint.size());
    if (actual.empty() || actual != options_.ca_fingerprint) continue;
    // An RA that came beside the expected certificate must have been made by it.
    return crypto::verify_chain(recipient, ca_, std::span(&certificate, 1), now_);
  }
  return fail(errc::fingerprint,
              "SCEP GetCACert: got '" + ca_.front().subject().text() + "' with SHA-256 " +
                  ca_.front().fingerprint(),
              "correct CAFingerprint in the SCEP payload, or find out who answers at its URL");
}

Result<void> Client::make_temporary_identity() {
  crypto::CertificateSpec spec;
  spec.subject = options_.request.subject;
  spec.not_before = now_ - kClockLeeway;
  spec.not_after = now_ + kTemporaryLife;
  UNDERSTUDY_TRY(crypto::Certificate certificate, crypto::self_signed(spec, carrier()));
  temporary_.emplace(crypto::Identity{carrier(), std::move(certificate), {}});
  return {};
}

Result<Action> Client::send_operation(MessageType type) {
  if (!recipient_ || !request_ || !temporary_) {
    return fail(understudy::errc::invalid_argument, "SCEP client: it knows no CA yet");
  }
  Bytes content;
  if (type == MessageType::cert_poll) {
    const crypto::Name issuer = ca_.front().subject();
    UNDERSTUDY_TRY(content, issuer_and_subject(issuer, options_.request.subject));
  } else {
    content = request_->der();
  }
  UNDERSTUDY_TRY(const auto cipher, capabilities_.cipher());
  UNDERSTUDY_TRY(const auto digest, capabilities_.digest());
  UNDERSTUDY_TRY(const Bytes envelope,
                 crypto::cms::encrypt(content, *recipient_, cipher, options_.indefinite_length));
  sender_nonce_ = crypto::random_bytes(kNonceOctets);
  Attributes attributes;
  attributes.transaction_id = transaction_id_;
  attributes.type = type;
  attributes.sender_nonce = sender_nonce_;
  UNDERSTUDY_TRY(Bytes message, build_message(attributes, envelope, *temporary_, digest,
                                              options_.indefinite_length));
  state_ = State::operation;
  if (capabilities_.post()) {
    return HttpPost{operation_url(options_.url, "PKIOperation"), std::move(message)};
  }
  return HttpGet{operation_url(options_.url, "PKIOperation", base64_encode(message))};
}

Result<Action> Client::take_reply(std::string_view content_type, BytesView body) {
  if (!is_type(content_type, kTypePkiMessage)) {
    return wrong_type("PKIOperation", content_type, kTypePkiMessage);
  }
  UNDERSTUDY_TRY(const Message reply, parse_message(body, ca_));
  const Attributes& attributes = reply.attributes;
  if (std::ranges::find(ca_, reply.signer) == ca_.end()) {
    return fail(crypto::errc::untrusted,
                "SCEP reply: signed by '" + reply.signer.subject().text() + "'",
                "sign replies with the CA or RA certificate that GetCACert gives");
  }
  if (attributes.type != MessageType::cert_rep || attributes.transaction_id != transaction_id_ ||
      attributes.recipient_nonce != sender_nonce_) {
    return fail(errc::malformed, "SCEP reply: it answers another request",
                "send a CertRep with the request's transactionID and its senderNonce as "
                "recipientNonce");
  }
  if (attributes.status == PkiStatus::success) return take_certificate(reply);
  if (attributes.status == PkiStatus::pending) return pending();
  if (attributes.status == PkiStatus::failure) {
    const auto info = attributes.fail_info ? fail_info_name(*attributes.fail_info) : "no failInfo";
    return fail(errc::refused, "SCEP request to " + options_.url + ": " + std::string(info),
                "check the challenge and the subject of the SCEP payload; a challenge that is good "
                "for one device only comes anew with each download of the profile: give its URL");
  }
  return fail(errc::malformed, "SCEP reply: signed attribute pkiStatus",
              "send 0 (success), 2 (failure) or 3 (pending)");
}

Result<Action> Client::take_certificate(const Message& reply) {
  if (!temporary_) {
    return fail(understudy::errc::invalid_argument, "SCEP client: it sent no request yet");
  }
  UNDERSTUDY_TRY(const Bytes list, crypto::cms::decrypt(reply.content, *temporary_));
  UNDERSTUDY_TRY(const auto certificates, crypto::cms::read_certificates(list));
  const crypto::PublicKey own = key_.public_key();
  const auto issued = std::ranges::find_if(
      certificates, [&](const crypto::Certificate& one) { return one.public_key() == own; });
  if (issued == certificates.end()) {
    return fail(errc::wrong_key,
                "SCEP reply: none of its " + std::to_string(certificates.size()) + " certificates",
                "certify the public key of the request");
  }
  crypto::Identity identity{key_, *issued, {}};
  std::ranges::copy_if(ca_, std::back_inserter(identity.chain), &crypto::Certificate::is_ca);
  state_ = State::finished;
  return Done{std::move(identity)};
}

Result<Action> Client::pending() {
  if (polls_ >= options_.retries) {
    return fail(
        errc::pending,
        "SCEP request to " + options_.url + ": asked " + std::to_string(polls_) + " times more",
        "approve the request at the CA, or raise Retries in the SCEP payload");
  }
  ++polls_;
  state_ = State::waiting;
  return Wait{polls_ == 1 ? std::chrono::seconds(0) : options_.retry_delay};
}

}  // namespace understudy::scep
