#include "shared/crypto/name_codec.h"

#include <arpa/inet.h>

namespace understudy::crypto {
namespace {

constexpr std::string_view kNtPrincipal = "1.3.6.1.4.1.311.20.2.3";

/// OpenSSL's table of string types and lengths first ("C" is two printable letters); what it finds
/// too long, too short or of foreign characters goes in as UTF8String all the same: real servers
/// ask for such subjects, and a device does not object.
bool add_attribute(X509_NAME* name, const ASN1_OBJECT* type, std::string_view value, bool joins) {
  const auto* text = as_bytes(value).data();
  const int size = static_cast<int>(value.size());
  const int set = joins ? -1 : 0;
  if (X509_NAME_add_entry_by_OBJ(name, type, MBSTRING_UTF8, text, size, -1, set) == 1) return true;
  const int reason = ERR_GET_REASON(ERR_peek_error());
  if (reason != ASN1_R_STRING_TOO_LONG && reason != ASN1_R_STRING_TOO_SHORT &&
      reason != ASN1_R_ILLEGAL_CHARACTERS) {
    return false;
  }
  ERR_clear_error();
  return X509_NAME_add_entry_by_OBJ(name, type, V_ASN1_UTF8STRING, text, size, -1, set) == 1;
}

bool is_ascii(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80 || c == '\0') return false;
  }
  return true;
}

using GeneralNamePtr = Owned<GENERAL_NAME, GENERAL_NAME_free>;

Result<void> push(GENERAL_NAMES* names, GeneralNamePtr name) {
  if (!name || sk_GENERAL_NAME_push(names, name.get()) <= 0) {
    return openssl_fail(errc::failed, "writing a subject alternative name");
  }
  given_away(name);
  return {};
}

Result<void> push_text(GENERAL_NAMES* names, int type, std::string_view text) {
  if (!is_ascii(text)) {
    return fail(errc::malformed, "subject alternative name '" + std::string(text) + "'",
                "use ASCII (punycode for host names)");
  }
  GeneralNamePtr name(GENERAL_NAME_new());
  Owned<ASN1_STRING, ASN1_STRING_free> value(ASN1_STRING_type_new(V_ASN1_IA5STRING));
  if (!name || !value ||
      ASN1_STRING_set(value.get(), text.data(), static_cast<int>(text.size())) != 1) {
    return openssl_fail(errc::failed, "writing a subject alternative name");
  }
  GENERAL_NAME_set0_value(name.get(), type, value.release());
  return push(names, std::move(name));
}

Result<void> push_address(GENERAL_NAMES* names, const std::string& text) {
  ASN1_OCTET_STRING* address = a2i_IPADDRESS(text.c_str());
  if (address == nullptr) {
    return openssl_fail(errc::malformed, "subject alternative name '" + text + "'",
                        "write an IPv4 or IPv6 address");
  }
  GeneralNamePtr name(GENERAL_NAME_new());
  GENERAL_NAME_set0_value(name.get(), GEN_IPADD, address);
  return push(names, std::move(name));
}

Result<void> push_principal(GENERAL_NAMES* names, std::string_view text) {
  GeneralNamePtr name(GENERAL_NAME_new());
  TypePtr value(ASN1_TYPE_new());
  Owned<ASN1_STRING, ASN1_STRING_free> string(ASN1_STRING_type_new(V_ASN1_UTF8STRING));
  ObjectPtr type = find_object(kNtPrincipal);
  if (!name || !value || !string || !type ||
      ASN1_STRING_set(string.get(), text.data(), static_cast<int>(text.size())) != 1) {
    return openssl_fail(errc::failed, "writing a subject alternative name");
  }
  ASN1_TYPE_set(value.get(), V_ASN1_UTF8STRING, string.release());
  if (GENERAL_NAME_set0_othername(name.get(), type.get(), value.get()) != 1) {
    return openssl_fail(errc::failed, "writing a subject alternative name");
  }
  given_away(type);
  given_away(value);
  return push(names, std::move(name));
}

std::string raw_text(const ASN1_STRING* string) {
  const auto size = static_cast<std::size_t>(ASN1_STRING_length(string));
  return std::string(as_text({ASN1_STRING_get0_data(string), size}));
}

