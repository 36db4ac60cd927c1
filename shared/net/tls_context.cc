#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "shared/core/errc.h"
#include "shared/net/openssl_error.h"
#include "shared/net/tls.h"

namespace understudy::net {
namespace {

using Context = std::shared_ptr<ssl_ctx_st>;
using ClientCertificate = TlsServerOptions::ClientCertificate;

tl::unexpected<Error> failed(const std::string& attempt, std::string hint = "") {
  std::string reason = take_openssl_reason();
  if (reason.empty()) reason = "OpenSSL gives no reason";
  return fail(crypto::errc::failed, "TLS: " + attempt + ": " + reason, std::move(hint));
}

/// What both ends want: TLS 1.2 and 1.3, little memory while idle, nothing kept for resumption.
Result<Context> make_context(const SSL_METHOD* method) {
  ERR_clear_error();
  Context context(SSL_CTX_new(method), SSL_CTX_free);
  if (!context) return failed("cannot make a context");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  return context;
}

Result<void> use_identity(SSL_CTX* context, const crypto::Identity& identity) {
  if (SSL_CTX_use_certificate(context, identity.certificate.native()) != 1) {
    return failed("cannot use the certificate " + identity.certificate.subject().text());
  }
  for (const crypto::Certificate& issuer : identity.chain) {
    if (SSL_CTX_add1_chain_cert(context, issuer.native()) != 1) {
      return failed("cannot send the chain certificate " + issuer.subject().text());
    }
  }
  // Also checks that key and certificate belong together.
  if (SSL_CTX_use_PrivateKey(context, identity.key.native()) != 1) {
    return failed("cannot use the key of " + identity.certificate.subject().text(),
                  "the key must be the one the certificate was issued for");
  }
  return {};
}

/// Every certificate named here is an anchor, self-signed or not.
Result<void> trust(SSL_CTX* context, const std::vector<crypto::Certificate>& anchors) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const crypto::Certificate& anchor : anchors) {
    if (X509_STORE_add_cert(store, anchor.native()) != 1) {
      return failed("cannot trust " + anchor.subject().text());
    }
  }
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  return {};
}

/// The names of accepted issuers go to the client, which picks its certificate by them.
Result<void> announce_issuers(SSL_CTX* context, const std::vector<crypto::Certificate>& anchors) {
  for (const crypto::Certificate& anchor : anchors) {
    if (SSL_CTX_add_client_CA(context, anchor.native()) != 1) {
      return failed("cannot announce the issuer " + anchor.subject().text());
    }
  }
  return {};
}

template <class T>
void free_kept(void* /*parent*/, void* kept, CRYPTO_EX_DATA* /*data*/, int /*index*/, long /*argl*/,
               void* /*argp*/) {
  delete static_cast<T*>(kept);
}

/// What a callback needs lives as long as the context, beside it. One T a context.
template <class T>
Result<T*> keep(SSL_CTX* context, T value) {
  static const int index =
      CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, nullptr, nullptr, nullptr, free_kept<T>);
  auto owned = std::make_unique<T>(std::move(value));
  if (SSL_CTX_set_ex_data(context, index, owned.get()) != 1) return failed("cannot keep options");
  return owned.release();
}

struct ClientJudge {
  bool has_anchors;
  CertificateJudge judge;
};

/// The verification error that OpenSSL turns into that alert;
/// SSL_get_verify_result tells it again to whoever reports the failure.
int verification_error(CertificateAlert alert) {
  switch (alert) {
    case CertificateAlert::unknown_ca:
      return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
    case CertificateAlert::certificate_expired:
      return X509_V_ERR_CERT_HAS_EXPIRED;
    case CertificateAlert::certificate_revoked:
      return X509_V_ERR_CERT_REVOKED;
    case CertificateAlert::bad_certificate:
      return X509_V_ERR_CERT_REJECTED;
    case CertificateAlert::internal_error:
      break;
  }
  return X509_V_ERR_UNSPECIFIED;
}

std::optional<CertificateAlert> ask(const CertificateJudge& judge, X509* leaf) {
  if (!judge) return std::nullopt;
  if (leaf == nullptr || X509_up_ref(leaf) != 1) return CertificateAlert::internal_error;
  try {
    return judge(crypto::Certificate(std::shared_ptr<X509>(leaf, X509_free)));
  } catch (...) {  // must not pass through OpenSSL's frames
    return CertificateAlert::internal_error;
  }
}

