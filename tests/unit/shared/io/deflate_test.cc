#include "shared/io/deflate.h"

#include <gtest/gtest.h>

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

TEST(Deflate, RefusesDamageAndAnotherSize) {
  const Bytes packed = deflate(Bytes(1000, 'x'));
  EXPECT_FALSE(inflate(packed, 999));
  EXPECT_FALSE(inflate(packed, 1001));
  EXPECT_FALSE(inflate(BytesView(packed).first(packed.size() - 1), 1000));
  EXPECT_FALSE(inflate(to_bytes("no zlib stream"), 1000));
}

}  // namespace
}  // namespace understudy::io
