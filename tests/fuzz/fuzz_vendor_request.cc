/// Any octets as an upload to the portal, and as the property list inside a vendor's request: taken
/// or refused in words, and what is taken is signed by whom it names.

#include <cstdlib>

#include "server-mock/apns/signing_request.h"

namespace {

using namespace understudy;  // NOLINT(google-build-using-namespace)
using apns_mock::SigningRequest;

constexpr TimePoint kNow = std::chrono::sys_days{std::chrono::year{2030} / 1 / 1};

void check(bool holds) {
  if (!holds) std::abort();
}

void upload(BytesView octets) {
  const Result<SigningRequest> request = apns_mock::read_signing_request(octets, {}, kNow);
  if (!request) {
    check(!request.error().message().empty() && !request.error().context.empty());
    return;
  }
  check(request->csr.signature_ok() && request->csr.public_key().bits() >= 256);
  check(!request->vendor || request->vendor->root.issued_by(request->vendor->root));
  check(apns_mock::read_signing_request(request->csr.der(), {}, kNow).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView octets(data, size);
  upload(octets);
  upload(as_bytes(base64_encode(octets)));
  return 0;
}
