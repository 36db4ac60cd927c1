#include "shared/crypto/errc.h"

namespace understudy {

std::string ErrcTraits<crypto::errc>::describe(crypto::errc code) {
  switch (code) {
    case crypto::errc::malformed:
      return "malformed";
    case crypto::errc::bad_signature:
      return "the signature does not verify";
    case crypto::errc::untrusted:
      return "no chain to a trusted certificate";
    case crypto::errc::expired:
      return "the certificate has expired";
    case crypto::errc::not_yet_valid:
      return "the certificate is not valid yet";
    case crypto::errc::wrong_key:
      return "the key does not belong to it";
    case crypto::errc::wrong_password:
      return "wrong password";
    case crypto::errc::unsupported:
      return "unsupported algorithm or size";
    case crypto::errc::failed:
      return "the cryptographic library failed";
  }
  return "unknown error";
}

}  // namespace understudy
