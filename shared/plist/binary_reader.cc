#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include "shared/plist/binary_trailer.h"
#include "shared/plist/plist.h"
#include "shared/plist/unicode.h"

namespace understudy::plist {
namespace {

/// Reads what is reachable from the top object. Objects may be shared, so the same bytes can unfold
/// to far more than the input holds: every use is counted against max_nodes, every string and data
/// against max_bytes, before memory is taken for it.
class BinaryReader {
 public:
  BinaryReader(BytesView input, const ReadOptions& options)
      : in_(input),
        limits_(options.limits),
        max_depth_(std::min(options.limits.max_depth, kMaxNesting)),
        strict_(options.mode == Mode::strict) {}

  Result<Value> read();

 private:
  /// One object: its marker's low half, or the count that follows, and where its content starts.
  struct Head {
    std::uint8_t kind = 0;  ///< high half of the marker
    std::uint8_t low = 0;
    std::uint64_t count = 0;
    std::size_t content = 0;
  };

  tl::unexpected<Error> refuse(std::size_t at, const std::string& why, errc code = errc::syntax) {
    return fail(code, "binary property list, offset " + std::to_string(at) + ": " + why);
  }
  std::uint64_t number(std::size_t at, std::size_t size) const { return big_endian(in_, at, size); }

  Result<std::size_t> offset_of(std::uint64_t object);
  Result<Head> head(std::size_t at);
  /// Objects end before the offset table.
  bool fits(std::size_t content, std::uint64_t size) const {
    return content <= trailer_.table && size <= trailer_.table - content;
  }
  tl::unexpected<Error> reaches_beyond(std::size_t at) {
    return refuse(at, "the object reaches beyond the object table");
  }
  /// Content that is there, counted as what it unfolds to.
  Result<BytesView> content(std::size_t at, const Head& head, std::uint64_t size);
  Result<Value> object(std::uint64_t id, std::size_t depth);
  Result<Value> single(std::size_t at, const Head& head);
  Result<Value> integer(std::size_t at, const Head& head);
  Result<Value> real(std::size_t at, const Head& head);
  Result<Value> date(std::size_t at, const Head& head);
  Result<Value> uid(std::size_t at, const Head& head);
  Result<std::string> text(std::size_t at, const Head& head);
  Result<std::string> key(std::size_t dict, std::uint64_t id);
  Result<Value> container(std::size_t at, const Head& head, std::size_t depth);
  Result<Value> array(const Head& head, std::size_t depth);
  Result<Value> dict(std::size_t at, const Head& head, std::size_t depth);

