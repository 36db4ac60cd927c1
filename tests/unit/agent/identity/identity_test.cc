#include "agent/identity/identity.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "tests/support/run_task.h"

namespace understudy::agent {
namespace {

TEST(VariablesOf, NameTheDevice) {
  Device device;
  device.name = "Understudy Mac 3";
  device.hardware.udid = "UDID";
  device.hardware.serial_number = "SERIAL";
  device.hardware.wifi_mac = "aa:bb";
  auto variables = variables_of(device);
  EXPECT_EQ(mdm::expand_variables("%HardwareUUID%/%SerialNumber%/%ComputerName%", variables),
            "UDID/SERIAL/Understudy Mac 3");
  EXPECT_EQ(mdm::expand_variables("%LocalHostName% %HostName% %MACAddress%", variables),
            "Understudy-Mac-3 Understudy-Mac-3.local aa:bb");
  device.hardware.ethernet_mac = "cc:dd";
  EXPECT_EQ(variables_of(device).mac_address, "cc:dd");
}

/// run_task needs a type with a default value.
template <class T>
Task<std::optional<T>> optional(Task<Result<T>> task) {
  auto result = co_await std::move(task);
  if (!result) co_return std::nullopt;
  co_return std::move(*result);
}

TEST(KeyMaker, MakesKeysOfTheAskedSize) {
  asio::io_context io;
  KeyMaker keys;
  const auto key = support::run_task(io, optional(keys.make(crypto::KeyType::rsa_3072)));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->bits(), 3072);
}

TEST(KeyMaker, MakesSelfSignedIdentities) {
  asio::io_context io;
  KeyMaker keys;
  crypto::Name subject = crypto::Name::of({{"CN", "push"}});
  const auto now = SystemClock().now();
  const auto identity = support::run_task(io, optional(keys.make_self_signed(subject, now)));
  ASSERT_TRUE(identity);
  EXPECT_TRUE(identity->certificate.issued_by(identity->certificate));
  EXPECT_EQ(identity->certificate.subject(), subject);
  EXPECT_GT(identity->certificate.not_after(), now + std::chrono::hours(24 * 365));
}

}  // namespace
}  // namespace understudy::agent
