#include "shared/io/deflate.h"

#include <gtest/gtest.h>

#include "shared/core/rng.h"

namespace understudy::io {
namespace {

TEST(Deflate, GivesBackWhatItMadeSmaller) {
  for (const Bytes& content : {Bytes(), Bytes{7}, Bytes(100'000, 'x')}) {
    const auto back = inflate(deflate(content), content.size());
    ASSERT_TRUE(back) << content.size();
    EXPECT_EQ(*back, content);
  }
  EXPECT_LT(deflate(Bytes(100'000, 'x')).size(), 1000U);
}

/// What repeats from one end to the other is found again: the window is as large as the content.
TEST(Deflate, SeesAsFarAsTheContentReaches) {
  for (const std::size_t size : {300U, 500U, 600U, 5'000U, 30'000U}) {
    const Bytes half = Rng(size).bytes(size / 2);
    Bytes twice = half;
    twice.insert(twice.end(), half.begin(), half.end());
    const Bytes packed = deflate(twice);
    EXPECT_LT(packed.size(), half.size() + half.size() / 8 + 32) << size;
    const auto back = inflate(packed, twice.size());
    ASSERT_TRUE(back) << size;
    EXPECT_EQ(*back, twice);
  }
}

TEST(Deflate, RefusesDamageAndAnotherSize) {
  const Bytes packed = deflate(Bytes(1000, 'x'));
  EXPECT_FALSE(inflate(packed, 999));
  EXPECT_FALSE(inflate(packed, 1001));
  EXPECT_FALSE(inflate(BytesView(packed).first(packed.size() - 1), 1000));
  EXPECT_FALSE(inflate(to_bytes("no zlib stream"), 1000));
}

}  // namespace
}  // namespace understudy::io
