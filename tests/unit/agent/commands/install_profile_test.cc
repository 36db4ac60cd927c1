#include <fstream>

#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/commands/profile_samples.h"

namespace understudy::agent::test {
namespace {

using mdm::kInstallationErrorDomain;
using mdm::kProfileErrorDomain;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<KeychainItem> items_of(const Device& device, const std::string& identifier) {
  std::vector<KeychainItem> items;
  for (const KeychainItem& item : device.keychain) {
    if (item.profile_identifier == identifier) items.push_back(item);
  }
  return items;
}

TEST(InstallProfile, InstallsOnEveryPlatform) {
  for (const char* model : {"iphone", "mac", "appletv", "visionpro", "watch"}) {
    Enrolled enrolled(model);
    const Bytes raw = to_xml(profile("org.example.wifi", {wifi()}));
    const Outcome outcome = install(enrolled, raw);
    EXPECT_THAT(outcome, Acknowledged()) << model;
    EXPECT_THAT(outcome.body, IsEmpty());
    const InstalledProfile* installed = enrolled.device.find_profile("org.example.wifi");
    ASSERT_NE(installed, nullptr);
    EXPECT_TRUE(installed->managed);
    EXPECT_EQ(installed->uuid, "UUID-org.example.wifi");
    EXPECT_EQ(installed->raw, raw);
  }
}

TEST(InstallProfile, PutsCertificatesAndIdentitiesIntoTheKeychain) {
  Enrolled enrolled;
  ASSERT_THAT(install(enrolled, profile("org.example.certs", {root_certificate(), pkcs12()})),
              Acknowledged());
  const auto items = items_of(enrolled.device, "org.example.certs");
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].payload_uuid, "ROOT");
  EXPECT_EQ(items[0].common_name, "Test CA");
  EXPECT_EQ(items[0].certificate_der, authority().certificate().der());
  EXPECT_THAT(items[0].private_key_der, IsEmpty());
  EXPECT_EQ(items[1].common_name, "user");
  EXPECT_THAT(items[1].private_key_der, Not(IsEmpty()));
  EXPECT_NE(enrolled.device.find_identity("PKCS12"), nullptr);
}

TEST(InstallProfile, UpdatesInPlaceByIdentifier) {
  Enrolled enrolled;
  ASSERT_THAT(install(enrolled, profile("org.example.p", {root_certificate(), pkcs12()})),
              Acknowledged());
  ASSERT_THAT(install(enrolled, profile("org.example.other", {wifi()})), Acknowledged());
  const std::size_t before = enrolled.device.profiles.size();

  plist::Dict next = profile("org.example.p", {root_certificate("ROOT-2")});
  next["PayloadUUID"] = "UUID-NEXT";
  ASSERT_THAT(install(enrolled, next), Acknowledged());
  EXPECT_EQ(enrolled.device.profiles.size(), before);
  EXPECT_EQ(enrolled.device.find_profile("org.example.p")->uuid, "UUID-NEXT");
  EXPECT_THAT(items_of(enrolled.device, "org.example.p"),
              ElementsAre(Field(&KeychainItem::payload_uuid, "ROOT-2")));
}

TEST(InstallProfile, InstallsSignedProfile) {
  Enrolled enrolled;
  const Bytes raw = sign(profile("org.example.signed", {wifi()}));
  EXPECT_THAT(install(enrolled, raw), Acknowledged());
  EXPECT_EQ(enrolled.device.find_profile("org.example.signed")->raw, raw);
}

TEST(InstallProfile, InstallsProfileThatOpensslSigned) {
  if (!support::have_program("openssl")) GTEST_SKIP() << "openssl is not here";
  const support::TempDir directory;
  const auto put = [&](const std::string& name, std::string_view content) {
    std::ofstream(directory / name, std::ios::binary) << content;
    return (directory / name).string();
  };
  const std::string content =
      put("p.xml", as_text(to_xml(profile("org.example.openssl", {wifi()}))));
  const std::string signer = put("signer.pem", profile_signer().pem());
  const auto output = support::run({"openssl", "cms", "-sign", "-nodetach", "-binary", "-outform",
                                    "DER", "-stream", "-indef", "-signer", signer, "-in", content});
  ASSERT_EQ(output.status, 0) << output.err;
  Enrolled enrolled;
  EXPECT_THAT(install(enrolled, to_bytes(output.out)), Acknowledged());
}

TEST(InstallProfile, OpensProfileThatIsEncryptedToTheDevice) {
  const Bytes content = to_xml(plist::Array{root_certificate()});
  plist::Dict encrypted = profile("org.example.secret", {});
  encrypted.erase("PayloadContent");
  encrypted["EncryptedPayloadContent"] =
      crypto::cms::encrypt(content, device_identity().certificate, crypto::cms::Cipher::aes_256_cbc)
          .value();
  Enrolled enrolled;
  EXPECT_THAT(install(enrolled, encrypted), Acknowledged());
  EXPECT_EQ(items_of(enrolled.device, "org.example.secret").size(), 1U);

  encrypted["EncryptedPayloadContent"] =
      crypto::cms::encrypt(content, make_identity("other", crypto::KeyType::rsa_2048).certificate,
                           crypto::cms::Cipher::aes_256_cbc)
          .value();
  encrypted["PayloadIdentifier"] = "org.example.foreign";
  EXPECT_THAT(install(enrolled, encrypted), RefusedWith(kProfileErrorDomain, 1006));
}

