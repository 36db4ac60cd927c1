/// Every command of the catalog against every property of a device, one at a time.

#include <gmock/gmock.h>

#include "tests/unit/shared/mdm/sample_messages.h"

namespace understudy::mdm {
namespace {

using samples::kAllPlatforms;
using samples::willing;
using Kind = Problem::Kind;
using Mode = Availability::Mode;

const Catalog& catalog() {
  return Catalog::builtin();
}

bool has(const std::vector<Problem>& problems, Kind kind) {
  return std::ranges::any_of(problems, [&](const Problem& p) { return p.kind == kind; });
}

/// A target in nobody's way: on the channel and the kind of iPad the command is for.
Target for_command(const Availability& entry, Platform platform) {
  Target target = willing(platform);
  target.shared_ipad = entry.shared_ipad == Mode::required;
  const bool device = target.shared_ipad ? entry.shared_ipad_device_channel : entry.device_channel;
  target.channel = device ? Channel::device : Channel::user;
  return target;
}

/// Calls `check(spec, entry, target)` for each command on each platform that has it.
template <class Check>
void for_each_command(Check check) {
  for (const MessageSpec& spec : catalog().commands()) {
    if (spec.is_newer()) continue;  // than any willing device
    for (const Platform platform : kAllPlatforms) {
      const auto& entry = spec.platforms.at(static_cast<std::size_t>(platform));
      if (!entry) continue;
      SCOPED_TRACE(spec.name + " on " + std::string(platform_name(platform)));
      check(spec, *entry, for_command(*entry, platform));
    }
  }
}

TEST(CheckAllowed, LetsAWillingDeviceDoEverythingItsPlatformHas) {
  int count = 0;
  for_each_command([&](const MessageSpec& spec, const Availability&, const Target& target) {
    EXPECT_THAT(samples::text_of(check_allowed(catalog(), spec.name, target)),
                ::testing::IsEmpty());
    ++count;
  });
  EXPECT_EQ(count, 49 + 50 + 26 + 26 + 21);
}

TEST(CheckAllowed, RefusesOnAPlatformThatLacksTheCommand) {
  int count = 0;
  for (const MessageSpec& spec : catalog().commands()) {
    if (spec.is_newer()) continue;  // than any willing device
    for (const Platform platform : kAllPlatforms) {
      if (spec.platforms.at(static_cast<std::size_t>(platform))) continue;
      const auto problems = check_allowed(catalog(), spec.name, willing(platform));
      ASSERT_EQ(problems.size(), 1U) << spec.name;
      EXPECT_EQ(problems[0].kind, Kind::not_on_platform);
      ++count;
    }
  }
  EXPECT_EQ(count, 66 * 5 - 172);
}

TEST(CheckAllowed, RefusesBeforeTheVersionThatBroughtIt) {
  for_each_command([](const MessageSpec& spec, const Availability& entry, Target target) {
    target.os = *entry.introduced;
    EXPECT_FALSE(has(check_allowed(catalog(), spec.name, target), Kind::not_on_platform));
    target.os = {{0}};
    EXPECT_TRUE(has(check_allowed(catalog(), spec.name, target), Kind::not_on_platform));
  });
}

TEST(CheckAllowed, AsksForSupervisionExactlyWhereTheCatalogDoes) {
  for_each_command([](const MessageSpec& spec, const Availability& entry, Target target) {
    target.supervised = false;
    EXPECT_EQ(has(check_allowed(catalog(), spec.name, target), Kind::needs_supervision),
              entry.supervised);
  });
}

TEST(CheckAllowed, AsksForAutomatedEnrollmentExactlyWhereTheCatalogDoes) {
  for_each_command([](const MessageSpec& spec, const Availability& entry, Target target) {
    target.automated = false;
    EXPECT_EQ(has(check_allowed(catalog(), spec.name, target), Kind::needs_automated_enrollment),
              entry.automated);
  });
}

TEST(CheckAllowed, RefusesUserEnrollmentExactlyWhereTheCatalogDoes) {
  for_each_command([](const MessageSpec& spec, const Availability& entry, Target target) {
    target.enrollment = EnrollmentKind::user;
    EXPECT_EQ(has(check_allowed(catalog(), spec.name, target), Kind::wrong_enrollment),
              entry.user_enrollment == Mode::forbidden);
  });
}

TEST(CheckAllowed, AsksForTheRightsTheCatalogNames) {
  for_each_command([](const MessageSpec& spec, const Availability& entry, Target target) {
    for (std::uint32_t bit = 1; bit <= rights::kManageApps; bit <<= 1U) {
      target.access_rights = rights::kAll & ~bit;
      EXPECT_EQ(has(check_allowed(catalog(), spec.name, target), Kind::needs_right),
                (entry.access_rights & bit) != 0)
          << bit;
    }
    // A User Enrollment has no rights to withhold.
    target.enrollment = EnrollmentKind::user;
    target.access_rights = 0;
    EXPECT_FALSE(has(check_allowed(catalog(), spec.name, target), Kind::needs_right));
  });
}

TEST(CheckAllowed, KeepsTheChannelsApart) {
  for_each_command([](const MessageSpec& spec, const Availability& entry, Target target) {
    target.channel = Channel::user;
    const bool refused = has(check_allowed(catalog(), spec.name, target), Kind::wrong_channel);
    if (target.shared_ipad) {
      EXPECT_EQ(refused, !entry.shared_ipad_user_channel);
    } else if (target.platform == Platform::macos) {
      EXPECT_EQ(refused, !entry.user_channel);
    } else {
      EXPECT_TRUE(refused);
    }
    target.channel = Channel::device;
    EXPECT_EQ(has(check_allowed(catalog(), spec.name, target), Kind::wrong_channel),
              target.shared_ipad ? !entry.shared_ipad_device_channel : !entry.device_channel);
  });
}

TEST(CheckAllowed, KnowsSharedIpad) {
  for_each_command([](const MessageSpec& spec, const Availability& entry, Target target) {
    if (target.platform != Platform::ios) return;
    target.shared_ipad = true;
    EXPECT_EQ(has(check_allowed(catalog(), spec.name, target), Kind::not_on_platform),
              entry.shared_ipad == Mode::forbidden);
    target.shared_ipad = false;
    EXPECT_EQ(has(check_allowed(catalog(), spec.name, target), Kind::not_on_platform),
              entry.shared_ipad == Mode::required);
  });
}

TEST(CheckAllowed, SaysWhatIsWrongInWords) {
  Target target = willing(Platform::ios);
  target.supervised = false;
  const auto lost = check_allowed(catalog(), "EnableLostMode", target);
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost[0].what, "EnableLostMode needs a supervised device");
  target.access_rights = rights::kAll & ~rights::kErase;
  EXPECT_EQ(check_allowed(catalog(), "EraseDevice", target).at(0).what,
            "EraseDevice needs access right 8, which the enrollment profile withholds");
  target.os = {{3, 0}};
  EXPECT_EQ(check_allowed(catalog(), "DeviceLock", target).at(0).what,
            "DeviceLock does not exist on iOS 3.0, it came with 4.0");
  EXPECT_EQ(check_allowed(catalog(), "SelfDestruct", target).at(0).kind, Kind::unknown_request);
}

TEST(ProblemName, IsThereForEachKind) {
  EXPECT_EQ(problem_name(Kind::unknown_request), "unknown-request");
  EXPECT_EQ(problem_name(Kind::needs_automated_enrollment), "needs-automated-enrollment");
  EXPECT_EQ(problem_name(Kind::key_not_here), "key-not-here");
}

}  // namespace
}  // namespace understudy::mdm
