#pragma once

/// The CA's role, sans-I/O: takes an operation and its message, returns the answer's body and type.

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "shared/core/clock.h"
#include "shared/crypto/ca.h"
#include "shared/scep/message.h"
#include "shared/scep/scep.h"

namespace understudy::scep {

/// What the CA decides on a request that is well-formed and whose proof of possession verified.
struct Decision {
  enum class Kind { issue, refuse, pend };
  Kind kind = Kind::issue;
  FailInfo fail_info = FailInfo::bad_request;  ///< with refuse
  std::string why;                             ///< for the log, with refuse
};

struct ResponderOptions {
  Capabilities capabilities;  ///< empty: default_capabilities()
  std::optional<crypto::Identity>
      ra;  ///< given: GetCACert answers CA+RA, and messages go to the RA
  std::chrono::hours validity{24 * 365};  ///< of an issued certificate
  /// Called once for each new request (challenge included) and again at each poll of a pending one.
  std::function<Decision(const crypto::CertificateRequest&, const std::string& transaction_id)>
      decide;
  /// Called with each certificate that was issued, before it is sent; a failure refuses the
  /// request.
  std::function<Result<void>(const crypto::Certificate&, const crypto::CertificateRequest&)> issued;

  /// AES, DES3, POSTPKIOperation, SCEPStandard, SHA-1, SHA-256, SHA-512.
  static Capabilities default_capabilities();
};

struct Reply {
  int http_status = 200;
  std::string content_type;
  Bytes body;
  std::string log;  ///< why a request was refused, for the server's log; empty when it was not
};

/// Not thread-safe. Keeps pending requests in memory by transaction id, at most `kMaxPending`.
class Responder {
 public:
  static constexpr std::size_t kMaxPending = 1024;
  Responder(const crypto::CertificateAuthority& ca, const Clock& clock, ResponderOptions options);

  /// `operation` is the query's value; `message` the POST body, or the decoded base64 of a GET.
  /// A message that cannot be understood at all gets HTTP 400 with one line of reason.
  Reply handle(std::string_view operation, BytesView message);

 private:
  const crypto::Identity& answering() const;
  Reply ca_certificates() const;
  Reply pki_operation(BytesView message);
  Result<Bytes> answer(const Message& request, std::string& log);
  Result<crypto::CertificateRequest> read_request(const Message& request);
  Result<crypto::CertificateRequest> read_poll(const Message& request);
  Result<Bytes> decided(const Message& request, const crypto::CertificateRequest& csr,
                        std::string& log);
  Result<crypto::Certificate> issue(const crypto::CertificateRequest& csr) const;
  Result<Bytes> reply_to(const Message& request, Attributes attributes, BytesView content) const;
  const crypto::CertificateAuthority& ca_;
  const Clock& clock_;
  ResponderOptions options_;
  struct Pending {
    Bytes request;  ///< PKCS#10
    Bytes sender;   ///< the public key that may poll for it
  };
  std::map<std::string, Pending> pending_;  ///< by transaction id
};

}  // namespace understudy::scep
