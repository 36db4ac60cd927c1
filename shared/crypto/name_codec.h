#pragma once

/// Private to crypto/: names between our form and OpenSSL's.

#include "shared/crypto/name.h"
#include "shared/crypto/openssl.h"

namespace understudy::crypto {

/// Errors: errc::malformed with the attribute that cannot be written.
Result<NamePtr> write_name(const Name& name);
Name read_name(const X509_NAME* name);

Result<GeneralNamesPtr> write_alt_names(const AltNames& names);
/// Forms that AltNames has no place for are passed over.
AltNames read_alt_names(const GENERAL_NAMES* names);

/// The characters of any ASN.1 string type as UTF-8; "#" and hexadecimal when they are none.
std::string string_text(const ASN1_STRING* string);

}  // namespace understudy::crypto
