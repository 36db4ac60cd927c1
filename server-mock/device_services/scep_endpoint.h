#pragma once

/// The SCEP responder behind a URL: challenges are known, unused and fresh, or the request is
/// refused.

#include "server-mock/store/store.h"
#include "shared/core/clock.h"
#include "shared/crypto/ca.h"
#include "shared/net/http_server.h"
#include "shared/scep/responder.h"

namespace understudy::server {

/// One thread, that of its Store.
class ScepEndpoint {
 public:
  ScepEndpoint(Store& store, const crypto::CertificateAuthority& ca, const Clock& clock,
               std::chrono::hours validity);

  /// GET and POST. A message that is no SCEP gets 400 with one line.
  net::HttpResponse handle(const net::IncomingRequest& request, const net::Target& target);

 private:
  scep::Decision decide(const crypto::CertificateRequest& request,
                        const std::string& transaction_id);

  Store& store_;
  const Clock& clock_;
  scep::Responder responder_;
};

}  // namespace understudy::server
