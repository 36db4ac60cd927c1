#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "agent/device/device.h"
#include "agent/device/models.h"

namespace understudy::agent {
namespace {

using ::testing::HasSubstr;

Device made(std::string_view model, std::uint64_t number = 1, std::uint64_t seed = 7) {
  FactoryOptions options;
  options.model = model;
  auto device = make_device(Rng(seed), number, options);
  EXPECT_TRUE(device) << (device ? "" : device.error().message());
  return device ? std::move(*device) : Device{};
}

bool matches(const std::string& text, const char* pattern) {
  return std::regex_match(text, std::regex(pattern));
}

/// Luhn's test over a whole number, check digit included; written apart from the factory's.
bool luhn_holds(const std::string& number) {
  int sum = 0;
  for (std::size_t i = 0; i < number.size(); ++i) {
    int digit = number[number.size() - 1 - i] - '0';
    if (i % 2 == 1) digit = digit * 2 / 10 + digit * 2 % 10;
    sum += digit;
  }
  return sum % 10 == 0;
}

TEST(Factory, MakesTheSameDeviceAgainFromSeedAndNumber) {
  for (const Model& model : Models::builtin().models) {
    EXPECT_EQ(serialize(made(model.product_name, 3)), serialize(made(model.product_name, 3)));
  }
}

TEST(Factory, MakesAnotherDeviceForAnotherNumberOrSeed) {
  std::set<std::string> udids, serials, macs;
  for (std::uint64_t number = 1; number <= 500; ++number) {
    const Device device = made("iphone", number);
    udids.insert(device.hardware.udid);
    serials.insert(device.hardware.serial_number);
    macs.insert(device.hardware.wifi_mac);
  }
  EXPECT_EQ(udids.size(), 500U);
  EXPECT_EQ(serials.size(), 500U);
  EXPECT_GT(macs.size(), 495U);  // 24 bits of chance
  EXPECT_NE(made("iphone", 1, 7).hardware.udid, made("iphone", 1, 8).hardware.udid);
}

TEST(Factory, NamesDeviceByItsNumber) {
  const Device device = made("mac", 42);
  EXPECT_EQ(device.id, "d42");
  EXPECT_EQ(device.number, 42U);
  EXPECT_EQ(device.name, "Understudy MacBook Air 42");
}

TEST(Factory, GivesEveryPlatformItsOwnFormOfUdid) {
  for (const Model& model : Models::builtin().models) {
    const Hardware hardware = made(model.product_name).hardware;
    SCOPED_TRACE(model.product_name);
    const std::string chip = "0000" + std::string(model.chip) + "-[0-9A-F]{16}";
    constexpr const char* kUuid = "[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}";
    if (model.platform != mdm::Platform::macos) {
      const std::string form = model.chip.empty() ? "[0-9a-f]{40}" : chip;
      EXPECT_TRUE(matches(hardware.udid, form.c_str())) << hardware.udid;
      EXPECT_EQ(hardware.provisioning_udid, "");
    } else if (model.chip.empty()) {
      EXPECT_TRUE(matches(hardware.udid, kUuid)) << hardware.udid;
      EXPECT_EQ(hardware.provisioning_udid, hardware.udid);
    } else {
      EXPECT_TRUE(matches(hardware.udid, kUuid)) << hardware.udid;
      EXPECT_TRUE(matches(hardware.provisioning_udid, chip.c_str())) << hardware.provisioning_udid;
    }
  }
}

TEST(Factory, GivesPlausibleNumbers) {
  for (const Model& model : Models::builtin().models) {
    const Hardware hardware = made(model.product_name, 9).hardware;
    SCOPED_TRACE(model.product_name);
    EXPECT_TRUE(matches(hardware.serial_number,
                        model.factory.empty() ? "[0-9C-Z]{10}" : "(C02|DMP|DY5|FH7)[0-9C-Z]{9}"));
    EXPECT_EQ(hardware.serial_number.find_first_of("AEIOUBS"), std::string::npos);
    EXPECT_TRUE(matches(hardware.wifi_mac, "f0:18:98(:[0-9a-f]{2}){3}")) << hardware.wifi_mac;
    EXPECT_NE(hardware.wifi_mac, hardware.bluetooth_mac);
    EXPECT_EQ(hardware.ethernet_mac.empty(), !model.ethernet);
    EXPECT_EQ(hardware.imei.empty(), !model.modem);
    EXPECT_GT(hardware.capacity_gb, 0);
    EXPECT_FALSE(hardware.build_version.empty());
    EXPECT_FALSE(hardware.update_id.empty());
  }
}

TEST(Factory, GivesImeiWithValidCheckDigit) {
  for (std::uint64_t number = 1; number <= 100; ++number) {
    const Hardware hardware = made("iphone", number).hardware;
    EXPECT_TRUE(matches(hardware.imei, "35[0-9]{13}")) << hardware.imei;
    EXPECT_TRUE(luhn_holds(hardware.imei)) << hardware.imei;
    EXPECT_EQ(hardware.meid, hardware.imei.substr(0, 14));
  }
}

TEST(Factory, CallsModelAsItsSystemDoes) {
  EXPECT_EQ(made("iphone").hardware.model, "MPXV3LL");
  EXPECT_EQ(made("iphone").hardware.model_number, "MPXV3LL/A");
  EXPECT_EQ(made("mac").hardware.model, "Mac14,2");
  EXPECT_FALSE(made("mac-intel").hardware.apple_silicon);
  EXPECT_TRUE(made("mac").hardware.apple_silicon);
}

TEST(Factory, SetsPasscodeWhereThePlatformHasOne) {
  for (const char* model : {"iphone", "ipad", "visionpro", "watch"}) {
    EXPECT_TRUE(matches(made(model).passcode, "[0-9]{6}")) << model;
  }
  for (const char* model : {"mac", "mac-intel", "appletv"}) {
    EXPECT_EQ(made(model).passcode, "") << model;
  }
}

TEST(Factory, PutsAppsOnEveryPlatform) {
  for (const char* model : {"iphone", "mac", "appletv", "visionpro", "watch"}) {
    EXPECT_GE(made(model).apps.size(), 2U) << model;
  }
}

TEST(Factory, TakesOsVersionThatExists) {
  FactoryOptions options;
  options.model = "mac";
  options.os_version = "14.6.1";
  const auto device = make_device(Rng(1), 1, options);
  ASSERT_TRUE(device);
  EXPECT_EQ(device->hardware.build_version, "23G93");
  EXPECT_EQ(device->target().os.text(), "14.6.1");
}

TEST(Factory, RefusesModelThatDoesNotExistAndNamesThoseThatDo) {
  FactoryOptions options;
  options.model = "newton";
  const auto device = make_device(Rng(1), 1, options);
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code, errc::not_found);
  EXPECT_THAT(device.error().message(), HasSubstr("newton"));
  EXPECT_THAT(device.error().message(), HasSubstr("mac-intel"));
}

TEST(Factory, RefusesOsVersionThatThePlatformOrModelNeverHad) {
  FactoryOptions options;
  options.os_version = "18.0.7";
  const auto unknown = make_device(Rng(1), 1, options);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, errc::not_found);
  EXPECT_THAT(unknown.error().message(), HasSubstr("18.0.1"));

