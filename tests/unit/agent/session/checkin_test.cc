#include "agent/session/checkin.h"

#include <gtest/gtest.h>

#include "shared/mdm/validate.h"

namespace understudy::agent {
namespace {

constexpr const char* kModels[] = {"iphone",    "ipad",    "shared-ipad", "mac",
                                   "mac-intel", "appletv", "visionpro",   "watch"};

Device enrolled(const std::string& model, std::uint32_t access_rights = mdm::rights::kAll) {
  FactoryOptions options;
  options.model = model;
  auto made = make_device(Rng(1), 1, options);
  EXPECT_TRUE(made) << made.error().message();
  Device device = std::move(*made);
  Enrollment enrollment;
  enrollment.mdm.topic = "com.apple.mgmt.External.test";
  enrollment.mdm.access_rights = access_rights;
  enrollment.push_magic = "magic";
  device.push.topic_token = Bytes(32, 7);
  device.enrollment = enrollment;
  return device;
}

void expect_valid(const mdm::Checkin& message, const Device& device) {
  const auto problems =
      mdm::validate_checkin(mdm::Catalog::builtin(), mdm::to_plist(message), device.target());
  for (const auto& problem : problems) {
    ADD_FAILURE() << device.hardware.product_name << " " << mdm::message_type(message) << ": "
                  << problem.path << ": " << problem.what;
  }
}

TEST(Checkin, MessagesAreWhatTheSchemaSays) {
  for (const char* model : kModels) {
    Device device = enrolled(model);
    expect_valid(make_authenticate(device), device);
    expect_valid(make_check_out(device), device);
    if (has_unlock_token(device, mdm::rights::kAll)) {
      device.enrollment->unlock_token = Bytes(8, 1);
    }
    expect_valid(make_token_update(device), device);
  }
}

TEST(Authenticate, LeavesHardwareOutWithoutTheRight) {
  for (const char* model : kModels) {
    const Device with = enrolled(model);
    const Device without = enrolled(model, mdm::rights::kAll & ~mdm::rights::kDeviceInformation);
    EXPECT_EQ(make_authenticate(with).serial_number, with.hardware.serial_number);
    const auto message = make_authenticate(without);
    EXPECT_EQ(message.serial_number + message.os_version + message.build_version +
                  message.product_name + message.imei + message.meid,
              "");
    EXPECT_EQ(message.sender.udid, without.hardware.udid);
  }
}

TEST(Authenticate, NamesTheModelOnMacsOnly) {
  EXPECT_NE(make_authenticate(enrolled("mac")).model_name, "");
  EXPECT_NE(make_authenticate(enrolled("mac")).device_name, "");
  EXPECT_EQ(make_authenticate(enrolled("iphone")).model_name, "");
}

TEST(TokenUpdate, CarriesTokenMagicAndUnlockToken) {
  Device device = enrolled("iphone");
  EXPECT_FALSE(make_token_update(device).unlock_token);
  device.enrollment->unlock_token = Bytes{1, 2};
  const auto message = make_token_update(device);
  EXPECT_EQ(message.token, Bytes(32, 7));
  EXPECT_EQ(message.push_magic, "magic");
  EXPECT_EQ(message.unlock_token, (Bytes{1, 2}));
}

TEST(UnlockToken, ExistsWherePlatformAndRightsHaveIt) {
  for (const char* model : {"iphone", "ipad", "visionpro", "watch"}) {
    EXPECT_TRUE(has_unlock_token(enrolled(model), mdm::rights::kAll)) << model;
    EXPECT_FALSE(
        has_unlock_token(enrolled(model), mdm::rights::kAll & ~mdm::rights::kLockAndClearPasscode));
  }
  for (const char* model : {"shared-ipad", "mac", "appletv"}) {
    EXPECT_FALSE(has_unlock_token(enrolled(model), mdm::rights::kAll)) << model;
  }
}

TEST(Judge, ReadsStatusCodesAsADeviceDoes) {
  EXPECT_EQ(judge(200, ""), Verdict::accepted);
  EXPECT_EQ(judge(204, ""), Verdict::accepted);
  EXPECT_EQ(judge(401, ""), Verdict::unenroll);
  EXPECT_EQ(judge(403, R"({"code":"com.apple.unrecognized.device"})"), Verdict::unenroll);
  EXPECT_EQ(judge(403, R"({"code":"something.else"})"), Verdict::failed);
  EXPECT_EQ(judge(403, R"({"code":"com.apple.unrecognized.device"})", false), Verdict::failed);
  EXPECT_EQ(judge(401, "", false), Verdict::unenroll);
  EXPECT_EQ(judge(403, "[1]"), Verdict::failed);
  EXPECT_EQ(judge(403, ""), Verdict::failed);
  for (const int status : {0, 301, 400, 404, 410, 500, 503}) {
    EXPECT_EQ(judge(status, "com.apple.unrecognized.device"), Verdict::failed) << status;
  }
}

TEST(Judge, HeedsAnUnrecognizedDeviceSinceItsSystemKnowsThat) {
  const auto heeds = [](mdm::Platform platform, std::vector<int> os) {
    mdm::Target target;
    target.platform = platform;
    target.os.parts = std::move(os);
    return heeds_unrecognized_device(target);
  };
  EXPECT_TRUE(heeds(mdm::Platform::ios, {17}));
  EXPECT_FALSE(heeds(mdm::Platform::ios, {16, 7}));
  EXPECT_TRUE(heeds(mdm::Platform::macos, {14, 0}));
  EXPECT_FALSE(heeds(mdm::Platform::macos, {13, 6}));
  EXPECT_TRUE(heeds(mdm::Platform::visionos, {1, 1}));
  EXPECT_FALSE(heeds(mdm::Platform::watchos, {9, 6}));
}

TEST(DescribeAnswer, ShowsOneShortLine) {
  EXPECT_EQ(describe_answer(500, ""), "HTTP 500");
  EXPECT_EQ(describe_answer(400, "bad\x1b[31m request\nsecond"),
            "HTTP 400: bad [31m request second");
  EXPECT_LT(describe_answer(400, std::string(10'000, 'x')).size(), 450U);
}

}  // namespace
}  // namespace understudy::agent