TEST(InstallProfile, RefusesWhatIsNoProfile) {
  const auto without = [](const char* key) {
    plist::Dict bad = profile("org.example.p", {wifi()});
    bad.erase(key);
    return to_xml(bad);
  };
  const auto with = [](const char* key, plist::Value value) {
    plist::Dict bad = profile("org.example.p", {wifi()});
    bad[key] = std::move(value);
    return to_xml(bad);
  };
  Bytes forged = sign(profile("org.example.p", {wifi()}));
  const std::string_view text = as_text(forged);
  forged[text.find("Profile of a test")] ^= 1;
  struct Row {
    const char* what;
    Bytes raw;
    std::int64_t code;
  };
  const Row rows[] = {
      {"nothing", {}, 1005},
      {"no plist", to_bytes("<html>404</html>"), 1000},
      {"half a plist", to_bytes("<plist><dict><key>A"), 1000},
      {"no dictionary", to_xml("text"), 1003},
      {"no identifier", without("PayloadIdentifier"), 1002},
      {"no UUID", without("PayloadUUID"), 1002},
      {"identifier of another type", with("PayloadIdentifier", 7), 1003},
      {"another version", with("PayloadVersion", 2), 1001},
      {"no configuration", with("PayloadType", "Profile Service"), 1010},
      {"a UUID twice", with("PayloadContent", plist::Array{wifi("A"), wifi("A")}), 1007},
      {"forged", forged, 1004},
  };
  for (const Row& row : rows) {
    Enrolled enrolled;
    const Bytes before = serialize(enrolled.device);
    EXPECT_THAT(install(enrolled, row.raw), RefusedWith(kProfileErrorDomain, row.code)) << row.what;
    EXPECT_EQ(serialize(enrolled.device), before) << row.what;
  }
}

TEST(InstallProfile, RefusesTwoPayloadsOfOneIdentifier) {
  plist::Dict second = wifi("B");
  second["PayloadIdentifier"] = *plist::Value(wifi("A")).string_at("PayloadIdentifier");
  Enrolled enrolled;
  EXPECT_THAT(install(enrolled, profile("org.example.p", {wifi("A"), second})),
              RefusedWith(kProfileErrorDomain, 1008));
}

TEST(InstallProfile, InstallsAllPayloadsOrNone) {
  struct Row {
    const char* what;
    plist::Dict payload;
    const char* domain;
    std::int64_t code;
  };
  plist::Dict garbage = root_certificate("BAD");
  garbage["PayloadContent"] = Bytes{1, 2, 3};
  plist::Dict empty = root_certificate("BAD");
  empty.erase("PayloadContent");
  plist::Dict text = root_certificate("BAD");
  text["PayloadContent"] = "text";
  plist::Dict no_file = pkcs12();
  no_file["PayloadContent"] = Bytes{1, 2, 3};
  const Row rows[] = {
      {"no certificate", garbage, "MCCertificateErrorDomain", 9005},
      {"certificate missing", empty, "MCPayloadErrorDomain", 2002},
      {"certificate of another type", text, "MCPayloadErrorDomain", 2003},
      {"wrong password", pkcs12("wrong"), "MCCertificateErrorDomain", 9000},
      {"no PKCS#12", no_file, "MCCertificateErrorDomain", 9005},
      {"ACME", payload("com.apple.security.acme", "ACME"), "MCSCEPErrorDomain", 22008},
  };
  for (const Row& row : rows) {
    Enrolled enrolled;
    const Bytes before = serialize(enrolled.device);
    const Outcome outcome =
        install(enrolled, profile("org.example.p", {root_certificate(), row.payload}));
    EXPECT_THAT(outcome, RefusedWith(kInstallationErrorDomain, 4001)) << row.what;
    ASSERT_EQ(outcome.errors.size(), 2U) << row.what;
    EXPECT_EQ(outcome.errors[1].domain, row.domain) << row.what;
    EXPECT_EQ(outcome.errors[1].code, row.code) << row.what << outcome.errors[1].description;
    EXPECT_THAT(outcome.errors[1].description, Not(HasSubstr("wrong\""))) << "a password";
    EXPECT_EQ(serialize(enrolled.device), before) << row.what;
  }
}

TEST(InstallProfile, ReplacesAPersonsProfileOnSupervisedDevicesOnly) {
  for (const bool supervised : {false, true}) {
    Enrolled enrolled(FactoryOptions{"iphone", "", supervised});
    const Bytes own = to_xml(profile("org.example.own", {wifi()}));
    enrolled.device.profiles.push_back({"org.example.own", "UUID-OWN", own, false});
    const Outcome outcome = install(enrolled, own);
    if (supervised) {
      EXPECT_THAT(outcome, Acknowledged());
    } else {
      EXPECT_THAT(outcome, RefusedWith(mdm::kMdmErrorDomain, 12013));
      EXPECT_FALSE(enrolled.device.find_profile("org.example.own")->managed);
    }
  }
}

}  // namespace
}  // namespace understudy::agent::test