  BytesView in_;
  const Limits& limits_;
  std::size_t max_depth_;
  bool strict_;
  BinaryTrailer trailer_;
  std::size_t nodes_ = 0;
  std::uint64_t unfolded_ = 0;
  std::vector<std::uint64_t> path_;  ///< the containers being read, to find a cycle
};

Result<Value> BinaryReader::read() {
  UNDERSTUDY_TRY(trailer_, read_trailer(in_));
  nodes_ = 1;
  return object(trailer_.top, 0);
}

Result<std::size_t> BinaryReader::offset_of(std::uint64_t object) {
  if (object >= trailer_.objects) {
    return refuse(trailer_.table, "a reference to object " + std::to_string(object) + " of " +
                                      std::to_string(trailer_.objects));
  }
  const std::size_t entry = trailer_.table + object * trailer_.offset_size;
  const std::uint64_t at = number(entry, trailer_.offset_size);
  if (at < kBinaryHeaderSize || at >= trailer_.table) {
    return refuse(entry, "object " + std::to_string(object) + " lies outside the object table");
  }
  return static_cast<std::size_t>(at);
}

Result<BinaryReader::Head> BinaryReader::head(std::size_t at) {
  Head head;
  head.kind = in_[at] >> 4;
  head.low = in_[at] & 0xf;
  head.count = head.low;
  head.content = at + 1;
  const bool counted = (head.kind >= 0x4 && head.kind <= 0x6) || head.kind >= 0xa;
  if (!counted || head.low != 0xf) return head;
  if (!fits(head.content, 1)) return reaches_beyond(at);
  const std::uint8_t marker = in_[head.content];
  const std::size_t size = std::size_t{1} << (marker & 0xf);
  if (marker >> 4 != 0x1 || size > 8) return refuse(at, "a count that is no integer");
  if (!fits(head.content + 1, size)) return reaches_beyond(at);
  head.count = number(head.content + 1, size);
  head.content += 1 + size;
  return head;
}

Result<BytesView> BinaryReader::content(std::size_t at, const Head& head, std::uint64_t size) {
  if (!fits(head.content, size)) return reaches_beyond(at);
  unfolded_ += size;
  if (unfolded_ > limits_.max_bytes) {
    return refuse(
        at, "shared objects unfold to more than " + std::to_string(limits_.max_bytes) + " bytes",
        errc::too_large);
  }
  return in_.subspan(head.content, size);
}

Result<Value> BinaryReader::object(std::uint64_t id, std::size_t depth) {
  UNDERSTUDY_TRY(const std::size_t at, offset_of(id));
  UNDERSTUDY_TRY(const Head head, this->head(at));
  if (head.kind != 0xa && head.kind != 0xd) return single(at, head);
  if (depth + 1 > max_depth_) {
    return refuse(at, "nested deeper than " + std::to_string(max_depth_) + " levels",
                  errc::too_deep);
  }
  if (std::find(path_.begin(), path_.end(), at) != path_.end()) {
    return refuse(at, "a container that contains itself");
  }
  path_.push_back(at);
  auto result = container(at, head, depth + 1);
  path_.pop_back();
  return result;
}

Result<Value> BinaryReader::single(std::size_t at, const Head& head) {
  switch (head.kind) {
    case 0x0:
      if (head.low == 8 || head.low == 9) return Value(head.low == 9);
      break;
    case 0x1:
      return integer(at, head);
    case 0x2:
      return real(at, head);
    case 0x3:
      return date(at, head);
    case 0x4: {
      UNDERSTUDY_TRY(const BytesView data, content(at, head, head.count));
      return Value(to_bytes(data));
    }
    case 0x5:
    case 0x6: {
      UNDERSTUDY_TRY(std::string content, text(at, head));
      return Value(std::move(content));
    }
    case 0x8:
      return uid(at, head);
    default:
      break;
  }
  return refuse(at, "the marker " + hex_encode(in_.subspan(at, 1)) +
                        " stands for nothing that a property list holds");
}

/// Up to four bytes unsigned, eight bytes signed; sixteen bytes for what is above 2^63-1.
Result<Value> BinaryReader::integer(std::size_t at, const Head& head) {
  if (head.low > 4) return refuse(at, "an integer of more than 128 bits");
  const std::size_t size = std::size_t{1} << head.low;
  if (!fits(head.content, size)) return reaches_beyond(at);
  if (size < 8) return Value(number(head.content, size));
  if (size == 8) return Value(static_cast<std::int64_t>(number(head.content, 8)));
  const std::uint64_t high = number(head.content, 8);
  const std::uint64_t low = number(head.content + 8, 8);
  if (high == 0) return Value(low);
  const bool fits = high == ~std::uint64_t{0} && low >> 63 != 0;
  if (!fits) return refuse(at, "an integer outside -2^63 to 2^64-1");
  return Value(static_cast<std::int64_t>(low));
}

Result<Value> BinaryReader::real(std::size_t at, const Head& head) {
  if (head.low != 2 && head.low != 3) return refuse(at, "a real of neither 4 nor 8 bytes");
  const std::size_t size = std::size_t{1} << head.low;
  if (!fits(head.content, size)) return reaches_beyond(at);
  const std::uint64_t bits = number(head.content, size);
  if (size == 8) return Value(std::bit_cast<double>(bits));
  return Value(static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits))));
}

Result<Value> BinaryReader::date(std::size_t at, const Head& head) {
  if (head.low != 3) return refuse(at, "a date of other than 8 bytes");
  if (!fits(head.content, 8)) return reaches_beyond(at);
  const auto seconds = std::bit_cast<double>(number(head.content, 8));
  if (!std::isfinite(seconds)) return refuse(at, "a date that is no number");
  return Value(Date{seconds});
}

