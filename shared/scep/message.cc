#include "shared/scep/message.h"

#include <array>

#include "shared/crypto/der.h"

namespace understudy::scep {
namespace {

namespace cms = crypto::cms;
namespace der = crypto::der;

// RFC 8894 3.2.1, the attributes' object identifiers.
constexpr std::string_view kMessageType = "2.16.840.1.113733.1.9.2";
constexpr std::string_view kPkiStatus = "2.16.840.1.113733.1.9.3";
constexpr std::string_view kFailInfo = "2.16.840.1.113733.1.9.4";
constexpr std::string_view kSenderNonce = "2.16.840.1.113733.1.9.5";
constexpr std::string_view kRecipientNonce = "2.16.840.1.113733.1.9.6";
constexpr std::string_view kTransactionId = "2.16.840.1.113733.1.9.7";

BytesView find(const cms::SignedMessage& message, std::string_view oid) {
  for (const cms::SignedAttribute& attribute : message.attributes) {
    if (attribute.oid == oid) return attribute.value_der;
  }
  return {};
}

tl::unexpected<Error> bad_attribute(std::string_view name) {
  return fail(errc::malformed, "SCEP message: signed attribute " + std::string(name),
              "it is missing, or its value is none that RFC 8894 knows");
}

template <class Enum, std::size_t N>
std::optional<Enum> known(BytesView der, const std::array<Enum, N>& values) {
  const auto number = der::number(der);
  for (const Enum value : values) {
    if (number == static_cast<int>(value)) return value;
  }
  return std::nullopt;
}

Result<Attributes> read_attributes(const cms::SignedMessage& message) {
  constexpr std::array kTypes{MessageType::cert_rep, MessageType::renewal_req,
                              MessageType::pkcs_req, MessageType::cert_poll,
                              MessageType::get_cert, MessageType::get_crl};
  constexpr std::array kStatuses{PkiStatus::success, PkiStatus::failure, PkiStatus::pending};
  constexpr std::array kInfos{FailInfo::bad_alg, FailInfo::bad_message_check, FailInfo::bad_request,
                              FailInfo::bad_time, FailInfo::bad_cert_id};
  Attributes attributes;
  const auto transaction = der::text(find(message, kTransactionId));
  if (!transaction || transaction->empty()) return bad_attribute("transactionID");
  attributes.transaction_id = *transaction;
  const auto type = known(find(message, kMessageType), kTypes);
  if (!type) return bad_attribute("messageType");
  attributes.type = *type;
  attributes.status = known(find(message, kPkiStatus), kStatuses);
  attributes.fail_info = known(find(message, kFailInfo), kInfos);
  const auto sender = der::content(der::Tag::octet_string, find(message, kSenderNonce));
  if (sender) attributes.sender_nonce = to_bytes(*sender);
  const auto recipient = der::content(der::Tag::octet_string, find(message, kRecipientNonce));
  if (recipient) attributes.recipient_nonce = to_bytes(*recipient);
  return attributes;
}

std::vector<cms::SignedAttribute> write_attributes(const Attributes& attributes) {
  std::vector<cms::SignedAttribute> list;
  const auto add = [&](std::string_view oid, Bytes value) {
    list.push_back({std::string(oid), std::move(value)});
  };
  const auto number = [](auto value) {
    return der::printable(std::to_string(static_cast<int>(value)));
  };
  add(kTransactionId, der::printable(attributes.transaction_id));
  add(kMessageType, number(attributes.type));
  if (attributes.status) add(kPkiStatus, number(*attributes.status));
  if (attributes.fail_info) add(kFailInfo, number(*attributes.fail_info));
  add(kSenderNonce, der::element(der::Tag::octet_string, attributes.sender_nonce));
  if (!attributes.recipient_nonce.empty()) {
    add(kRecipientNonce, der::element(der::Tag::octet_string, attributes.recipient_nonce));
  }
  return list;
}

}  // namespace

Result<Message> parse_message(BytesView der, std::span<const crypto::Certificate> known_signers) {
  auto verified = cms::verify(der, {}, known_signers);
  if (!verified && verified.error().code == crypto::errc::malformed) {
    // Failure and pending have no content, which CMS sees as a detached signature over nothing.
    if (auto empty = cms::verify(der, BytesView{}, known_signers)) verified = std::move(empty);
  }
  if (!verified) {
    Error error = std::move(verified).error();
    if (error.code == crypto::errc::malformed) error.code = errc::malformed;
    return fail_in("SCEP message", std::move(error));
  }
  UNDERSTUDY_TRY(Attributes attributes, read_attributes(*verified));
  return Message{std::move(attributes), std::move(verified->signer), std::move(verified->content)};
}

Result<Bytes> build_message(const Attributes& attributes, BytesView content,
                            const crypto::Identity& signer, crypto::Digest digest,
                            bool indefinite_length) {
  cms::SignOptions options;
  options.detached = content.empty();
  options.digest = digest;
  options.attributes = write_attributes(attributes);
  options.indefinite_length = indefinite_length;
  return cms::sign(content, signer, options);
}

Result<Bytes> issuer_and_subject(const crypto::Name& issuer, const crypto::Name& subject) {
  UNDERSTUDY_TRY(Bytes names, crypto::name_der(issuer));
  UNDERSTUDY_TRY(const Bytes second, crypto::name_der(subject));
  names.insert(names.end(), second.begin(), second.end());
  return der::element(der::Tag::sequence, names);
}

}  // namespace understudy::scep
