#pragma once

/// The device's role, sans-I/O: says which HTTP request it wants next, takes the answer.

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "shared/crypto/certificate.h"
#include "shared/crypto/cms.h"
#include "shared/scep/message.h"
#include "shared/scep/scep.h"

namespace understudy::scep {

struct ClientOptions {
  std::string url;   ///< the payload's URL; its own query, if any, is kept
  std::string name;  ///< the payload's Name: `message=` of the two GETs, sent even when empty (3.3)
  crypto::CertificateRequest::Options request;  ///< subject, alternative names, challenge, usages
  Bytes ca_fingerprint;  ///< MD5, SHA-1, SHA-256 or SHA-512 by length; empty: not checked
  int retries = 3;       ///< polls while pending (3.9)
  std::chrono::seconds retry_delay{10};  ///< the first retry is immediate
  bool indefinite_length = false;        ///< encode as Apple does (3.8)
  /// An RSA key that signs the messages and opens the answer, where the device's key is none. Not
  /// what Apple's devices do; see docs/protocol/scep.md.
  std::optional<crypto::PrivateKey> carrier;
  std::string transaction_id;  ///< empty: made of the public key, which then must not be shared
};

struct HttpGet {
  std::string url;
};
struct HttpPost {
  std::string url;
  Bytes body;  ///< application/x-pki-message
};
struct Wait {
  std::chrono::seconds delay;
};
struct Done {
  crypto::Identity identity;
};
using Action = std::variant<HttpGet, HttpPost, Wait, Done>;

/// GetCACaps -> GetCACert -> PKIOperation -> (poll)* -> Done. One enrollment an object.
class Client {
 public:
  /// `key` must be RSA (SCEP enciphers to it) unless there is a carrier. `now` dates the temporary
  /// self-signed certificate.
  Client(ClientOptions options, crypto::PrivateKey key, TimePoint now);

  /// The first request. Then call `answered` with each HTTP answer, `waited` after each Wait.
  Result<Action> start();
  /// Errors: scep::errc, crypto::errc. After an error the object is finished.
  Result<Action> answered(int status, std::string_view content_type, BytesView body);
  Result<Action> waited();

 private:
  enum class State { idle, capabilities, certificate, operation, waiting, finished };
  Result<Action> finished_if_failed(Result<Action> next);
  Result<Action> take(int status, std::string_view content_type, BytesView body);
  Result<Action> take_capabilities(BytesView body);
  Result<Action> take_ca_certificates(std::string_view content_type, BytesView body);
  Result<Action> take_reply(std::string_view content_type, BytesView body);
  Result<Action> take_certificate(const Message& reply);
  Result<Action> pending();
  const crypto::PrivateKey& carrier() const { return options_.carrier ? *options_.carrier : key_; }
  Result<void> make_temporary_identity();
  Result<void> check_fingerprint(const crypto::Certificate& recipient) const;
  Result<Action> send_operation(MessageType type);

  ClientOptions options_;
  crypto::PrivateKey key_;
  TimePoint now_;
  State state_ = State::idle;
  Capabilities capabilities_;
  std::vector<crypto::Certificate> ca_;           ///< CA first, RA certificates after it
  std::optional<crypto::Certificate> recipient_;  ///< whom the request is enciphered to
  std::optional<crypto::CertificateRequest> request_;
  std::optional<crypto::Identity> temporary_;  ///< self-signed, over the new key or the carrier
  std::string transaction_id_;
  Bytes sender_nonce_;
  int polls_ = 0;
};

}  // namespace understudy::scep