int verify_client(X509_STORE_CTX* chain, void* argument) {
  const auto& client = *static_cast<const ClientJudge*>(argument);
  if (client.has_anchors && X509_verify_cert(chain) != 1) return 0;
  const std::optional<CertificateAlert> alert = ask(client.judge, X509_STORE_CTX_get0_cert(chain));
  X509_STORE_CTX_set_error(chain, alert ? verification_error(*alert) : X509_V_OK);
  return alert ? 0 : 1;
}

Result<void> ask_for_client_certificate(SSL_CTX* context, const TlsServerOptions& options) {
  if (options.client_certificate == ClientCertificate::none) return {};
  const int required = options.client_certificate == ClientCertificate::required
                           ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT
                           : 0;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | required, nullptr);
  UNDERSTUDY_TRY(ClientJudge* const judge,
                 keep(context, ClientJudge{!options.client_anchors.empty(), options.judge}));
  SSL_CTX_set_cert_verify_callback(context, verify_client, judge);
  UNDERSTUDY_CHECK(trust(context, options.client_anchors));
  return announce_issuers(context, options.client_anchors);
}

/// Length-prefixed names, as OpenSSL and RFC 7301 have them.
Result<std::string> alpn_wire(const std::vector<std::string>& names) {
  std::string wire;
  for (const std::string& name : names) {
    if (name.empty() || name.size() > 255) {
      return fail(errc::invalid_argument, "TLS: '" + name + "' is no ALPN name",
                  "a name has 1 to 255 octets");
    }
    wire.push_back(static_cast<char>(name.size()));
    wire += name;
  }
  return wire;
}

const unsigned char* octets(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// The server's own order decides; without a common name the handshake fails (RFC 7301 3.2).
int choose_alpn(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                const unsigned char* offer, unsigned int offer_size, void* argument) {
  const auto& wire = *static_cast<const std::string*>(argument);
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, octets(wire), static_cast<unsigned int>(wire.size()),
                            offer, offer_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Result<void> answer_alpn(SSL_CTX* context, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  UNDERSTUDY_TRY(std::string wire, alpn_wire(names));
  UNDERSTUDY_TRY(std::string* const kept, keep(context, std::move(wire)));
  SSL_CTX_set_alpn_select_cb(context, choose_alpn, kept);
  return {};
}

Result<void> offer_alpn(SSL_CTX* context, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  UNDERSTUDY_TRY(const std::string wire, alpn_wire(names));
  if (SSL_CTX_set_alpn_protos(context, octets(wire), static_cast<unsigned int>(wire.size())) != 0) {
    return failed("cannot offer ALPN");
  }
  return {};
}

Result<void> expect_host(SSL_CTX* context, const std::string& host) {
  if (host.empty()) return {};
  X509_VERIFY_PARAM* rules = SSL_CTX_get0_param(context);
  if (X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1) return {};
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size()) != 1) {
    return failed("cannot expect the host name '" + host + "'");
  }
  return {};
}

}  // namespace

std::string take_openssl_reason() {
  const unsigned long first = ERR_get_error();
  ERR_clear_error();
  if (first == 0) return "";
  if (ERR_SYSTEM_ERROR(first)) return std::generic_category().message(ERR_GET_REASON(first));
  const char* reason = ERR_reason_error_string(first);
  return reason == nullptr ? "error " + std::to_string(first) : reason;
}

Result<TlsContext> TlsContext::server(const TlsServerOptions& options) {
  UNDERSTUDY_TRY(Context context, make_context(TLS_server_method()));
  UNDERSTUDY_CHECK(use_identity(context.get(), options.identity));
  UNDERSTUDY_CHECK(ask_for_client_certificate(context.get(), options));
  UNDERSTUDY_CHECK(answer_alpn(context.get(), options.alpn));
  TlsContext result(std::move(context));
  result.server_ = true;
  return result;
}

Result<TlsContext> TlsContext::client(const TlsClientOptions& options) {
  UNDERSTUDY_TRY(Context context, make_context(TLS_client_method()));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  UNDERSTUDY_CHECK(trust(context.get(), options.anchors));
  if (options.identity) UNDERSTUDY_CHECK(use_identity(context.get(), *options.identity));
  UNDERSTUDY_CHECK(offer_alpn(context.get(), options.alpn));
  UNDERSTUDY_CHECK(expect_host(context.get(), options.verify_host));
  TlsContext result(std::move(context));
  result.server_name_ = options.server_name;
  return result;
}

}  // namespace understudy::net
