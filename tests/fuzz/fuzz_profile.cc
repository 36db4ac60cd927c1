/// Any bytes as a profile: bare, signed or neither. Every part is read; an error is one line.

#include <cstdlib>

#include "shared/mdm/profile.h"

namespace {

using namespace understudy;  // NOLINT(google-build-using-namespace)

template <class T>
void check(const Result<T>& result) {
  if (result) return;
  const std::string line = result.error().message();
  if (line.empty() || line.find('\n') != std::string::npos || line.size() > 2000) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(data, size);
  const auto profile = mdm::parse_profile(bytes);
  check(profile);
  if (profile) {
    check(mdm::certificates_of(*profile));
    for (const mdm::Payload& payload : profile->payloads) {
      check(mdm::parse_scep_payload(payload));
      check(mdm::parse_pkcs12_payload(payload));
    }
  }
  check(mdm::parse_enrollment_profile(bytes));
  check(mdm::parse_enrollment_profile(bytes, {.allow_http = true}));
  return 0;
}
