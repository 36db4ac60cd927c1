#include "shared/crypto/name.h"

#include <algorithm>

#include "shared/crypto/openssl.h"

namespace understudy::crypto {
namespace {

/// One spelling for all names of an attribute type: the dotted form, or the text itself when
/// OpenSSL does not know it.
std::string canonical(std::string_view type) {
  const ObjectPtr object = find_object(type);
  return object ? object_text(object.get()) : std::string(type);
}

void append_escaped(std::string& text, std::string_view value) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool edge_space = c == ' ' && (i == 0 || i + 1 == value.size());
    const bool special = std::string_view(",+\"\\<>;=").find(c) != std::string_view::npos;
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      text += "\\" + hex_encode(as_bytes(value.substr(i, 1)));
      continue;
    }
    if (special || edge_space || (c == '#' && i == 0)) text += '\\';
    text += c;
  }
}

}  // namespace

Name Name::of(std::vector<Attribute> attributes) {
  Name name;
  for (Attribute& attribute : attributes) name.rdns.push_back({std::move(attribute)});
  return name;
}

std::optional<std::string> Name::find(std::string_view type) const {
  const ErrorQueue queue;
  const std::string wanted = canonical(type);
  for (const auto& rdn : rdns) {
    for (const Attribute& attribute : rdn) {
      if (attribute.type == type || canonical(attribute.type) == wanted) return attribute.value;
    }
  }
  return std::nullopt;
}

std::string Name::text() const {
  std::string text;
  for (const auto& rdn : rdns) {
    std::string_view separator = text.empty() ? "" : ", ";
    for (const Attribute& attribute : rdn) {
      text += separator;
      text += attribute.type;
      text += '=';
      append_escaped(text, attribute.value);
      separator = "+";
    }
  }
  return text;
}

}  // namespace understudy::crypto
