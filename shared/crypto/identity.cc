#include <algorithm>

#include "shared/crypto/certificate.h"
#include "shared/crypto/openssl.h"

namespace understudy::crypto {

Result<Identity> Identity::from_pem(std::string_view pem) {
  const ErrorQueue queue;
  UNDERSTUDY_TRY(PrivateKey key, PrivateKey::from_pem(pem));
  UNDERSTUDY_TRY(std::vector<Certificate> certificates, Certificate::all_from_pem(pem));
  const auto own = std::ranges::find_if(certificates, [&](const Certificate& certificate) {
    return X509_check_private_key(certificate.native(), key.native()) == 1;
  });
  if (own == certificates.end()) {
    return fail(errc::wrong_key, "identity (PEM): none of its certificates is over its key",
                "put the key beside the certificate it belongs to");
  }
  Certificate certificate = *own;
  certificates.erase(own);
  return Identity{std::move(key), std::move(certificate), std::move(certificates)};
}

std::string Identity::pem() const {
  std::string text = certificate.pem();
  for (const Certificate& link : chain) text += link.pem();
  return text + key.pem();
}

}  // namespace understudy::crypto
