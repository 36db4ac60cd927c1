#include <algorithm>
#include <bit>
#include <string>
#include <unordered_map>
#include <vector>

#include "shared/plist/plist.h"
#include "shared/plist/unicode.h"

namespace understudy::plist {
namespace {

std::size_t bytes_for(std::uint64_t value) {
  std::size_t size = 1;
  while (size < 8 && value >> (8 * size) != 0) ++size;
  return size;
}

/// Big-endian octets, appended.
template <class Out>
void put(Out& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = size; i-- > 0;) {
    out.push_back(static_cast<typename Out::value_type>(value >> (8 * i)));
  }
}

/// The form of version 00: one, two and four bytes are unsigned, eight bytes signed; sixteen bytes
/// hold what is above 2^63-1.
template <class Out>
void put_integer(Out& out, const Value& value) {
  const auto is_signed = value.if_int();
  if (!is_signed) {
    put(out, 0x14, 1);
    put(out, 0, 8);
    put(out, value.if_uint().value_or(0), 8);
    return;
  }
  const auto bits = static_cast<std::uint64_t>(*is_signed);
  const std::size_t size = std::bit_ceil(bytes_for(bits));
  put(out, 0x10 | static_cast<std::uint64_t>(std::countr_zero(size)), 1);
  put(out, bits, size);
}

/// A count of fifteen and more follows as an integer object.
template <class Out>
void put_marker(Out& out, std::uint8_t kind, std::uint64_t count) {
  put(out, std::uint64_t{kind} << 4 | std::min<std::uint64_t>(count, 0xf), 1);
  if (count >= 0xf) put_integer(out, Value(count));
}

/// Two passes: `add` numbers the objects and encodes scalars (equal ones become one object, as
/// Apple's writers do it), then `document` writes them, the table of their offsets and the trailer.
class BinaryWriter {
 public:
  Result<void> add_root(const Value& value) {
    UNDERSTUDY_TRY(top_, add(value, 0));
    return {};
  }
  Bytes document() const;

 private:
  struct Object {
    const std::string* scalar = nullptr;  ///< its octets; null for a container
    bool is_dict = false;
    std::vector<std::uint64_t> refs;
  };

  Result<std::uint64_t> add(const Value& value, std::size_t depth);
  Result<std::uint64_t> add_container(const Value& value, std::size_t depth);
  Result<std::uint64_t> add_text(std::string_view text);
  std::uint64_t add_scalar();
  Result<void> encode(const Value& value);

  std::vector<Object> objects_;
  std::unordered_map<std::string, std::uint64_t> scalars_;
  std::string scratch_;
  std::uint64_t top_ = 0;
};

Result<std::uint64_t> BinaryWriter::add(const Value& value, std::size_t depth) {
  if (const std::string* content = value.if_string()) return add_text(*content);
  if (value.is(Type::array) || value.is(Type::dict)) return add_container(value, depth);
  UNDERSTUDY_CHECK(encode(value));
  return add_scalar();
}

Result<std::uint64_t> BinaryWriter::add_container(const Value& value, std::size_t depth) {
  if (depth >= kMaxNesting) return fail(errc::unwritable, "nested too deep");
  const std::uint64_t id = objects_.size();
  objects_.push_back({nullptr, value.is(Type::dict), {}});
  std::vector<std::uint64_t> refs;
  if (const Dict* dict = value.if_dict()) {
    refs.reserve(dict->size() * 2);
    for (const auto& [key, item] : *dict) {
      UNDERSTUDY_TRY(const std::uint64_t ref, add_text(key));
      refs.push_back(ref);
    }
    for (const auto& [key, item] : *dict) {
      auto ref = add(item, depth + 1);
      if (!ref) return fail_in("key '" + key + "'", std::move(ref).error());
      refs.push_back(*ref);
    }
  } else {
    const Array& array = *value.if_array();
    refs.reserve(array.size());
    for (std::size_t i = 0; i < array.size(); ++i) {
      auto ref = add(array[i], depth + 1);
      if (!ref) return fail_in("item " + std::to_string(i), std::move(ref).error());
      refs.push_back(*ref);
    }
  }
  objects_[id].refs = std::move(refs);
  return id;
}

Result<std::uint64_t> BinaryWriter::add_text(std::string_view text) {
  if (const auto bad = find_misfit(text, Charset::unicode)) {
    return fail(errc::unwritable, "text, byte " + std::to_string(bad->at) + ": " + bad->why);
  }
  scratch_.clear();
  if (is_ascii(text)) {
    put_marker(scratch_, 0x5, text.size());
    scratch_ += text;
  } else {
    const Bytes units = utf16be_from_utf8(text);
    put_marker(scratch_, 0x6, units.size() / 2);
    scratch_ += as_text(units);
  }
  return add_scalar();
}

/// Numbers what is in `scratch_`, or finds the equal one that has a number.
std::uint64_t BinaryWriter::add_scalar() {
  const auto [entry, is_new] = scalars_.try_emplace(scratch_, objects_.size());
  if (is_new) objects_.push_back({&entry->first, false, {}});
  return entry->second;
}

Result<void> BinaryWriter::encode(const Value& value) {
  scratch_.clear();
  if (const bool* flag = value.if_bool()) {
    put(scratch_, *flag ? 0x09 : 0x08, 1);
  } else if (const double* real = value.if_real()) {
    put(scratch_, 0x23, 1);
    put(scratch_, std::bit_cast<std::uint64_t>(*real), 8);
  } else if (const Date* date = value.if_date()) {
    put(scratch_, 0x33, 1);
    put(scratch_, std::bit_cast<std::uint64_t>(date->seconds), 8);
  } else if (const Uid* uid = value.if_uid()) {
    if (uid->value > 0xffffffffU) return fail(errc::unwritable, "a uid above 2^32-1");
    const std::size_t size = std::bit_ceil(bytes_for(uid->value));
    put(scratch_, 0x80 | (size - 1), 1);
    put(scratch_, uid->value, size);
  } else if (const Bytes* data = value.if_data()) {
    put_marker(scratch_, 0x4, data->size());
    scratch_ += as_text(*data);
  } else {
    put_integer(scratch_, value);
  }
  return {};
}

Bytes BinaryWriter::document() const {
  Bytes out = to_bytes("bplist00");
  const std::size_t ref_size = bytes_for(objects_.size());
  std::vector<std::uint64_t> offsets;
  offsets.reserve(objects_.size());
  for (const Object& object : objects_) {
    offsets.push_back(out.size());
    if (object.scalar != nullptr) {
      out.insert(out.end(), object.scalar->begin(), object.scalar->end());
      continue;
    }
    const std::size_t count = object.refs.size();
    put_marker(out, object.is_dict ? 0xd : 0xa, object.is_dict ? count / 2 : count);
    for (const std::uint64_t ref : object.refs) put(out, ref, ref_size);
  }
  const std::uint64_t table = out.size();
  const std::size_t offset_size = bytes_for(table);
  for (const std::uint64_t offset : offsets) put(out, offset, offset_size);
  put(out, 0, 6);
  put(out, offset_size, 1);
  put(out, ref_size, 1);
  put(out, objects_.size(), 8);
  put(out, top_, 8);
  put(out, table, 8);
  return out;
}

}  // namespace

Result<Bytes> write_binary(const Value& value) {
  BinaryWriter writer;
  if (auto added = writer.add_root(value); !added) {
    return fail_in("binary property list", std::move(added).error());
  }
  return writer.document();
}

}  // namespace understudy::plist
