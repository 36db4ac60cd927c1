/// Profiles with an MDM payload on a device that is enrolled
/// (docs/protocol/device-facts.md 1.16, 1.20 to 1.23).

#include "tests/unit/agent/commands/profile_samples.h"

namespace understudy::agent::test {
namespace {

using mdm::kInstallationErrorDomain;
using mdm::kMdmErrorDomain;
using ::testing::HasSubstr;

/// The enrollment profile with one member of its MDM payload changed.
plist::Value changed(const char* key, plist::Value value) {
  plist::Value profile = enrollment_profile(mdm_payload());
  for (plist::Value& payload : *profile.if_dict()->at("PayloadContent").if_array()) {
    if (payload.string_at("PayloadType") == "com.apple.mdm") (*payload.if_dict())[key] = value;
  }
  return profile;
}

plist::Value renamed(plist::Value profile) {
  (*profile.if_dict())["PayloadIdentifier"] = "org.example.second";
  return profile;
}

class Replacement : public ::testing::Test {
 protected:
  /// Whatever is answered: the enrollment stays as it was.
  Outcome offer(const Bytes& raw, Enrolled& enrolled) {
    const Bytes before = serialize(enrolled.device);
    Outcome outcome = install(enrolled, raw);
    EXPECT_EQ(serialize(enrolled.device), before);
    return outcome;
  }
  Outcome offer(const plist::Value& profile) {
    Enrolled enrolled;
    return offer(to_xml(profile), enrolled);
  }
};

TEST_F(Replacement, RefusesASecondMdmPayload) {
  EXPECT_THAT(offer(renamed(enrollment_profile(mdm_payload()))),
              RefusedWith(kMdmErrorDomain, 12001));
}

TEST_F(Replacement, RefusesTwoMdmPayloadsInOneProfile) {
  plist::Value profile = enrollment_profile(mdm_payload());
  plist::Array& content = *profile.if_dict()->at("PayloadContent").if_array();
  plist::Value second = content.back();
  (*second.if_dict())["PayloadUUID"] = "UUID-SECOND";
  (*second.if_dict())["PayloadIdentifier"] = "org.example.second";
  content.push_back(second);
  EXPECT_THAT(offer(profile), RefusedWith(kMdmErrorDomain, 12001));
}

TEST_F(Replacement, RefusesWhatMayNotChange) {
  const std::pair<const char*, plist::Value> rows[] = {
      {"Topic", "com.apple.mgmt.External.2"},
      {"ServerURL", "https://other.example.org/mdm"},
      {"CheckInURL", "https://other.example.org/checkin"},
      {"ServerCapabilities", plist::Array{"com.apple.mdm.per-user-connections"}},
      {"AssignedManagedAppleID", "a@example.org"},
      {"EnrollmentMode", "BYOD"},
      {"RequiredAppIDForMDM", 7},
  };
  for (const auto& [key, value] : rows) {
    const Outcome outcome = offer(changed(key, value));
    EXPECT_THAT(outcome, RefusedWith(kMdmErrorDomain, 12009)) << key;
    const char* shown =
        std::string_view(key) == "ServerCapabilities" ? "per-user-connections" : key;
    EXPECT_THAT(outcome.errors.at(0).description, HasSubstr(shown));
  }
}

TEST_F(Replacement, RefusesMoreRights) {
  Enrolled enrolled("iphone", mdm::rights::kAll & ~mdm::rights::kErase);
  const Outcome outcome = offer(to_xml(enrollment_profile(mdm_payload())), enrolled);
  EXPECT_THAT(outcome, RefusedWith(kMdmErrorDomain, 12009));
  EXPECT_THAT(outcome.errors.at(0).description, HasSubstr("AccessRights"));
}

TEST_F(Replacement, RefusesOneWithoutMdmPayload) {
  EXPECT_THAT(offer(profile(kEnrollmentProfile, {wifi()})),
              RefusedWith(kInstallationErrorDomain, 4015));
}

TEST_F(Replacement, RefusesOneThatCannotEnroll) {
  EXPECT_THAT(offer(changed("Topic", "org.example")), RefusedWith(kMdmErrorDomain, 12022));
  EXPECT_THAT(offer(changed("AccessRights", 2)), RefusedWith(kMdmErrorDomain, 12000));
  EXPECT_THAT(offer(changed("IdentityCertificateUUID", "NOBODY")),
              RefusedWith(kMdmErrorDomain, 12016));
  EXPECT_THAT(offer(changed("ServerURL", "http://mdm.example.org/mdm")),
              RefusedWith(kMdmErrorDomain, 12011));
}

TEST_F(Replacement, RefusesAnotherSigner) {
  Enrolled enrolled;
  const plist::Value profile = enrollment_profile(mdm_payload());
  enrolled.device.profiles.front().raw = sign(profile);
  EXPECT_THAT(offer(sign(profile, make_identity("somebody else")), enrolled),
              RefusedWith(kInstallationErrorDomain, 4008));
  EXPECT_THAT(offer(to_xml(profile), enrolled), RefusedWith(kInstallationErrorDomain, 4008));
  EXPECT_THAT(install(enrolled, sign(profile)), Acknowledged());
}

/// Facts 1.21, 1.23: rights may be reduced, and the device checks in again.
TEST_F(Replacement, PutsAValidOneInPlaceAndChecksInAgain) {
  Enrolled enrolled;
  Device& device = enrolled.device;
  device.enrollment->anchors_der = {authority().certificate().der()};  // as by --ca
  const auto rights = mdm::rights::kAll & ~mdm::rights::kErase;
  mdm::MdmPayload next = mdm_payload(rights);
  next.sign_message = true;
  const Outcome outcome = install(enrolled, enrollment_profile(next));
  EXPECT_THAT(outcome, Acknowledged());
  EXPECT_EQ(outcome.then, Outcome::Then::check_in);
  EXPECT_EQ(device.enrollment->mdm.access_rights, rights);
  EXPECT_TRUE(device.enrollment->mdm.sign_message);
  EXPECT_EQ(device.enrollment->push_magic, "MAGIC");
  EXPECT_FALSE(device.enrollment->unlock_token.empty());
  EXPECT_EQ(device.enrollment->anchors_der.size(), 1U);
  ASSERT_EQ(device.profiles.size(), 1U);
  EXPECT_FALSE(device.profiles[0].managed);
  EXPECT_EQ(device.keychain.size(), 1U);
}

TEST_F(Replacement, TakesTheUnlockTokenWithTheRightToIt) {
  Enrolled enrolled;
  const auto rights = mdm::rights::kAll & ~mdm::rights::kLockAndClearPasscode;
  ASSERT_THAT(install(enrolled, enrollment_profile(mdm_payload(rights))), Acknowledged());
  EXPECT_TRUE(enrolled.device.enrollment->unlock_token.empty());
}

}  // namespace
}  // namespace understudy::agent::test
