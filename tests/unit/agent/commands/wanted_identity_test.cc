/// Profiles with SCEP payloads: what InstallProfile wants, and what it makes of it
/// (facts 3.2, 3.12).

#include "shared/scep/scep.h"
#include "tests/unit/agent/commands/profile_samples.h"

namespace understudy::agent::test {
namespace {

using mdm::kInstallationErrorDomain;
using ::testing::HasSubstr;
using ::testing::SizeIs;

plist::Dict scep(const std::string& uuid = "SCEP") {
  plist::Dict out = payload("com.apple.security.scep", uuid);
  out["PayloadContent"] =
      plist::Dict{{"URL", "https://ca.example.org/scep"}, {"Challenge", "open-sesame"}};
  return out;
}

/// The answer to one InstallProfile, with these identities at hand.
Outcome install_with(Enrolled& enrolled, const plist::Value& value,
                     const FetchedIdentities* identities) {
  Surroundings around{*enrolled.clock, enrolled.seed, 1};
  around.identities = identities;
  return perform(enrolled.device, command("InstallProfile", {{"Payload", to_xml(value)}}), around);
}

FetchedIdentities failed(std::error_code code) {
  FetchedIdentities fetched;
  fetched.emplace("SCEP", fail(code, "the CA at ca.example.org"));
  return fetched;
}

TEST(WantedIdentity, IsNamedBeforeAnythingChanges) {
  Enrolled enrolled;
  const Bytes before = serialize(enrolled.device);
  const Outcome outcome = install_with(
      enrolled, profile("org.example.p", {wifi(), root_certificate(), scep()}), nullptr);
  ASSERT_THAT(outcome.wants, SizeIs(1));
  EXPECT_EQ(outcome.wants[0].payload_uuid, "SCEP");
  EXPECT_EQ(outcome.wants[0].payload.url, "https://ca.example.org/scep");
  EXPECT_EQ(outcome.wants[0].payload.challenge, "open-sesame");
  ASSERT_THAT(outcome.wants[0].anchors, SizeIs(1));  // fact 1.17
  EXPECT_EQ(outcome.wants[0].anchors[0], authority().certificate());
  EXPECT_EQ(serialize(enrolled.device), before);
}

TEST(WantedIdentity, IsInTheKeychainOnceItWasFetched) {
  Enrolled enrolled;
  FetchedIdentities fetched;
  fetched.emplace("SCEP", make_identity("from the CA"));
  const Outcome outcome =
      install_with(enrolled, profile("org.example.p", {scep(), wifi()}), &fetched);
  EXPECT_THAT(outcome, Acknowledged());
  EXPECT_THAT(outcome.wants, SizeIs(0));
  const KeychainItem* item = enrolled.device.find_identity("SCEP");
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(item->common_name, "from the CA");
  EXPECT_EQ(item->profile_identifier, "org.example.p");
  EXPECT_FALSE(item->private_key_der.empty());
  EXPECT_NE(enrolled.device.find_profile("org.example.p"), nullptr);
}

/// Fact 1.24: the same bytes again are a new enrollment with the CA.
TEST(WantedIdentity, IsFetchedAnewForTheSameProfile) {
  Enrolled enrolled;
  FetchedIdentities fetched;
  fetched.emplace("SCEP", make_identity("first"));
  const plist::Value same = profile("org.example.p", {scep()});
  ASSERT_THAT(install_with(enrolled, same, &fetched), Acknowledged());
  EXPECT_THAT(install_with(enrolled, same, nullptr).wants, SizeIs(1));
  FetchedIdentities again;
  again.emplace("SCEP", make_identity("second"));
  ASSERT_THAT(install_with(enrolled, same, &again), Acknowledged());
  EXPECT_EQ(enrolled.device.find_identity("SCEP")->common_name, "second");
}

TEST(WantedIdentity, ThatCannotBeHadFailsTheProfileWithAReason) {
  const std::pair<std::error_code, std::int64_t> rows[] = {
      {scep::errc::malformed, 22002}, {scep::errc::fingerprint, 22002},
      {scep::errc::transport, 22005}, {errc::io, 22005},
      {scep::errc::weak_ca, 22006},   {scep::errc::wrong_key, 22007},
      {scep::errc::refused, 22008},   {scep::errc::pending, 22008},
  };
  for (const auto& [code, expected] : rows) {
    Enrolled enrolled;
    const Bytes before = serialize(enrolled.device);
    const FetchedIdentities fetched = failed(code);
    const Outcome outcome = install_with(enrolled, profile("org.example.p", {scep()}), &fetched);
    EXPECT_THAT(outcome, RefusedWith(kInstallationErrorDomain, 4001));
    ASSERT_THAT(outcome.errors, SizeIs(2));
    EXPECT_EQ(outcome.errors[1].domain, "MCSCEPErrorDomain");
    EXPECT_EQ(outcome.errors[1].code, expected) << code.message();
    EXPECT_THAT(outcome.errors[1].description, HasSubstr("ca.example.org"));
    EXPECT_EQ(serialize(enrolled.device), before);
  }
}

TEST(WantedIdentity, NeedsAPayloadThatNamesItsCa) {
  Enrolled enrolled;
  const Outcome outcome =
      install(enrolled, profile("org.example.p", {payload("com.apple.security.scep", "S")}));
  EXPECT_THAT(outcome, RefusedWith(kInstallationErrorDomain, 4001));
  EXPECT_EQ(outcome.errors.at(1).domain, "MCPayloadErrorDomain");
  EXPECT_EQ(outcome.errors.at(1).code, 2002);
}

}  // namespace
}  // namespace understudy::agent::test
