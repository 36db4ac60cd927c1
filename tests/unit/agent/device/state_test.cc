#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>

#include "shared/plist/plist.h"
#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/device/sample_device.h"

namespace understudy::agent {
namespace {

using test::same;
using test::sample_device;
using ::testing::HasSubstr;

plist::Dict stored_sample() {
  return *plist::read_binary(serialize(sample_device())).value().if_dict();
}

std::string refusal_of(const plist::Dict& stored) {
  const auto device = deserialize(plist::write_binary(stored).value());
  if (device) return "";
  EXPECT_EQ(device.error().code, errc::corrupt);
  return device.error().message();
}

TEST(State, KeepsEveryMember) {
  const Device device = sample_device();
  const auto again = deserialize(serialize(device));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_TRUE(same(device, *again));
}

TEST(State, KeepsADeviceInWhichNothingIsSet) {
  Device device;
  device.id = "d1";
  device.hardware.udid = "U";
  device.hardware.serial_number = "S";
  device.hardware.os_version = "1.0";
  device.hardware.apple_silicon = false;
  device.hardware.battery = false;
  device.enrollment.emplace();
  device.enrollment->mdm.access_rights = 0;
  const auto again = deserialize(serialize(device));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_TRUE(same(device, *again));
}

RC_GTEST_PROP(State, RoundTripsWhateverIsInIt, ()) {
  const auto text = rc::gen::container<std::string>(rc::gen::inRange(' ', '~'));
  const auto bytes = rc::gen::arbitrary<Bytes>();
  Device device = sample_device();
  device.name = *text;
  device.passcode = *text;
  device.erased_times = *rc::gen::arbitrary<std::uint64_t>();
  device.hardware.capacity_gb = *rc::gen::positive<int>();
  device.enrollment->unlock_token = *bytes;
  device.enrollment->mdm.access_rights = *rc::gen::arbitrary<std::uint32_t>();
  device.push.base_token = *bytes;
  device.profiles.clear();
  for (int i = *rc::gen::inRange(0, 5); i > 0; --i) {
    device.profiles.push_back(
        {"p" + std::to_string(i), *text, *bytes, *rc::gen::arbitrary<bool>()});
  }
  for (int i = *rc::gen::inRange(0, 5); i > 0; --i) {
    device.apps.push_back(
        {*text, *text, *text, *text, *rc::gen::arbitrary<std::int64_t>(), i, true});
  }
  if (*rc::gen::arbitrary<bool>()) device.enrollment.reset();
  const auto again = deserialize(serialize(device));
  RC_ASSERT(again.has_value());
  RC_ASSERT(same(device, *again));
}

TEST(State, RefusesWhatIsNoDeviceAndNeverCrashes) {
  const Bytes good = serialize(sample_device());
  for (std::size_t size = 0; size < good.size(); size += 7) {
    const auto cut = deserialize(BytesView(good).first(size));
    ASSERT_FALSE(cut) << size;
    EXPECT_EQ(cut.error().code, errc::corrupt);
  }
  Rng rng(3);
  for (int i = 0; i < 300; ++i) {
    Bytes bad = good;
    bad[rng.below(bad.size())] ^= static_cast<std::uint8_t>(1U << rng.below(8));
    const auto device = deserialize(bad);
    if (!device) {
      EXPECT_EQ(device.error().code, errc::corrupt);
    }
  }
}

TEST(State, RefusesAnotherVersion) {
  plist::Dict stored = stored_sample();
  stored["Version"] = 2;
  EXPECT_THAT(refusal_of(stored), HasSubstr("version"));
  stored.erase("Version");
  EXPECT_THAT(refusal_of(stored), HasSubstr("version"));
}

TEST(State, NamesTheMemberThatIsDamaged) {
  struct Row {
    const char* key;
    plist::Value value;
    const char* says;
  };
  const Row rows[] = {
      {"Name", 7, "Name cannot be <integer>"},
      {"Locked", "yes", "Locked"},
      {"ErasedTimes", -1, "ErasedTimes"},
      {"Profiles", "none", "Profiles is no array"},
      {"Profiles", plist::Array{1}, "Profiles has an element that is no dictionary"},
      {"Profiles", plist::Array{plist::Dict{}}, "Profiles[0].Identifier is missing"},
      {"Enrollment", plist::Dict{}, "Enrollment.Stage is unknown"},
      {"Enrollment", plist::Dict{{"Stage", "enrolled"}}, "Enrollment.MDM is missing"},
      {"Hardware", plist::Dict{}, "Hardware.UDID is missing"},
      {"Push", true, "Push is no dictionary"},
      {"Settings", plist::Dict{{"TimeZone", 1}}, "Settings.TimeZone cannot be <integer>"},
      {"Users", plist::Array{plist::Dict{}}, "Users[0].Name is missing"},
      {"Push", plist::Dict{{"CourierAnchors", plist::Array{"x"}}}, "Push.CourierAnchors"},
  };
  for (const Row& row : rows) {
    plist::Dict stored = stored_sample();
    stored[row.key] = row.value;
    EXPECT_THAT(refusal_of(stored), HasSubstr(row.says));
  }
}

TEST(State, RefusesPlatformAndVersionThatAreNone) {
  plist::Dict stored = stored_sample();
  (*stored["Hardware"].if_dict())["Platform"] = "BeOS";
  EXPECT_THAT(refusal_of(stored), HasSubstr("Hardware.Platform is unknown"));
  stored = stored_sample();
  (*stored["Hardware"].if_dict())["OSVersion"] = "the newest";
  EXPECT_THAT(refusal_of(stored), HasSubstr("Hardware.OSVersion is no version"));
}

TEST(State, IgnoresMembersOfANewerProgram) {
  plist::Dict stored = stored_sample();
  stored["SomethingNew"] = plist::Array{1, 2, 3};
  EXPECT_EQ(refusal_of(stored), "");
}

/// As it was written before there were apps, users, settings and the rest.
TEST(State, ReadsADeviceOfAnOlderProgram) {
  plist::Dict stored = stored_sample();
  for (const char* key : {"ManagedApps", "Books", "Users", "Settings", "LostMode", "Mac",
                          "Position", "OSUpdates", "Setup", "Provisioning"}) {
    EXPECT_EQ(stored.erase(key), 1U) << key;
  }
  const auto device = deserialize(plist::write_binary(stored).value());
  ASSERT_TRUE(device) << device.error().message();
  EXPECT_EQ(device->settings, DeviceSettings{});
  EXPECT_FALSE(device->lost_mode.on);
  EXPECT_FALSE(device->position);
  EXPECT_EQ(device->hardware, sample_device().hardware);
}

TEST(State, IsReadByPlistutil) {
  if (!support::have_program("plistutil")) GTEST_SKIP() << "plistutil is not here";
  const support::TempDir directory;
  const Bytes stored = serialize(sample_device());
  std::ofstream(directory / "device.plist", std::ios::binary) << as_text(stored);
  const auto output =
      support::run({"plistutil", "-i", (directory / "device.plist").string(), "-f", "xml"});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(output.out, HasSubstr("<string>" + sample_device().hardware.udid + "</string>"));
}

TEST(State, IsSmall) {
  EXPECT_LT(serialize(make_device(Rng(1), 1, {}).value()).size(), 3000U);
}

}  // namespace
}  // namespace understudy::agent
