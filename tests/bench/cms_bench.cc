// CMS signing and verifying, as for Mdm-Signature, beside the bare RSA-2048 operation of OpenSSL.

#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "shared/crypto/ca.h"
#include "shared/crypto/cms.h"
#include "shared/mdm/signature.h"

namespace understudy {
namespace {

const std::string kBody(400, 'x');  // about the size of an Idle

const crypto::Identity& identity() {
  static const crypto::Identity made = [] {
    const TimePoint now = SystemClock().now();
    const auto ca = crypto::CertificateAuthority::create(crypto::Name::of({{"CN", "bench"}}),
                                                         crypto::KeyType::rsa_2048, now,
                                                         now + std::chrono::hours(24));
    return ca->identity();
  }();
  return made;
}

using CertificatePtr = std::unique_ptr<X509, decltype(&X509_free)>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

void rsa_sign_bare(benchmark::State& state) {
  Bytes signature(256);
  for (auto _ : state) {
    const DigestContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::size_t size = signature.size();
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, identity().key.native());
    EVP_DigestSign(context.get(), signature.data(), &size, as_bytes(kBody).data(), kBody.size());
  }
}
BENCHMARK(rsa_sign_bare);

/// With the signer's certificate read from its octets, as it comes in each signature.
void rsa_verify_bare(benchmark::State& state) {
  const Bytes signature = identity().key.sign(crypto::Digest::sha256, as_bytes(kBody)).value();
  const Bytes der = identity().certificate.der();
  for (auto _ : state) {
    const std::uint8_t* at = der.data();
    const CertificatePtr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())),
                                     X509_free);
    const DigestContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                         X509_get0_pubkey(certificate.get()));
    if (EVP_DigestVerify(context.get(), signature.data(), signature.size(), as_bytes(kBody).data(),
                         kBody.size()) != 1) {
      state.SkipWithError("the bare verification failed");
    }
  }
}
BENCHMARK(rsa_verify_bare);

void mdm_signature_make(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(mdm::make_signature(kBody, identity()));
}
BENCHMARK(mdm_signature_make);

void mdm_signature_verify(benchmark::State& state) {
  const std::string header = mdm::make_signature(kBody, identity()).value();
  for (auto _ : state) {
    if (!mdm::verify_signature(kBody, header)) state.SkipWithError("the signature does not verify");
  }
}
BENCHMARK(mdm_signature_verify);

}  // namespace
}  // namespace understudy
