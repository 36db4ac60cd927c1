#include "shared/net/curl_credentials.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "shared/net/openssl_error.h"

namespace understudy::net {
namespace {

using Store = std::shared_ptr<x509_store_st>;

/// OpenSSL calls it "application verification failure", and libcurl repeats that.
constexpr int kNotPinned = X509_V_ERR_APPLICATION_VERIFICATION;

tl::unexpected<Error> credentials_failed(const std::string& attempt) {
  return fail(crypto::errc::failed, "TLS: " + attempt + ": " + take_openssl_reason());
}

Store new_store() {
  Store store(X509_STORE_new(), X509_STORE_free);
  if (!store) throw std::bad_alloc();
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
  return store;
}

/// The distribution's anchors: a directory, read by need, and on some systems a file, read once.
const Store& system_store() {
  static const Store shared_store = [] {
    Store store = new_store();
    X509_STORE_set_default_paths(store.get());
    ERR_clear_error();  // a missing file or directory is no error
    return store;
  }();
  return shared_store;
}

/// References to what is loaded, and the directory to look further.
Result<void> add_system_anchors(X509_STORE* store) {
  STACK_OF(X509)* loaded = X509_STORE_get1_all_certs(system_store().get());
  bool is_ok = true;
  for (int i = 0; i < sk_X509_num(loaded); ++i) {
    is_ok = is_ok && X509_STORE_add_cert(store, sk_X509_value(loaded, i)) == 1;
  }
  sk_X509_pop_free(loaded, X509_free);
  const char* named = std::getenv(X509_get_default_cert_dir_env());
  const char* folder = named == nullptr ? X509_get_default_cert_dir() : named;
  if (!is_ok || X509_STORE_load_path(store, folder) != 1) {
    return credentials_failed("cannot trust the system's anchors");
  }
  return {};
}

Result<Store> make_store(const ClientCredentials& credentials) {
  ERR_clear_error();
  if (credentials.anchors.empty() && credentials.system_anchors) return system_store();
  Store store = new_store();
  for (const crypto::Certificate& anchor : credentials.anchors) {
    if (X509_STORE_add_cert(store.get(), anchor.native()) != 1) {
      return credentials_failed("cannot trust " + anchor.subject().text());
    }
  }
  if (credentials.system_anchors) UNDERSTUDY_CHECK(add_system_anchors(store.get()));
  return store;
}

Result<CredentialCache::Prepared> make_prepared(const ClientCredentials& credentials) {
  static std::atomic<std::uint64_t> made = 0;
  auto prepared = std::make_shared<PreparedCredentials>();
  UNDERSTUDY_TRY(prepared->store, make_store(credentials));
  prepared->identity = credentials.identity;
  prepared->pins = credentials.pins;
  prepared->require_revocation_status = credentials.require_revocation_status;
  prepared->connection_key = "understudy-credentials-" + std::to_string(++made);
  return prepared;
}

bool present_identity(SSL_CTX* context, const crypto::Identity& identity) {
  if (SSL_CTX_use_certificate(context, identity.certificate.native()) != 1) return false;
  for (const crypto::Certificate& issuer : identity.chain) {
    if (SSL_CTX_add1_chain_cert(context, issuer.native()) != 1) return false;
  }
  return SSL_CTX_use_PrivateKey(context, identity.key.native()) == 1;
}

/// Verifies as ever, and then looks for a pinned certificate in the chain that was found.
int verify_with_pins(X509_STORE_CTX* verification, void* pins) {
  if (X509_verify_cert(verification) != 1) return 0;
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(verification);
  for (const auto& pin : *static_cast<const std::vector<crypto::Certificate>*>(pins)) {
    for (int i = 0; i < sk_X509_num(chain); ++i) {
      if (X509_cmp(sk_X509_value(chain, i), pin.native()) == 0) return 1;
    }
  }
  X509_STORE_CTX_set_error(verification, kNotPinned);
  return 0;
}

}  // namespace

CURLcode PreparedCredentials::install(CURL* /*easy*/, void* ssl_ctx, void* credentials) {
  auto* context = static_cast<SSL_CTX*>(ssl_ctx);
  const auto* self = static_cast<const PreparedCredentials*>(credentials);
  SSL_CTX_set1_cert_store(context, self->store.get());
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  if (!self->pins.empty()) {
    // Only read through: OpenSSL's signature knows no const.
    SSL_CTX_set_cert_verify_callback(
        context, &verify_with_pins,
        const_cast<std::vector<crypto::Certificate>*>(&self->pins));  // NOLINT
  }
  if (self->identity && !present_identity(context, *self->identity)) return CURLE_SSL_CERTPROBLEM;
  return CURLE_OK;
}

Result<CredentialCache::Prepared> CredentialCache::prepare(
    const std::shared_ptr<const ClientCredentials>& credentials) {
  if (!credentials) {
    if (!system_) {
      ClientCredentials only_system;
      only_system.system_anchors = true;
      UNDERSTUDY_TRY(system_, make_prepared(only_system));
    }
    return system_;
  }
  if (const auto known = prepared_.find(credentials); known != prepared_.end()) {
    return known->second;
  }
  UNDERSTUDY_TRY(Prepared made, make_prepared(*credentials));
  forget_the_gone();
  prepared_.emplace(credentials, made);
  return made;
}

void CredentialCache::forget_the_gone() {
  if (prepared_.size() < forget_at_) return;
  std::erase_if(prepared_, [](const auto& entry) { return entry.first.expired(); });
  forget_at_ = std::max<std::size_t>(64, 2 * prepared_.size());
}

}  // namespace understudy::net
