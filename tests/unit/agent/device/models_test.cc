// models.json as compiled in, and what is refused of one that is wrong.

#include "agent/device/models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>

#include "agent/device/device.h"

namespace understudy::agent {
namespace {

using ::testing::HasSubstr;

TEST(Models, HaveEveryPersonalityWithSeveralModels) {
  std::set<std::string> names;
  for (const Personality& personality : Models::builtin().personalities) {
    names.insert(personality.name);
    // Apple has made one Vision Pro by the releases that are known here.
    const std::size_t sold = personality.name == "visionpro" ? 1 : 3;
    EXPECT_GE(personality.models.size(), sold) << personality.name;
    EXPECT_EQ(personality.shared_ipad, personality.name == "shared-ipad");
    for (const auto& product : personality.models) EXPECT_TRUE(find_model(product)) << product;
  }
  EXPECT_EQ(names, (std::set<std::string>{"iphone", "ipad", "shared-ipad", "mac", "mac-intel",
                                          "appletv", "visionpro", "watch"}));
}

TEST(Models, AreEachOfAPersonalityOfTheirPlatform) {
  using enum mdm::Platform;
  const std::map<std::string, mdm::Platform> platforms = {
      {"iphone", ios},      {"ipad", ios},     {"shared-ipad", ios},    {"mac", macos},
      {"mac-intel", macos}, {"appletv", tvos}, {"visionpro", visionos}, {"watch", watchos}};
  std::set<std::string> reached;
  for (const Personality& personality : Models::builtin().personalities) {
    for (const auto& product : personality.models) {
      EXPECT_EQ(find_model(product)->platform, platforms.at(personality.name)) << product;
      reached.insert(product);
    }
  }
  EXPECT_EQ(reached.size(), Models::builtin().models.size());
}

TEST(Models, HaveNumbersOfApplesForm) {
  for (const Model& model : Models::builtin().models) {
    SCOPED_TRACE(model.product_name);
    EXPECT_TRUE(std::regex_match(model.model_number, std::regex("M[0-9A-Z]{4}LL/A")));
    EXPECT_TRUE(std::regex_match(model.chip, std::regex("(8[0-9]{3})?")));
    EXPECT_TRUE(std::regex_match(model.product_name, std::regex("[A-Za-z]+[0-9]+,[0-9]+")));
    EXPECT_GE(model.capacity_gb, 32);
    const bool phone = model.model_name == "iPhone";
    EXPECT_TRUE(!phone || model.modem);
    EXPECT_EQ(model.platform == mdm::Platform::macos, model.update_id != model.product_name);
  }
}

TEST(Models, RunWhatIsBetweenTheirFirstAndTheirLastRelease) {
  const auto ends = [](const char* product) {
    const auto fitting = releases_of(*find_model(product));
    return fitting.front()->version + " to " + fitting.back()->version;
  };
  EXPECT_EQ(ends("iPhone15,2"), "17.0 to 18.1");
  EXPECT_EQ(ends("iPhone17,3"), "18.0 to 18.1");
  EXPECT_EQ(ends("iPad7,5"), "17.0 to 17.7");
  EXPECT_EQ(ends("Mac15,3"), "14.1 to 15.1");
  EXPECT_EQ(ends("MacBookAir8,1"), "13.6 to 14.7");
  EXPECT_EQ(ends("Watch5,1"), "10.0 to 10.6.1");
}

/// A build names its train by the number before its letter: what Apple's trains are, written apart
/// from models.json.
TEST(Releases, HaveBuildsOfTheirTrain) {
  using enum mdm::Platform;
  const std::map<std::pair<mdm::Platform, int>, std::string> trains = {
      {{ios, 17}, "21"},     {{ios, 18}, "22"},     {{macos, 13}, "22"},   {{macos, 14}, "23"},
      {{macos, 15}, "24"},   {{tvos, 17}, "21"},    {{tvos, 18}, "22"},    {{visionos, 1}, "21"},
      {{visionos, 2}, "22"}, {{watchos, 10}, "21"}, {{watchos, 11}, "22"},
  };
  std::set<std::pair<mdm::Platform, std::string>> builds;
  for (const Release& release : releases()) {
    SCOPED_TRACE(release.version);
    EXPECT_TRUE(builds.insert({release.platform, release.build}).second) << release.build;
    const std::string& train = trains.at({release.platform, release.number.parts.front()});
    EXPECT_TRUE(std::regex_match(release.build, std::regex(train + "[A-Z][0-9]+")))
        << release.build;
  }
}

TEST(Models, NamesTellPersonalityProductAndReleases) {
  EXPECT_THAT(model_names(),
              ::testing::Contains(::testing::AllOf(HasSubstr("iphone"), HasSubstr("iPhone15,2"),
                                                   HasSubstr("iOS 17.0 to 18.1"))));
}

std::string why_not(const std::string& text) {
  const auto models = Models::parse(text);
  return models ? "" : models.error().message();
}

TEST(Models, AreRefusedWithThePlaceWhenTheFileIsWrong) {
  const auto with = [](const std::string& model, const std::string& personalities = "") {
    return R"({"format": 1, "personalities": [)" + personalities + R"(], "models": [)" + model +
           R"(], "releases": {"iOS": [["17.0", "21A329"], ["18.0", "22A3354"]]}})";
  };
  const std::string phone =
      R"({"product": "iPhone1,1", "name": "iPhone", "number": "M", "platform": "iOS",)"
      R"( "first_os": "17.0", "capacity_gb": 1})";
  EXPECT_EQ(why_not(with(phone)), "");
  const auto changed = [&phone](const std::string& from, const std::string& to) {
    std::string text = phone;
    return text.replace(text.find(from), from.size(), to);
  };
  EXPECT_THAT(why_not("nonsense"), HasSubstr("models.json"));
  EXPECT_THAT(why_not(with(phone + "," + phone)), HasSubstr("iPhone1,1: is there twice"));
  EXPECT_THAT(why_not(with(changed("17.0", "19.0"))), HasSubstr("has no release"));
  EXPECT_THAT(why_not(with(changed("first_os", "frist_os"))), HasSubstr("frist_os"));
  EXPECT_THAT(why_not(with(changed("iOS", "OS/2"))), HasSubstr("OS/2"));
  EXPECT_THAT(why_not(with(phone, R"({"name": "x", "models": ["iPhone9,9"]})")),
              HasSubstr("x: iPhone9,9 is no model"));
  EXPECT_THAT(why_not(with(phone, R"({"name": "x", "models": []})")), HasSubstr("has no model"));
}

}  // namespace
}  // namespace understudy::agent
