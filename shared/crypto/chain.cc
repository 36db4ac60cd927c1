#include <openssl/x509_vfy.h>

#include "shared/crypto/certificate.h"
#include "shared/crypto/openssl.h"

namespace understudy::crypto {
namespace {

using StorePtr = Owned<X509_STORE, X509_STORE_free>;
using StoreContextPtr = Owned<X509_STORE_CTX, X509_STORE_CTX_free>;

errc code_of(int reason) {
  switch (reason) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return errc::expired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return errc::not_yet_valid;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return errc::bad_signature;
    default:
      return errc::untrusted;
  }
}

tl::unexpected<Error> chain_fail(X509_STORE_CTX* context, const Certificate& leaf) {
  const int reason = X509_STORE_CTX_get_error(context);
  std::string what = "certificate '" + leaf.subject().text() + "' issued by '" +
                     leaf.issuer().text() + "': " + X509_verify_cert_error_string(reason);
  X509* at = X509_STORE_CTX_get_current_cert(context);
  if (at != nullptr && X509_cmp(at, leaf.native()) != 0 && X509_up_ref(at) == 1) {
    const Certificate link(std::shared_ptr<X509>(at, X509_free));
    what += " (at '" + link.subject().text() + "')";
  }
  return fail(code_of(reason), std::move(what), "check the trusted certificates and the clock");
}

}  // namespace

Result<void> verify_chain(const Certificate& leaf, std::span<const Certificate> intermediates,
                          std::span<const Certificate> anchors, TimePoint when) {
  const ErrorQueue queue;
  const StorePtr store(X509_STORE_new());
  const StoreContextPtr context(X509_STORE_CTX_new());
  const X509ListPtr trusted = native_list(anchors);
  const X509ListPtr others = native_list(intermediates);
  if (!store || !context || !trusted || !others ||
      X509_STORE_CTX_init(context.get(), store.get(), leaf.native(), others.get()) != 1) {
    return openssl_fail(errc::failed, "checking a certificate");
  }
  X509_STORE_CTX_set0_trusted_stack(context.get(), trusted.get());
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
  // An anchor ends the chain even where it is not self-signed, and SHA-1 and 1024 bits are allowed
  // as old servers and courier identities have them.
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_auth_level(rules, 0);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count();
  X509_VERIFY_PARAM_set_time(rules, static_cast<time_t>(seconds));
  if (X509_verify_cert(context.get()) == 1) return {};
  return chain_fail(context.get(), leaf);
}

}  // namespace understudy::crypto