Result<Value> BinaryReader::uid(std::size_t at, const Head& head) {
  const std::size_t size = std::size_t{head.low} + 1;
  if (!fits(head.content, size)) return reaches_beyond(at);
  for (std::size_t i = 0; i + 4 < size; ++i) {
    if (in_[head.content + i] != 0) return refuse(at, "a uid above 2^32-1");
  }
  return Value(Uid{number(head.content, size)});
}

Result<std::string> BinaryReader::text(std::size_t at, const Head& head) {
  const std::uint64_t unit = head.kind == 0x6 ? 2 : 1;
  if (head.count > in_.size()) return refuse(at, "the string reaches beyond the file");
  UNDERSTUDY_TRY(const BytesView units, content(at, head, head.count * unit));
  if (unit == 1) {
    if (!is_ascii(as_text(units))) return refuse(at, "an ASCII string with other bytes");
    return to_text(units);
  }
  auto converted = utf8_from_utf16(units, true);
  if (!converted) return refuse(at, "a UTF-16 string with half a surrogate pair");
  return std::move(*converted);
}

Result<Value> BinaryReader::container(std::size_t at, const Head& head, std::size_t depth) {
  const std::uint64_t refs_each = head.kind == 0xd ? 2 : 1;
  if (head.count > in_.size()) return refuse(at, "the container reaches beyond the file");
  if (!fits(head.content, head.count * refs_each * trailer_.ref_size)) return reaches_beyond(at);
  nodes_ += head.count * refs_each;
  if (nodes_ > limits_.max_nodes) {
    return refuse(at, "more than " + std::to_string(limits_.max_nodes) + " values and keys",
                  errc::too_many);
  }
  return head.kind == 0xd ? dict(at, head, depth) : array(head, depth);
}

Result<Value> BinaryReader::array(const Head& head, std::size_t depth) {
  Array items;
  items.reserve(head.count);
  for (std::uint64_t i = 0; i < head.count; ++i) {
    const std::size_t ref = head.content + i * trailer_.ref_size;
    UNDERSTUDY_TRY(Value item, object(number(ref, trailer_.ref_size), depth));
    items.push_back(std::move(item));
  }
  return Value(std::move(items));
}

Result<std::string> BinaryReader::key(std::size_t dict, std::uint64_t id) {
  UNDERSTUDY_TRY(const std::size_t at, offset_of(id));
  UNDERSTUDY_TRY(const Head head, this->head(at));
  if (head.kind != 0x5 && head.kind != 0x6) return refuse(dict, "a key that is no string");
  return text(at, head);
}

Result<Value> BinaryReader::dict(std::size_t at, const Head& head, std::size_t depth) {
  Dict members;
  const std::size_t values = head.content + head.count * trailer_.ref_size;
  for (std::uint64_t i = 0; i < head.count; ++i) {
    const std::size_t step = i * trailer_.ref_size;
    UNDERSTUDY_TRY(std::string name, key(at, number(head.content + step, trailer_.ref_size)));
    UNDERSTUDY_TRY(Value item, object(number(values + step, trailer_.ref_size), depth));
    const std::size_t before = members.size();
    members.insert_or_assign(members.end(), std::move(name), std::move(item));
    if (strict_ && members.size() == before) return refuse(at, "a duplicate key");
  }
  return Value(std::move(members));
}

}  // namespace

Result<Value> read_binary(BytesView input, const ReadOptions& options) {
  if (input.empty()) return fail(errc::empty, "binary property list", "there are no bytes");
  if (input.size() > options.limits.max_bytes) {
    return fail(errc::too_large,
                "binary property list of " + std::to_string(input.size()) + " bytes",
                "at most " + std::to_string(options.limits.max_bytes) + " bytes are read");
  }
  const bool strict = options.mode == Mode::strict;
  if (!as_text(input).starts_with(strict ? "bplist00" : "bplist0")) {
    return fail(errc::not_a_plist, "binary property list: does not start with bplist00");
  }
  return BinaryReader(input, options).read();
}

}  // namespace understudy::plist