  options.model = "iPhone17,3";  // of 2024
  options.os_version = "17.5";
  const auto too_old = make_device(Rng(1), 1, options);
  ASSERT_FALSE(too_old);
  EXPECT_THAT(too_old.error().message(), HasSubstr("18.1"));
}

// fact 1.18
TEST(Factory, SupervisesEveryWatch) {
  EXPECT_TRUE(made("watch").supervised);
  EXPECT_FALSE(made("iphone").supervised);
}

TEST(Factory, HasAutomatedDevicesWaitInSetupAssistant) {
  FactoryOptions options;
  options.automated = true;
  for (const char* model : {"iphone", "ipad", "shared-ipad", "mac", "appletv", "visionpro"}) {
    options.model = model;
    const Device device = make_device(Rng(7), 1, options).value();
    EXPECT_TRUE(device.automated && device.supervised) << model;
    EXPECT_TRUE(device.setup.awaiting_configuration) << model;
  }
  options.os_version = "1.1";  // DeviceConfigured came to visionOS with 2.0
  EXPECT_FALSE(make_device(Rng(7), 1, options)->setup.awaiting_configuration);
  options = {.model = "watch", .automated = true};
  const Device watch = make_device(Rng(7), 1, options).value();
  EXPECT_FALSE(watch.automated || watch.setup.awaiting_configuration);
}

TEST(Factory, MakesASharedIpad) {
  const Device device = made("shared-ipad");
  EXPECT_TRUE(device.shared_ipad);
  EXPECT_TRUE(device.supervised && device.automated);
  EXPECT_FALSE(device.setup.awaiting_configuration) << "--automated makes it wait";
  EXPECT_TRUE(device.supervised);
  EXPECT_EQ(device.passcode, "") << "its users have theirs";
  EXPECT_EQ(device.hardware.product_name, "iPad14,3");
  EXPECT_EQ(made("shared-ipad/iPad13,18").hardware.product_name, "iPad13,18");
  EXPECT_FALSE(made("ipad").shared_ipad);
}

TEST(Factory, GivesAnOldModelTheLastReleaseThatItGot) {
  EXPECT_EQ(made("iPad7,5").hardware.os_version, "17.7");
  EXPECT_EQ(made("MacBookAir8,1").hardware.os_version, "14.7");
  EXPECT_EQ(made("Watch5,1").hardware.os_version, "10.6.1");
  FactoryOptions options;
  options.model = "iPad7,5";
  options.os_version = "18.0";
  EXPECT_FALSE(make_device(Rng(1), 1, options));
}

}  // namespace
}  // namespace understudy::agent
