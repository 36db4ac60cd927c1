#pragma once

/// pkiMessage: CMS SignedData around CMS EnvelopedData, with SCEP's signed attributes. No I/O.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "shared/crypto/certificate.h"
#include "shared/crypto/cms.h"
#include "shared/scep/scep.h"

namespace understudy::scep {

/// The signed attributes of a message.
struct Attributes {
  std::string transaction_id;
  MessageType type = MessageType::pkcs_req;
  std::optional<PkiStatus> status;
  std::optional<FailInfo> fail_info;
  Bytes sender_nonce;     ///< 16 octets
  Bytes recipient_nonce;  ///< empty in requests
};

/// A verified message. `content` is the EnvelopedData, still encrypted; empty in failure and
/// pending.
struct Message {
  Attributes attributes;
  crypto::Certificate signer;
  Bytes content;
};

/// Checks the signature, not who signed: that is the caller's to judge. `known_signers` for
/// messages that do not carry the signer's certificate. Reads BER. Errors: errc::malformed,
/// crypto::errc::bad_signature.
Result<Message> parse_message(BytesView der,
                              std::span<const crypto::Certificate> known_signers = {});
/// No content (failure, pending): the message has no envelope at all, RFC 8894 3.3.2.
Result<Bytes> build_message(const Attributes& attributes, BytesView content,
                            const crypto::Identity& signer, crypto::Digest digest,
                            bool indefinite_length = false);

/// The content of a CertPoll: issuer and subject (DER of IssuerAndSubject, RFC 8894 3.3.3).
Result<Bytes> issuer_and_subject(const crypto::Name& issuer, const crypto::Name& subject);

}  // namespace understudy::scep
