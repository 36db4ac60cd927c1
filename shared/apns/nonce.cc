#include "shared/apns/nonce.h"

namespace understudy::apns {
namespace {

constexpr std::size_t kNonceSize = 17;
constexpr std::uint8_t kUseApns = 0x00;
constexpr std::uint8_t kVersion = 0x01;
constexpr std::uint8_t kRsaSha1 = 0x01;

}  // namespace

Bytes make_nonce(TimePoint now, Rng& rng) {
  const auto ms = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count());
  Bytes nonce = {kUseApns};
  for (int shift = 56; shift >= 0; shift -= 8) {
    nonce.push_back(static_cast<std::uint8_t>(ms >> shift));
  }
  const Bytes random = rng.bytes(8);
  nonce.insert(nonce.end(), random.begin(), random.end());
  return nonce;
}

Result<Bytes> sign_nonce(const crypto::PrivateKey& key, BytesView nonce) {
  auto signature = key.sign(crypto::Digest::sha1, nonce);
  if (!signature) return fail_in("sign the courier nonce", std::move(signature).error());
  Bytes out = {kVersion, kRsaSha1};
  out.insert(out.end(), signature->begin(), signature->end());
  return out;
}

Result<void> verify_nonce(const crypto::Certificate& certificate, BytesView nonce,
                          BytesView signature) {
  // Longer nonces are sent by a client that works against the real courier.
  if (nonce.size() < kNonceSize || nonce[0] != kUseApns) {
    return fail(errc::untrusted, "courier nonce: form: " + std::to_string(nonce.size()) +
                                     " octets, wanted at least 17 that begin with 00");
  }
  if (signature.size() < 3 || signature[0] != kVersion || signature[1] != kRsaSha1) {
    return fail(errc::untrusted,
                "courier nonce: algorithm: the signature does not begin with 01 01");
  }
  const crypto::PublicKey key = certificate.public_key();
  if (!key.is_rsa()) {
    return fail(errc::untrusted, "courier nonce: algorithm: the certificate's key is not RSA");
  }
  if (!key.verify(crypto::Digest::sha1, nonce, signature.subspan(2))) {
    return fail(errc::untrusted,
                "courier nonce: signature: it does not verify with the certificate's key");
  }
  return {};
}

Result<void> verify_nonce_time(BytesView nonce, TimePoint now, Duration window) {
  if (window == Duration{0}) return {};
  std::uint64_t ms = 0;
  for (const std::uint8_t octet : nonce.subspan(1, 8)) ms = ms << 8 | octet;
  const auto now_ms = static_cast<std::uint64_t>(to_unix_us(now) / 1000);
  const std::uint64_t off = ms > now_ms ? ms - now_ms : now_ms - ms;
  if (off <= static_cast<std::uint64_t>(window / std::chrono::milliseconds(1))) return {};
  return fail(errc::untrusted,
              "courier nonce: time: it is " + std::to_string(off) + " ms from the courier's",
              "set the device's clock, or widen the policy courier.nonce-window");
}

}  // namespace understudy::apns
