#pragma once

/// The courier's proof of identity, apns-security-v3. Source: docs/protocol/courier.md#nonce.

#include "shared/apns/frame.h"
#include "shared/core/clock.h"
#include "shared/core/rng.h"
#include "shared/crypto/certificate.h"
#include "shared/crypto/key.h"

namespace understudy::apns {

/// 17 octets: use 0x00, Unix milliseconds (u64be), eight random octets.
Bytes make_nonce(TimePoint now, Rng& rng);
/// 01 01 and the signature over the nonce. Errors: crypto::errc.
Result<Bytes> sign_nonce(const crypto::PrivateKey& key, BytesView nonce);
/// Errors: errc::untrusted, saying which of form, algorithm or signature is wrong.
Result<void> verify_nonce(const crypto::Certificate& certificate, BytesView nonce,
                          BytesView signature);

/// Whether the nonce's time is within `window` of `now`; a window of zero takes any. Errors:
/// errc::untrusted, saying how far it is off.
Result<void> verify_nonce_time(BytesView nonce, TimePoint now, Duration window);

}  // namespace understudy::apns
