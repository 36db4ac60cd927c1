#pragma once

/// PKCS#12 (RFC 7292): a key with its certificates under a password.

#include <string_view>

#include "shared/crypto/certificate.h"

namespace understudy::crypto {

/// Reads modern (AES) files, and the legacy RC2/3DES ones as far as OpenSSL's providers allow.
/// Errors: errc::malformed, errc::wrong_password, errc::unsupported.
Result<Identity> read_pkcs12(BytesView file, std::string_view password);
/// AES-256-CBC with PBKDF2 and an HMAC-SHA-256 MAC.
Result<Bytes> write_pkcs12(const Identity& identity, std::string_view password,
                           std::string_view friendly_name);

}  // namespace understudy::crypto
