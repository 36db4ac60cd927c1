#pragma once

/// libplist as a witness: RAII, and comparison of its trees with our values.

#include <plist/plist.h>

#include <memory>
#include <string>

#include "shared/plist/plist.h"

namespace understudy::plist::testing {

struct TreeFree {
  void operator()(void* tree) const { plist_free(tree); }
};
using Tree = std::unique_ptr<void, TreeFree>;

inline Tree libplist_read(BytesView bytes) {
  plist_t tree = nullptr;
  const auto text = as_text(bytes);
  const auto size = static_cast<std::uint32_t>(text.size());
  if (text.starts_with("bplist")) {
    plist_from_bin(text.data(), size, &tree);
  } else {
    plist_from_xml(text.data(), size, &tree);
  }
  return Tree(tree);
}

inline std::string libplist_write(const Tree& tree, bool binary) {
  char* text = nullptr;
  std::uint32_t size = 0;
  if (binary) {
    plist_to_bin(tree.get(), &text, &size);
  } else {
    plist_to_xml(tree.get(), &text, &size);
  }
  std::string out = text == nullptr ? "" : std::string(text, size);
  if (text != nullptr) (binary ? plist_to_bin_free : plist_to_xml_free)(text);
  return out;
}

bool same(const Value& value, plist_t tree);

inline bool same_text(const std::string& value, plist_t tree) {
  std::uint64_t size = 0;
  const char* text = plist_get_string_ptr(tree, &size);
  return text != nullptr && std::string_view(text, size) == value;
}

inline bool same_data(const Bytes& value, plist_t tree) {
  std::uint64_t size = 0;
  const char* data = plist_get_data_ptr(tree, &size);
  return size == value.size() && (size == 0 || to_bytes(std::string_view(data, size)) == value);
}

inline bool same_dict(const Dict& value, plist_t tree) {
  if (plist_dict_get_size(tree) != value.size()) return false;
  for (const auto& [key, item] : value) {
    const plist_t found = plist_dict_get_item(tree, key.c_str());
    if (found == nullptr || !same(item, found)) return false;
  }
  return true;
}

inline bool same_array(const Array& value, plist_t tree) {
  if (plist_array_get_size(tree) != value.size()) return false;
  for (std::uint32_t i = 0; i < value.size(); ++i) {
    if (!same(value[i], plist_array_get_item(tree, i))) return false;
  }
  return true;
}

inline bool same_date(Date value, plist_t tree) {
  std::int32_t seconds = 0;
  std::int32_t microseconds = 0;
  plist_get_date_val(tree, &seconds, &microseconds);
  return value.seconds == seconds && microseconds == 0;
}

/// libplist keeps negative integers and those above 2^63 in the same 64 bits.
inline bool same_integer(const Value& value, plist_t tree) {
  std::uint64_t bits = 0;
  plist_get_uint_val(tree, &bits);
  const auto is_signed = value.if_int();
  return bits == (is_signed ? static_cast<std::uint64_t>(*is_signed) : *value.if_uint());
}

/// `value` must hold what libplist's interface can say: see Allowed in any_value.h.
inline bool same(const Value& value, plist_t tree) {
  switch (plist_get_node_type(tree)) {
    case PLIST_BOOLEAN: {
      std::uint8_t flag = 0;
      plist_get_bool_val(tree, &flag);
      return value.is(Type::boolean) && *value.if_bool() == (flag != 0);
    }
    case PLIST_UINT:
      return value.is(Type::integer) && same_integer(value, tree);
    case PLIST_REAL: {
      double real = 0;
      plist_get_real_val(tree, &real);
      return value.is(Type::real) && *value.if_real() == real;
    }
    case PLIST_STRING:
      return value.is(Type::string) && same_text(*value.if_string(), tree);
    case PLIST_DATA:
      return value.is(Type::data) && same_data(*value.if_data(), tree);
    case PLIST_DATE:
      return value.is(Type::date) && same_date(*value.if_date(), tree);
    case PLIST_UID: {
      std::uint64_t uid = 0;
      plist_get_uid_val(tree, &uid);
      return value.is(Type::uid) && value.if_uid()->value == uid;
    }
    case PLIST_ARRAY:
      return value.is(Type::array) && same_array(*value.if_array(), tree);
    case PLIST_DICT:
      return value.is(Type::dict) && same_dict(*value.if_dict(), tree);
    default:
      return false;
  }
}

}  // namespace understudy::plist::testing
