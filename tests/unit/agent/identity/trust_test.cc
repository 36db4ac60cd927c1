#include "agent/identity/trust.h"

#include <gtest/gtest.h>

#include "shared/crypto/ca.h"

namespace understudy::agent {
namespace {

constexpr TimePoint kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 28};

crypto::Identity make_identity() {
  auto key = crypto::PrivateKey::generate(crypto::KeyType::p256).value();
  crypto::CertificateSpec spec;
  spec.subject = crypto::Name::of({{"CN", "device"}});
  spec.not_before = kNow;
  spec.not_after = kNow + std::chrono::days(1);
  auto certificate = crypto::self_signed(spec, key).value();
  return {std::move(key), certificate, {certificate}};
}

KeychainItem item_of(const crypto::Identity& identity) {
  KeychainItem item;
  item.payload_uuid = "IDENTITY";
  item.certificate_der = identity.certificate.der();
  item.private_key_der = identity.key.der();
  return item;
}

Device device_with(const KeychainItem& item) {
  Device device;
  device.id = "d1";
  device.keychain = {item};
  device.enrollment.emplace();
  device.enrollment->identity_payload_uuid = "IDENTITY";
  return device;
}

TEST(DeviceCredentials, AreTheSameUntilTheDeviceHasOthers) {
  DeviceCredentials credentials;
  Device device = device_with(item_of(make_identity()));
  const auto first = credentials.of(device);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->for_server->identity->certificate.der(), device.keychain[0].certificate_der);
  EXPECT_EQ(credentials.of(device)->for_server, first->for_server);

  device.keychain[0] = item_of(make_identity());
  const auto other = credentials.of(device);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->for_server->identity->certificate.der(), device.keychain[0].certificate_der);

  device.enrollment->anchors_der = {device.keychain[0].certificate_der};
  EXPECT_EQ(credentials.of(device)->for_server->anchors.size(), 1U);
}

TEST(DeviceCredentials, UseTheKeyThatIsAtHand) {
  DeviceCredentials credentials;
  const crypto::Identity identity = make_identity();
  const Device device = device_with(item_of(identity));
  credentials.remember(device.keychain[0], identity);
  const auto made = credentials.of(device);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->for_server->identity->key.native(), identity.key.native());
  EXPECT_TRUE(made->for_server->identity->chain.empty());

  const Device another = device_with(item_of(make_identity()));
  const auto read = credentials.of(another);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->for_server->identity->certificate.der(), another.keychain[0].certificate_der);
}

TEST(DeviceCredentials, WantAnIdentityThatIsThere) {
  DeviceCredentials credentials;
  Device device = device_with(item_of(make_identity()));
  device.keychain.clear();
  EXPECT_EQ(credentials.of(device).error().code, errc::not_found);
  device.enrollment.reset();
  EXPECT_EQ(credentials.of(device).error().code, errc::not_found);
}

}  // namespace
}  // namespace understudy::agent
