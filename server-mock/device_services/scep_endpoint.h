#pragma once

/// The SCEP responder behind a URL: challenges are known, unused and fresh, or the request is
/// refused.

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "server-mock/store/store.h"
#include "shared/core/clock.h"
#include "shared/crypto/ca.h"
#include "shared/net/http_server.h"
#include "shared/scep/responder.h"

namespace understudy::server {

/// What a CA may be like beside the plain one.
struct ScepOptions {
  std::chrono::hours validity{24 * 365};  ///< of an issued certificate
  /// Messages by GET only: GetCACaps does not say POSTPKIOperation.
  bool get_only = false;
  /// Answers and deciphers in the CA's stead.
  std::optional<crypto::Identity> ra;
  int pending = 0;  ///< how often a good request is answered PENDING before it is granted
};

/// A registration authority of this CA, with a new key. Errors: crypto::errc.
Result<crypto::Identity> make_registration_authority(const crypto::CertificateAuthority& ca,
                                                     TimePoint now, std::chrono::hours validity);

/// One thread, that of its Store.
class ScepEndpoint {
 public:
  ScepEndpoint(Store& store, const crypto::CertificateAuthority& ca, const Clock& clock,
               const ScepOptions& options);

  /// GET and POST, 405 to anything else. A message that is no SCEP gets 400 with one line.
  net::HttpResponse handle(const net::IncomingRequest& request, const net::Target& target);

 private:
  scep::Decision decide(const crypto::CertificateRequest& request,
                        const std::string& transaction_id);
  scep::ResponderOptions responder_options(const ScepOptions& options);
  /// Whether the request is good.
  scep::Decision judge(const crypto::CertificateRequest& request,
                       const std::string& transaction_id);
  bool must_wait(const std::string& transaction_id);

  Store& store_;
  const Clock& clock_;
  bool get_only_;
  int pending_;
  std::map<std::string, int> asked_;  ///< by transaction: how often it was told to wait
  scep::Responder responder_;
};

}  // namespace understudy::server
