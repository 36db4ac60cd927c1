#include "tests/unit/shared/plist/libplist.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/shared/plist/any_value.h"
#include "tests/unit/shared/plist/support.h"

/// libplist, which we did not write, must read what we write and write what we read.

namespace understudy::plist {
namespace {

using testing::any_value;
using testing::libplist_read;
using testing::libplist_write;
using testing::message;
using testing::same;
using testing::Tree;

constexpr testing::Allowed kCommon{.nearby_dates = true};

/// libplist 2.2 reads a {CF$UID} dict of XML as a dict.
bool holds_uid(const Value& value) {
  if (value.is(Type::uid)) return true;
  if (const Array* array = value.if_array()) {
    return std::any_of(array->begin(), array->end(), holds_uid);
  }
  const Dict* dict = value.if_dict();
  return dict != nullptr && std::any_of(dict->begin(), dict->end(), [](const auto& member) {
           return holds_uid(member.second);
         });
}

RC_GTEST_PROP(Libplist, ReadsOurBinaryAndWeReadItsBinary, ()) {
  const Value value = *any_value(kCommon);
  const Tree tree = libplist_read(write_binary(value).value());
  RC_ASSERT(static_cast<bool>(tree));
  RC_ASSERT(same(value, tree.get()));
  const auto back = read(as_bytes(libplist_write(tree, true)));
  if (!back) RC_FAIL(message(back));
  RC_ASSERT(*back == value);
}

RC_GTEST_PROP(Libplist, ReadsOurXmlAndWeReadItsXml, ()) {
  const Value value = *any_value(kCommon);
  RC_PRE(!holds_uid(value));
  const Tree tree = libplist_read(as_bytes(write_xml(value).value()));
  RC_ASSERT(static_cast<bool>(tree));
  RC_ASSERT(same(value, tree.get()));
  const auto back = read(as_bytes(libplist_write(tree, false)));
  if (!back) RC_FAIL(message(back));
  RC_ASSERT(*back == value);
}

TEST(Libplist, HasNoWayToSayAnIntegerAboveTwoToThe63) {
  // Why we write with our own code (docs/decisions/0004-plist.md): this is what its interface makes
  // of 2^64-5.
  const Tree tree(plist_new_uint(~std::uint64_t{0} - 4));
  EXPECT_NE(libplist_write(tree, false).find("<integer>-5</integer>"), std::string::npos);
}

TEST(Libplist, LosesTheSignOfZeroAndWritesUnreadableXml) {
  EXPECT_NE(libplist_write(Tree(plist_new_real(-0.0)), false).find("<real>0.0</real>"),
            std::string::npos);
  const std::string text = libplist_write(Tree(plist_new_string("a\x01")), false);
  EXPECT_FALSE(read(as_bytes(text)));
  EXPECT_FALSE(write_xml("a\x01"));
}

TEST(Plistutil, ConvertsOurXmlToBinaryThatWeReadBack) {
  if (!support::have_program("plistutil")) GTEST_SKIP() << "plistutil is not installed";
  const support::TempDir dir;
  const Value value(Dict{{"big", ~std::uint64_t{0}},
                         {"negative", std::int64_t{-5}},
                         {"tiny", 5e-324},
                         {"date", Date{800000000}},
                         {"data", Bytes{0, 255, 10}},
                         {"text", "\xf0\x9f\x93\xb1 <&>"},
                         {"list", Array{true, Array{}, Dict{}}}});
  const auto to_binary = support::run({"plistutil", "-f", "bin", "-o", (dir / "a.bin").string()},
                                      write_xml(value).value());
  ASSERT_EQ(to_binary.status, 0) << to_binary.err;
  const auto to_xml = support::run({"plistutil", "-i", (dir / "a.bin").string(), "-f", "xml"});
  ASSERT_EQ(to_xml.status, 0) << to_xml.err;
  EXPECT_EQ(read(as_bytes(to_xml.out)).value(), value);
  const auto ours = to_text(write_binary(value).value());
  EXPECT_EQ(support::run({"plistutil", "-f", "xml"}, ours).out, to_xml.out);
}

}  // namespace
}  // namespace understudy::plist
