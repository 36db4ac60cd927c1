#pragma once

/// Keys, certificates and files for the tests of crypto/ and scep/.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "shared/crypto/ca.h"
#include "shared/crypto/certificate.h"

namespace understudy::crypto::test {

inline constexpr TimePoint kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24};
inline constexpr std::chrono::days kYear{365};

/// The value, or an exception with the error's text: tests of something else need it to succeed.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(*result);
}

template <class T>
std::error_code code_of(const Result<T>& result) {
  return result ? std::error_code{} : result.error().code;
}

inline CertificateAuthority make_ca(const std::string& name = "Test CA",
                                    KeyType type = KeyType::p256) {
  return must(CertificateAuthority::create(Name::of({{"CN", name}, {"O", "Understudy"}}), type,
                                           kNow - kYear, kNow + 10 * kYear));
}

inline CertificateSpec make_spec(const std::string& name) {
  CertificateSpec spec;
  spec.subject = Name::of({{"CN", name}});
  spec.not_before = kNow - std::chrono::days(1);
  spec.not_after = kNow + kYear;
  return spec;
}

inline Identity make_identity(const CertificateAuthority& ca, KeyType type,
                              const std::string& name = "device") {
  PrivateKey key = must(PrivateKey::generate(type));
  Certificate certificate = must(ca.issue(make_spec(name), key.public_key()));
  return {std::move(key), std::move(certificate), {ca.certificate()}};
}

/// Writes the file and returns its name, as a command line wants it.
inline std::string put(const std::filesystem::path& file, std::string_view content) {
  std::ofstream(file, std::ios::binary) << content;
  return file.string();
}
inline std::string put(const std::filesystem::path& file, BytesView content) {
  return put(file, as_text(content));
}

inline Bytes get(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace understudy::crypto::test
