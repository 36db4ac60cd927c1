#pragma once

/// What the tests of shared/plist share: documents around a body, hand-made binary property lists.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "shared/plist/plist.h"

namespace understudy::plist::testing {

inline ReadOptions tolerant() {
  ReadOptions options;
  options.mode = Mode::tolerant;
  return options;
}

/// `body` starts on line 3 of the document.
inline std::string document(const std::string& body) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n" + body +
         "\n</plist>\n";
}

inline Result<Value> read_body(const std::string& body, const ReadOptions& options = {}) {
  return read_xml(as_bytes(document(body)), options);
}

inline std::string message(const Result<Value>& result) {
  return result ? "accepted" : result.error().message();
}

/// A binary property list put together by hand, right or wrong: the objects' octets, one after the
/// other, then table and trailer with whatever is set here.
struct Binary {
  std::vector<std::string> objects;
  std::string head = "bplist00";
  std::string before_table;  ///< stray octets
  std::string after_table;
  std::uint8_t offset_size = 1;
  std::uint8_t ref_size = 1;
  std::uint64_t top = 0;
  std::uint64_t extra_count = 0;  ///< added to the true count of objects in the trailer

  Bytes bytes() const {
    std::string out = head;
    std::vector<std::size_t> offsets;
    for (const std::string& object : objects) {
      offsets.push_back(out.size());
      out += object;
    }
    out += before_table;
    const std::size_t table = out.size();
    for (const std::size_t offset : offsets) put(out, offset, offset_size);
    out += after_table;
    out.append(6, '\0');
    put(out, offset_size, 1);
    put(out, ref_size, 1);
    put(out, objects.size() + extra_count, 8);
    put(out, top, 8);
    put(out, table, 8);
    return to_bytes(out);
  }

  static void put(std::string& out, std::uint64_t value, std::size_t size) {
    for (std::size_t i = size; i-- > 0;) {
      out.push_back(i < 8 ? static_cast<char>(value >> (8 * i)) : '\0');
    }
  }
};

/// Octets written as a literal that may hold NUL: octets("\xA1\x00") has two.
template <std::size_t N>
std::string octets(const char (&literal)[N]) {
  return std::string(literal, N - 1);
}

}  // namespace understudy::plist::testing
