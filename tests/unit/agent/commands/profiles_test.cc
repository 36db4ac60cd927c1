#include "tests/unit/agent/commands/profile_samples.h"

namespace understudy::agent::test {
namespace {

using mdm::kMdmErrorDomain;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

plist::Array profiles_of(Enrolled& enrolled, plist::Dict keys = {}) {
  const Outcome outcome = enrolled.run("ProfileList", std::move(keys));
  EXPECT_THAT(outcome, Acknowledged());
  return *member(outcome, "ProfileList").if_array();
}

/// The entry of one profile; an empty dict when it is not listed.
plist::Value entry_of(Enrolled& enrolled, const std::string& identifier, plist::Dict keys = {}) {
  for (const plist::Value& entry : profiles_of(enrolled, std::move(keys))) {
    if (entry.string_at("PayloadIdentifier") == identifier) return entry;
  }
  return {};
}

void add_own_profile(Device& device) {
  device.profiles.push_back(
      {"org.example.own", "UUID-OWN", to_xml(profile("org.example.own", {wifi()})), false});
}

TEST(RemoveProfile, TakesTheProfileAndWhatItBrought) {
  Enrolled enrolled;
  ASSERT_THAT(install(enrolled, profile("org.example.a", {root_certificate(), pkcs12()})),
              Acknowledged());
  ASSERT_THAT(install(enrolled, profile("org.example.b", {root_certificate()})), Acknowledged());
  const Outcome outcome = enrolled.run("RemoveProfile", {{"Identifier", "org.example.a"}});
  EXPECT_THAT(outcome, Acknowledged());
  EXPECT_EQ(outcome.then, Outcome::Then::go_on);
  EXPECT_EQ(enrolled.device.find_profile("org.example.a"), nullptr);
  EXPECT_NE(enrolled.device.find_profile("org.example.b"), nullptr);
  EXPECT_EQ(enrolled.device.find_identity("PKCS12"), nullptr);
  EXPECT_NE(enrolled.device.find_identity("UUID-IDENTITY"), nullptr);
  EXPECT_EQ(enrolled.device.keychain.size(), 2U);  // the identity, and the root of b
}

TEST(RemoveProfile, RefusesOneThatIsNotInstalled) {
  Enrolled enrolled;
  EXPECT_THAT(enrolled.run("RemoveProfile", {{"Identifier", "org.example.none"}}),
              RefusedWith(kMdmErrorDomain, 12075));
}

TEST(RemoveProfile, RefusesAPersonsProfileUnlessSupervised) {
  for (const bool supervised : {false, true}) {
    Enrolled enrolled(FactoryOptions{"iphone", "", supervised});
    add_own_profile(enrolled.device);
    const Outcome outcome = enrolled.run("RemoveProfile", {{"Identifier", "org.example.own"}});
    if (supervised) {
      EXPECT_THAT(outcome, Acknowledged());
    } else {
      EXPECT_THAT(outcome, RefusedWith(kMdmErrorDomain, 12013));
    }
    EXPECT_EQ(enrolled.device.find_profile("org.example.own") == nullptr, supervised);
  }
}

// docs/protocol/device-facts.md 11.5: always allowed, whatever the rights; the identity stays
// until CheckOut.
TEST(RemoveProfile, LeavesMdmWhateverTheRights) {
  Enrolled enrolled("iphone", mdm::rights::kDeviceInformation);
  const Outcome outcome = enrolled.run("RemoveProfile", {{"Identifier", kEnrollmentProfile}});
  EXPECT_THAT(outcome, Acknowledged());
  EXPECT_EQ(outcome.then, Outcome::Then::leave);
  ASSERT_TRUE(enrolled.device.enrollment);
  EXPECT_EQ(enrolled.device.enrollment->stage, Enrollment::Stage::leaving);
  EXPECT_NE(enrolled.device.find_identity("UUID-IDENTITY"), nullptr);
}

TEST(ProfileList, TellsHeadersAndNoSecrets) {
  Enrolled enrolled;
  ASSERT_THAT(install(enrolled, profile("org.example.wifi", {wifi(), pkcs12()})), Acknowledged());
  const Outcome outcome = enrolled.run("ProfileList");
  const std::string xml = plist::write_xml(outcome.body).value();
  EXPECT_THAT(xml, Not(HasSubstr("correct horse")));
  EXPECT_THAT(xml, Not(HasSubstr("secret")));

  const plist::Value entry = entry_of(enrolled, "org.example.wifi");
  EXPECT_EQ(entry.string_at("PayloadUUID"), "UUID-org.example.wifi");
  EXPECT_EQ(entry.int_at("PayloadVersion"), 1);
  EXPECT_EQ(entry.string_at("PayloadDisplayName"), "Profile of a test");
  EXPECT_EQ(entry.string_at("PayloadOrganization"), "Example");
  EXPECT_EQ(entry.bool_at("PayloadRemovalDisallowed"), false);
  EXPECT_EQ(entry.bool_at("HasRemovalPasscode"), false);
  EXPECT_EQ(entry.bool_at("IsEncrypted"), false);
  EXPECT_EQ(entry.bool_at("IsManaged"), true);
  EXPECT_THAT(*entry.find("SignerCertificates")->if_array(), IsEmpty());
  const plist::Array& content = *entry.find("PayloadContent")->if_array();
  ASSERT_EQ(content.size(), 2U);
  EXPECT_EQ(content[0], plist::Value(plist::Dict{{"PayloadType", "com.apple.wifi.managed"},
                                                 {"PayloadIdentifier", "org.example.payload.WIFI"},
                                                 {"PayloadUUID", "WIFI"},
                                                 {"PayloadVersion", 1},
                                                 {"PayloadDisplayName", "Payload WIFI"}}));
}

TEST(ProfileList, ListsTheEnrollmentProfileToo) {
  Enrolled enrolled;
  EXPECT_EQ(entry_of(enrolled, kEnrollmentProfile).string_at("PayloadDisplayName"), "Enrollment");
}

TEST(ProfileList, TellsSignersAndRemovalPasscode) {
  Enrolled enrolled(FactoryOptions{"iphone", "", true});
  plist::Dict guarded =
      profile("org.example.guarded", {payload("com.apple.profileRemovalPassword", "GUARD")});
  guarded["PayloadRemovalDisallowed"] = true;
  ASSERT_THAT(install(enrolled, sign(guarded)), Acknowledged());
  const plist::Value entry = entry_of(enrolled, "org.example.guarded");
  EXPECT_EQ(entry.bool_at("HasRemovalPasscode"), true);
  EXPECT_EQ(entry.bool_at("PayloadRemovalDisallowed"), true);
  const plist::Array& signers = *entry.find("SignerCertificates")->if_array();
  ASSERT_EQ(signers.size(), 1U);
  EXPECT_EQ(*signers[0].if_data(), profile_signer().certificate.der());
}

TEST(ProfileList, HidesThePayloadsOfAnEncryptedProfile) {
  Enrolled enrolled;
  plist::Dict encrypted = profile("org.example.secret", {});
  encrypted.erase("PayloadContent");
  encrypted["EncryptedPayloadContent"] =
      crypto::cms::encrypt(to_xml(plist::Array{wifi()}), device_identity().certificate,
                           crypto::cms::Cipher::aes_128_cbc)
          .value();
  ASSERT_THAT(install(enrolled, encrypted), Acknowledged());
  const plist::Value entry = entry_of(enrolled, "org.example.secret");
  EXPECT_EQ(entry.bool_at("IsEncrypted"), true);
  EXPECT_EQ(entry.find("PayloadContent"), nullptr);
}

TEST(ProfileList, KeepsToManagedProfilesWhenAsked) {
  Enrolled enrolled;
  add_own_profile(enrolled.device);
  ASSERT_THAT(install(enrolled, profile("org.example.wifi", {wifi()})), Acknowledged());
  EXPECT_EQ(profiles_of(enrolled).size(), 3U);
  EXPECT_EQ(entry_of(enrolled, "org.example.own").bool_at("IsManaged"), false);
  const plist::Dict managed_only = {{"ManagedOnly", true}};
  EXPECT_EQ(entry_of(enrolled, "org.example.own", managed_only), plist::Value());
  EXPECT_NE(entry_of(enrolled, "org.example.wifi", managed_only), plist::Value());
}

TEST(ProfileList, SaysNothingOfManagementWhereTheSchemaWantsNothing) {
  Enrolled supervised(FactoryOptions{"iphone", "", true});
  EXPECT_EQ(entry_of(supervised, kEnrollmentProfile).find("IsManaged"), nullptr);
  Enrolled mac("mac");
  EXPECT_EQ(entry_of(mac, kEnrollmentProfile).find("IsManaged"), nullptr);
}

TEST(CertificateList, ListsCertificatesAndIdentities) {
  Enrolled enrolled;
  ASSERT_THAT(install(enrolled, profile("org.example.certs", {root_certificate()})),
              Acknowledged());
  add_own_profile(enrolled.device);
  enrolled.device.keychain.push_back({"OWN", "org.example.own", "own", {1, 2}, {}});

  const plist::Array all = *member(enrolled.run("CertificateList"), "CertificateList").if_array();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].string_at("CommonName"), "device");
  EXPECT_EQ(all[0].bool_at("IsIdentity"), true);
  EXPECT_EQ(all[0].data_at("Data"), device_identity().certificate.der());
  EXPECT_EQ(all[1].string_at("CommonName"), "Test CA");
  EXPECT_EQ(all[1].bool_at("IsIdentity"), false);

  const Outcome managed = enrolled.run("CertificateList", {{"ManagedOnly", true}});
  EXPECT_EQ(member(managed, "CertificateList").if_array()->size(), 2U);
}

TEST(CertificateList, NeverTellsAPrivateKey) {
  Enrolled enrolled;
  const plist::Array list = *member(enrolled.run("CertificateList"), "CertificateList").if_array();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].if_dict()->size(), 3U);
  EXPECT_NE(list[0].data_at("Data"), enrolled.device.keychain.at(0).private_key_der);
}

}  // namespace
}  // namespace understudy::agent::test
