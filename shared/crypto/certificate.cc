#include "shared/crypto/certificate.h"

#include <openssl/pem.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "shared/crypto/name_codec.h"
#include "shared/crypto/openssl.h"

namespace understudy::crypto {
namespace {

std::optional<TimePoint> read_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return TimePoint(std::chrono::seconds(timegm(&parts)));
}

/// The next certificate of the text. Null at the end and on an error, which stays in the queue.
X509Ptr next_certificate(BIO* bio) {
  return X509Ptr(PEM_read_bio_X509(bio, nullptr, no_password, nullptr));
}

bool at_end_of_pem() {
  const unsigned long error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

/// The certificates that were read last: a fleet meets the same few all the time, and OpenSSL 3.0
/// is slow at reading public keys. Each has one place, by its octets.
class LastRead {
 public:
  std::shared_ptr<X509> find(BytesView der) {
    const std::scoped_lock lock(mutex_);
    const Place& place = place_of(der);
    return std::ranges::equal(place.der, der) ? place.certificate : nullptr;
  }
  void keep(BytesView der, std::shared_ptr<X509> certificate) {
    const std::scoped_lock lock(mutex_);
    place_of(der) = Place{to_bytes(der), std::move(certificate)};
  }

 private:
  struct Place {
    Bytes der;
    std::shared_ptr<X509> certificate;
  };
  Place& place_of(BytesView der) {
    return places_.at(std::hash<std::string_view>()(as_text(der)) % places_.size());
  }

  std::mutex mutex_;
  std::array<Place, 64> places_;
};

LastRead& last_read() {
  static LastRead last;
  return last;
}

}  // namespace

Result<Certificate> checked_certificate(X509Ptr certificate, std::string_view what) {
  const X509* native = certificate.get();
  if (X509_get0_pubkey(native) == nullptr) {
    return openssl_fail(errc::unsupported,
                        std::string(what) + ": its public key is of another kind",
                        "use an RSA or elliptic curve certificate");
  }
  if (!read_time(X509_get0_notBefore(native)) || !read_time(X509_get0_notAfter(native))) {
    return openssl_fail(errc::malformed, std::string(what) + ": validity dates");
  }
  return Certificate(std::shared_ptr<X509>(std::move(certificate)));
}

Result<Certificate> Certificate::from_der(BytesView der) {
  if (auto known = last_read().find(der); known) return Certificate(known);
  const ErrorQueue queue;
  auto native = crypto::from_der<X509Ptr>(der, d2i_X509);
  const std::string what = "certificate (DER, " + size_text(der) + ")";
  if (!native) return openssl_fail(errc::malformed, what);
  UNDERSTUDY_TRY(auto certificate, checked_certificate(std::move(native), what));
  last_read().keep(der, certificate.native_);
  return certificate;
}

Result<Certificate> Certificate::from_pem(std::string_view pem) {
  const ErrorQueue queue;
  const BioPtr bio = read_bio(pem);
  X509Ptr native = bio ? next_certificate(bio.get()) : nullptr;
  const std::string what = "certificate (PEM, " + size_text(as_bytes(pem)) + ")";
  if (!native) {
    return openssl_fail(errc::malformed, what, "it needs a BEGIN CERTIFICATE block");
  }
  return checked_certificate(std::move(native), what);
}

Result<std::vector<Certificate>> Certificate::all_from_pem(std::string_view pem) {
  const ErrorQueue queue;
  const BioPtr bio = read_bio(pem);
  const std::string what = "certificates (PEM, " + size_text(as_bytes(pem)) + ")";
  std::vector<Certificate> all;
  while (X509Ptr native = bio ? next_certificate(bio.get()) : nullptr) {
    const std::string which = what + ", number " + std::to_string(all.size() + 1);
    UNDERSTUDY_TRY(Certificate certificate, checked_certificate(std::move(native), which));
    all.push_back(std::move(certificate));
  }
  if (all.empty() || !at_end_of_pem()) {
    return openssl_fail(errc::malformed, what + ", number " + std::to_string(all.size() + 1),
                        "it needs BEGIN CERTIFICATE blocks");
  }
  return all;
}

Bytes Certificate::der() const {
  const ErrorQueue queue;
  return to_der(native(), i2d_X509);
}

std::string Certificate::pem() const {
  const ErrorQueue queue;
  const BioPtr bio = write_bio();
  PEM_write_bio_X509(bio.get(), native());
  return take_text(bio.get());
}

Name Certificate::subject() const {
  const ErrorQueue queue;
  return read_name(X509_get_subject_name(native()));
}

Name Certificate::issuer() const {
  const ErrorQueue queue;
  return read_name(X509_get_issuer_name(native()));
}

std::string Certificate::serial_hex() const {
  const ErrorQueue queue;
  const Owned<BIGNUM, BN_free> number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(native()), nullptr));
  const Owned<char, free_text> text(number ? BN_bn2hex(number.get()) : nullptr);
  std::string hex = text ? text.get() : "";
  for (char& c : hex) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  const std::size_t sign = hex.starts_with('-') ? 1 : 0;
  while (hex.size() > sign + 1 && hex[sign] == '0') hex.erase(sign, 1);
  return hex;
}

// Certificates that we parsed have readable dates; of one that came through TLS unparsed, the
// epoch reads as "over long ago".
TimePoint Certificate::not_before() const {
  const ErrorQueue queue;
  return read_time(X509_get0_notBefore(native())).value_or(TimePoint{});
}

TimePoint Certificate::not_after() const {
  const ErrorQueue queue;
  return read_time(X509_get0_notAfter(native())).value_or(TimePoint{});
}

PublicKey Certificate::public_key() const {
  const ErrorQueue queue;
  return PublicKey(std::shared_ptr<EVP_PKEY>(PkeyPtr(X509_get_pubkey(native()))));
}

bool Certificate::is_ca() const {
  const ErrorQueue queue;
  return X509_check_ca(native()) == 1;
}

bool Certificate::may_sign() const {
  const ErrorQueue queue;
  return (X509_get_key_usage(native()) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
}

bool Certificate::may_encipher() const {
  const ErrorQueue queue;
  return (X509_get_key_usage(native()) & KU_KEY_ENCIPHERMENT) != 0;
}

std::string Certificate::fingerprint() const {
  return hex_encode(digest(Digest::sha256, der()));
}

std::optional<Bytes> Certificate::extension(std::string_view oid) const {
  const ErrorQueue queue;
  const ObjectPtr object = find_object(oid);
  const int index = object ? X509_get_ext_by_OBJ(native(), object.get(), -1) : -1;
  if (index < 0) return std::nullopt;
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(X509_get_ext(native(), index));
  return to_bytes(
      BytesView(ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value))));
}

bool Certificate::issued_by(const Certificate& ca) const {
  const ErrorQueue queue;
  EVP_PKEY* key = X509_get0_pubkey(ca.native());
  return key != nullptr && X509_verify(native(), key) == 1;
}

}  // namespace understudy::crypto