std::string address_text(const ASN1_OCTET_STRING* address) {
  char text[INET6_ADDRSTRLEN] = {};
  const int size = ASN1_STRING_length(address);
  if (size != 4 && size != 16) return {};
  inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(address), text, sizeof text);
  return text;
}

void read_other_name(const GENERAL_NAME* name, AltNames& into) {
  const OTHERNAME* other = name->d.otherName;
  if (object_text(other->type_id) != kNtPrincipal) return;
  if (ASN1_TYPE_get(other->value) != V_ASN1_UTF8STRING) return;
  into.nt_principal.push_back(raw_text(other->value->value.utf8string));
}

}  // namespace

Result<NamePtr> write_name(const Name& name) {
  NamePtr native(X509_NAME_new());
  for (const auto& rdn : name.rdns) {
    bool joins = false;
    for (const Attribute& attribute : rdn) {
      const ObjectPtr type = find_object(attribute.type);
      if (!type) {
        return openssl_fail(errc::malformed, "subject attribute '" + attribute.type + "'",
                            "use a dotted OID or a short name such as CN, O, UID");
      }
      if (!add_attribute(native.get(), type.get(), attribute.value, joins)) {
        return openssl_fail(errc::malformed, "value of subject attribute '" + attribute.type + "'",
                            "write UTF-8 text that is not empty");
      }
      joins = true;
    }
  }
  return native;
}

Result<Bytes> name_der(const Name& name) {
  const ErrorQueue queue;
  UNDERSTUDY_TRY(const NamePtr native, write_name(name));
  return to_der(native.get(), i2d_X509_NAME);
}

Name read_name(const X509_NAME* name) {
  Name result;
  int last_set = -1;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const ASN1_OBJECT* type = X509_NAME_ENTRY_get_object(entry);
    const int known = OBJ_obj2nid(type);
    if (X509_NAME_ENTRY_set(entry) != last_set) result.rdns.emplace_back();
    last_set = X509_NAME_ENTRY_set(entry);
    Attribute attribute;
    attribute.type = known == NID_undef ? object_text(type) : OBJ_nid2sn(known);
    attribute.value = string_text(X509_NAME_ENTRY_get_data(entry));
    result.rdns.back().push_back(std::move(attribute));
  }
  return result;
}

Result<GeneralNamesPtr> write_alt_names(const AltNames& names) {
  GeneralNamesPtr native(sk_GENERAL_NAME_new_null());
  for (const auto& text : names.dns) UNDERSTUDY_CHECK(push_text(native.get(), GEN_DNS, text));
  for (const auto& text : names.ip) UNDERSTUDY_CHECK(push_address(native.get(), text));
  for (const auto& text : names.email) UNDERSTUDY_CHECK(push_text(native.get(), GEN_EMAIL, text));
  for (const auto& text : names.uri) UNDERSTUDY_CHECK(push_text(native.get(), GEN_URI, text));
  for (const auto& text : names.nt_principal) UNDERSTUDY_CHECK(push_principal(native.get(), text));
  return native;
}

AltNames read_alt_names(const GENERAL_NAMES* names) {
  AltNames result;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    switch (name->type) {
      case GEN_DNS:
        result.dns.push_back(raw_text(name->d.dNSName));
        break;
      case GEN_EMAIL:
        result.email.push_back(raw_text(name->d.rfc822Name));
        break;
      case GEN_URI:
        result.uri.push_back(raw_text(name->d.uniformResourceIdentifier));
        break;
      case GEN_IPADD:
        if (std::string text = address_text(name->d.iPAddress); !text.empty()) {
          result.ip.push_back(std::move(text));
        }
        break;
      case GEN_OTHERNAME:
        read_other_name(name, result);
        break;
      default:
        break;
    }
  }
  return result;
}

std::string string_text(const ASN1_STRING* string) {
  if (string == nullptr) return {};
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, string);
  const Owned<unsigned char, free_text> owner(utf8);
  if (size < 0) return "#" + hex_encode(as_bytes(raw_text(string)));
  return std::string(as_text({utf8, static_cast<std::size_t>(size)}));
}

}  // namespace understudy::crypto
