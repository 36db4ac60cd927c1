#include "agent/device/model_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "agent/device/device.h"

namespace understudy::agent {
namespace {

using ::testing::HasSubstr;
using Counts = std::map<std::string, int>;

ModelMix mix_of(const std::string& text) {
  auto mix = ModelMix::parse(text);
  if (!mix) throw std::runtime_error(mix.error().message());
  return std::move(*mix);
}

std::string product(const ModelMix& mix, std::uint64_t seed, std::uint64_t number) {
  return mix.of(Rng(seed), number).model->product_name;
}

TEST(ModelMix, OfOneNameIsThatDeviceAlways) {
  for (std::uint64_t number = 0; number < 20; ++number) {
    EXPECT_EQ(product(mix_of("iphone"), 1, number), "iPhone15,2");
    EXPECT_EQ(product(mix_of("iPhone14,5"), 1, number), "iPhone14,5");
    EXPECT_EQ(product(mix_of("ipad/iPad13,17"), 1, number), "iPad13,17");
  }
}

TEST(ModelMix, GivesAnyTenInARowExactlyTheirShares) {
  const ModelMix mix = mix_of("mix:iphone=7,mac=3");
  for (std::uint64_t first = 1; first < 40; ++first) {
    Counts counts;
    for (std::uint64_t i = 0; i < 10; ++i) ++counts[product(mix, 5, first + i)];
    EXPECT_EQ(counts, (Counts{{"iPhone15,2", 7}, {"Mac14,2", 3}})) << first;
  }
}

TEST(ModelMix, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const ModelMix mix = mix_of("mix:iphone=7,mac=3");
  const auto order = [&mix](std::uint64_t seed) {
    std::string out;
    for (std::uint64_t number = 1; number <= 10; ++number) out += product(mix, seed, number)[0];
    return out;
  };
  EXPECT_EQ(order(5), order(5));
  std::set<std::string> orders;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) orders.insert(order(seed));
  EXPECT_GT(orders.size(), 5U);
}

TEST(ModelMix, TakesProductNamesAndWeightsOfAnySize) {
  const ModelMix mix = mix_of("mix:iPhone15,2=7000000,shared-ipad/iPad13,18=3000000");
  ASSERT_EQ(mix.parts().size(), 2U);
  EXPECT_EQ(mix.parts()[0].weight, 7U);
  EXPECT_EQ(mix.parts()[1].weight, 3U);
  EXPECT_EQ(mix.parts()[1].choice.model->product_name, "iPad13,18");
  EXPECT_TRUE(mix.parts()[1].choice.shared_ipad);
}

TEST(ModelMix, IsOfOneDeviceWhereAllWeightsAreOne) {
  const ModelMix mix = mix_of("mix:iphone=4");
  EXPECT_EQ(product(mix, 1, 3), "iPhone15,2");
}

TEST(ModelMix, RefusesABadOneWithOneSentence) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"", "known are: iphone = iPhone15,2 or iPhone14,5"},
      {"newton", "mac-intel = MacBookPro16,1"},
      {"iphone/iPad13,18", "known are"},
      {"iphone=7,mac=3", "known are"},
      {"mix:", "mix:iphone=7,mac=3"},
      {"mix:iphone", "\"\" is no weight"},
      {"mix:iphone=", "\"\" is no weight"},
      {"mix:iphone=0", "\"0\" is no weight"},
      {"mix:iphone=-1", "\"-1\" is no weight"},
      {"mix:iphone=1.5", "\"1.5\" is no weight"},
      {"mix:iphone=7,", "after the last comma"},
      {"mix:iphone=7,newton=3", "device model \"newton\""},
      {"mix:iphone=7,iPhone15,2=3", "twice"},
      {"mix:iphone=99999,mac=1", "10000 at most"},
      {"mix:iphone=99999999999999999999,mac=1", "is no weight"},
  };
  for (const auto& [text, words] : bad) {
    const auto mix = ModelMix::parse(text);
    ASSERT_FALSE(mix) << text;
    EXPECT_THAT(mix.error().message(), HasSubstr(words)) << text;
    EXPECT_EQ(mix.error().message().find('\n'), std::string::npos);
  }
}

TEST(CheckOptions, LooksAtEveryModelOfAMix) {
  FactoryOptions options;
  options.model = "mix:iphone=7,mac=3";
  EXPECT_TRUE(check_options(options));
  options.os_version = "18.1";
  const auto checked = check_options(options);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message(), HasSubstr("macOS 18.1 for Mac14,2"));
}

TEST(MakeDevice, MakesTheSameMixFromTheSameSeed) {
  FactoryOptions options;
  options.model = "mix:iphone=7,mac=3";
  for (std::uint64_t number = 1; number <= 20; ++number) {
    const auto first = make_device(Rng(3), number, options);
    const auto second = make_device(Rng(3), number, options);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(serialize(*first), serialize(*second));
  }
}

}  // namespace
}  // namespace understudy::agent
