/// CMS messages as they come from anywhere: verify, decrypt, read certificates.

#include <cstdlib>

#include "shared/crypto/ca.h"
#include "shared/crypto/cms.h"
#include "tests/fuzz/patched.h"

namespace {

using namespace understudy;
namespace cms = crypto::cms;

constexpr TimePoint kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24};

struct World {
  crypto::CertificateAuthority ca = *crypto::CertificateAuthority::create(
      crypto::Name::of({{"CN", "fuzz"}}), crypto::KeyType::rsa_2048, kNow,
      kNow + std::chrono::days(30));
  std::vector<Bytes> valid;

  World() {
    const auto content = as_bytes("content of some length, to be found again");
    for (const bool indefinite : {false, true}) {
      cms::SignOptions options;
      options.indefinite_length = indefinite;
      options.attributes = {{"1.2.3.4", {0x04, 0x01, 0x2a}}};
      valid.push_back(*cms::sign(content, ca.identity(), options));
      options.detached = true;
      valid.push_back(*cms::sign(content, ca.identity(), options));
      valid.push_back(
          *cms::encrypt(content, ca.certificate(), cms::Cipher::aes_128_cbc, indefinite));
    }
    const std::vector<crypto::Certificate> list{ca.certificate()};
    valid.push_back(*cms::certificates_only(list));
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  const Bytes message = fuzz::patched({data, size}, world.valid);
  const bool cms_like = cms::looks_like_cms(message);
  const auto attached = cms::verify(message);
  const auto detached = cms::verify(message, BytesView(message).first(message.size() / 2));
  const auto certificates = cms::read_certificates(message);
  const auto opened = cms::decrypt(message, world.ca.identity());
  // Whatever is accepted is also recognized, and a message has one nature.
  if ((attached || detached || certificates || opened) && !cms_like) std::abort();
  if (attached && (detached || opened)) std::abort();
  return 0;
}
