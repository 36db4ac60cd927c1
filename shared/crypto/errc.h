#pragma once

#include "shared/core/errc.h"

namespace understudy::crypto {

enum class errc {
  malformed = 1,   ///< not the structure it should be (DER, BER, PEM)
  bad_signature,   ///< a signature does not verify over these bytes
  untrusted,       ///< no chain to a trust anchor
  expired,         ///< a certificate of the chain is past its end
  not_yet_valid,   ///< a certificate of the chain has not begun
  wrong_key,       ///< key and certificate (or recipient) do not belong together
  wrong_password,  ///< PKCS#12 or PEM cannot be opened with that password
  unsupported,     ///< algorithm or size outside what this library does
  failed,          ///< OpenSSL failed otherwise; the context has its reason
};

}  // namespace understudy::crypto

template <>
struct understudy::ErrcTraits<understudy::crypto::errc> {
  static constexpr const char* kName = "crypto";
  static std::string describe(crypto::errc code);
};
template <>
struct std::is_error_code_enum<understudy::crypto::errc> : std::true_type {};
namespace understudy::crypto {
UNDERSTUDY_ERRC(errc)
}
