#pragma once

/// The Mdm-Signature header: base64 of a CMS detached signature over the exact body
/// (docs/protocol/messages.md).

#include <string>
#include <string_view>

#include "shared/crypto/cms.h"
#include "shared/mdm/errc.h"

namespace understudy::mdm {

Result<std::string> make_signature(std::string_view body, const crypto::Identity& identity);
/// The certificate that signed. Errors: errc::bad_signature, saying whether the base64, the CMS or
/// the digest is wrong.
Result<crypto::Certificate> verify_signature(std::string_view body, std::string_view header);

}  // namespace understudy::mdm
