#include "shared/scep/scep.h"

#include <algorithm>

namespace understudy {

std::string ErrcTraits<scep::errc>::describe(scep::errc code) {
  switch (code) {
    case scep::errc::malformed:
      return "not a proper SCEP message";
    case scep::errc::refused:
      return "the CA refused the request";
    case scep::errc::pending:
      return "the CA has not decided yet";
    case scep::errc::weak_ca:
      return "the CA offers no acceptable algorithm";
    case scep::errc::fingerprint:
      return "the CA certificate is not the expected one";
    case scep::errc::wrong_key:
      return "the certificate is not over the device's key";
    case scep::errc::transport:
      return "the CA's HTTP answer is not usable";
  }
  return "unknown error";
}

namespace scep {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

std::string_view fail_info_name(FailInfo info) {
  switch (info) {
    case FailInfo::bad_alg:
      return "badAlg";
    case FailInfo::bad_message_check:
      return "badMessageCheck";
    case FailInfo::bad_request:
      return "badRequest";
    case FailInfo::bad_time:
      return "badTime";
    case FailInfo::bad_cert_id:
      return "badCertId";
  }
  return "unknown";
}

Capabilities Capabilities::parse(std::string_view text) {
  Capabilities capabilities;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (const auto word = trimmed(text.substr(0, end)); !word.empty()) {
      capabilities.keywords.emplace(word);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return capabilities;
}

std::string Capabilities::text() const {
  std::string text;
  for (const std::string& keyword : keywords) text += keyword + "\n";
  return text;
}

bool Capabilities::has(std::string_view keyword) const {
  return std::ranges::any_of(
      keywords, [&](const std::string& own) { return equal_ignoring_case(own, keyword); });
}

Result<crypto::Digest> Capabilities::digest() const {
  if (has("SHA-256") || has("SCEPStandard")) return crypto::Digest::sha256;
  if (has("SHA-512")) return crypto::Digest::sha512;
  if (has("SHA-1")) return crypto::Digest::sha1;
  return fail(errc::weak_ca, "GetCACaps names no digest", "let the CA offer SHA-256");
}

Result<crypto::cms::Cipher> Capabilities::cipher() const {
  if (has("AES") || has("SCEPStandard")) return crypto::cms::Cipher::aes_128_cbc;
  if (has("DES3")) return crypto::cms::Cipher::des3_cbc;
  return fail(errc::weak_ca, "GetCACaps names no cipher", "let the CA offer AES");
}

}  // namespace scep
}  // namespace understudy
