#include "shared/mdm/signature.h"

#include "shared/core/bytes.h"

namespace understudy::mdm {

Result<std::string> make_signature(std::string_view body, const crypto::Identity& identity) {
  crypto::cms::SignOptions options;
  options.detached = true;
  auto message = crypto::cms::sign(as_bytes(body), identity, options);
  if (!message) return fail_in("signing a message", std::move(message).error());
  return base64_encode(*message);
}

Result<crypto::Certificate> verify_signature(std::string_view body, std::string_view header) {
  const std::string hint = "send base64 of a detached CMS signature over the exact body";
  const auto message = base64_decode(header);
  if (!message || message->empty())
    return fail(errc::bad_signature, "Mdm-Signature is no base64 text", hint);
  auto verified = crypto::cms::verify(*message, as_bytes(body));
  if (verified) return std::move(verified->signer);
  if (verified.error().code == crypto::errc::bad_signature)
    return fail(errc::bad_signature,
                "Mdm-Signature is over other bytes than this body, or by another key (" +
                    verified.error().message() + ")",
                hint);
  return fail(errc::bad_signature,
              "Mdm-Signature is no CMS SignedData (" + verified.error().message() + ")", hint);
}

}  // namespace understudy::mdm
