#pragma once

/// ClientCredentials in the form in which libcurl's connections use them. Private to net/.

#include <curl/curl.h>

#include <map>
#include <memory>
#include <vector>

#include "shared/net/http_client.h"

struct x509_store_st;

namespace understudy::net {

/// Immutable; the certificates are shared with the ClientCredentials, the store is made once.
struct PreparedCredentials {
  std::shared_ptr<x509_store_st> store;
  std::optional<crypto::Identity> identity;
  std::vector<crypto::Certificate> pins;
  bool require_revocation_status = false;
  /// Differs from that of any other credentials of the process. libcurl reuses a connection only
  /// for a transfer with an equal CURLOPT_CAPATH, and cannot see what our context function does:
  /// so this name goes there, and no identity ever travels on another's connection. No such
  /// directory is ever looked at, as the store made from it is replaced.
  std::string connection_key;

  /// Gives a new connection's SSL_CTX the store and the identity, without parsing anything.
  /// A CURLOPT_SSL_CTX_FUNCTION; `credentials` is a const PreparedCredentials.
  static CURLcode install(CURL* easy, void* ssl_ctx, void* credentials);
};

/// Prepares each ClientCredentials once, and forgets those that are gone.
class CredentialCache {
 public:
  using Prepared = std::shared_ptr<const PreparedCredentials>;
  /// Null: the system's anchors and no identity. Errors: crypto::errc.
  Result<Prepared> prepare(const std::shared_ptr<const ClientCredentials>& credentials);

 private:
  void forget_the_gone();

  std::map<std::weak_ptr<const ClientCredentials>, Prepared, std::owner_less<>> prepared_;
  Prepared system_;
  std::size_t forget_at_ = 64;
};

}  // namespace understudy::net
