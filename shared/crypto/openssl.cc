#include "shared/crypto/openssl.h"

#include <algorithm>

namespace understudy::crypto {

tl::unexpected<Error> openssl_fail(errc code, std::string context, std::string hint,
                                   std::source_location where) {
  const char* reason = ERR_reason_error_string(ERR_get_error());
  if (reason != nullptr) context += " (OpenSSL: " + std::string(reason) + ")";
  ERR_clear_error();
  return fail(code, std::move(context), std::move(hint), where);
}

BioPtr read_bio(BytesView data) {
  if (data.size() > INT_MAX) return nullptr;
  // An empty view may have no address, which BIO_new_mem_buf refuses.
  static constexpr std::uint8_t kNothing = 0;
  const void* start = data.empty() ? &kNothing : data.data();
  return BioPtr(BIO_new_mem_buf(start, static_cast<int>(data.size())));
}

BioPtr write_bio() {
  return BioPtr(BIO_new(BIO_s_mem()));
}

Bytes take_bytes(BIO* bio) {
  return to_bytes(take_text(bio));
}

std::string take_text(BIO* bio) {
  char* start = nullptr;
  const long size = BIO_get_mem_data(bio, &start);
  if (size <= 0 || start == nullptr) return {};
  return {start, static_cast<std::size_t>(size)};
}

int no_password(char*, int, int, void*) {
  return 0;
}

X509ListPtr native_list(std::span<const Certificate> certificates) {
  X509ListPtr list(sk_X509_new_null());
  if (!list) return nullptr;
  for (const Certificate& certificate : certificates) {
    if (X509_add_cert(list.get(), certificate.native(), X509_ADD_FLAG_UP_REF) != 1) return nullptr;
  }
  return list;
}

Result<void> set_time(ASN1_TIME* field, TimePoint time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  if (ASN1_TIME_set(field, static_cast<time_t>(seconds)) == nullptr) {
    return openssl_fail(errc::unsupported, "a certificate's date is out of range",
                        "use years 1950 to 9999");
  }
  return {};
}

ObjectPtr find_object(std::string_view type) {
  // OBJ_txt2obj takes an empty text for the undefined object.
  if (type.empty()) return nullptr;
  return ObjectPtr(OBJ_txt2obj(std::string(type).c_str(), 0));
}

std::string object_text(const ASN1_OBJECT* object) {
  std::string text(128, '\0');
  const int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  if (size >= static_cast<int>(text.size())) {
    text.resize(static_cast<std::size_t>(size) + 1);
    OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  }
  text.resize(static_cast<std::size_t>(std::max(size, 0)));
  return text;
}

std::string size_text(BytesView bytes) {
  return std::to_string(bytes.size()) + (bytes.size() == 1 ? " byte" : " bytes");
}

}  // namespace understudy::crypto
