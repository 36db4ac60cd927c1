#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/command.h"
#include "tests/unit/shared/crypto/material.h"
#include "tests/unit/shared/mdm/profiles.h"

namespace understudy::mdm {
namespace {

using crypto::test::make_ca;
using crypto::test::must;
using plist::Array;
using plist::Dict;
using samples::expect_error;
using samples::mdm_payload;
using samples::scep_payload;
using samples::xml;
using ::testing::ElementsAre;

Result<EnrollmentProfile> parse(Array payloads, const EnrollmentRules& rules = {}) {
  return parse_enrollment_profile(xml(samples::profile(std::move(payloads))), rules);
}

/// With one key of the MDM payload set to something else.
Result<EnrollmentProfile> with(const char* key, plist::Value value,
                               const EnrollmentRules& rules = {}) {
  Dict mdm = mdm_payload();
  mdm[key] = std::move(value);
  return parse({scep_payload(), mdm}, rules);
}

TEST(EnrollmentProfile, ReadsTheMdmPayloadWithItsDefaults) {
  Dict plain = mdm_payload();
  plain.erase("AccessRights");
  const auto profile = parse({scep_payload(), plain});
  ASSERT_TRUE(profile) << profile.error().message();
  const MdmPayload& mdm = profile->mdm;
  EXPECT_EQ(mdm.server_url, "https://mdm.example.org/mdm");
  EXPECT_EQ(mdm.checkin_url, mdm.server_url);
  EXPECT_EQ(mdm.topic, "com.apple.mgmt.External.1");
  EXPECT_EQ(mdm.access_rights, 8191U);
  EXPECT_FALSE(mdm.check_out_when_removed);
  EXPECT_FALSE(mdm.sign_message);
  EXPECT_FALSE(mdm.use_development_apns);
  EXPECT_TRUE(mdm.server_capabilities.empty());
  EXPECT_EQ(std::get<ScepPayload>(profile->identity).key_size, 2048);
  EXPECT_TRUE(profile->anchors.empty());
}

TEST(EnrollmentProfile, ReadsEveryKeyOfTheMdmPayload) {
  Dict full = mdm_payload();
  full.insert({{"CheckInURL", "HTTPS://mdm.example.org:8443/checkin"},
               {"CheckOutWhenRemoved", true},
               {"SignMessage", true},
               {"UseDevelopmentAPNS", true},
               {"ServerCapabilities", Array{"com.apple.mdm.token"}}});
  full["AccessRights"] = 3;
  const auto profile = parse({full, scep_payload()});
  ASSERT_TRUE(profile) << profile.error().message();
  EXPECT_EQ(profile->mdm.checkin_url, "HTTPS://mdm.example.org:8443/checkin");
  EXPECT_EQ(profile->mdm.access_rights, 3U);
  EXPECT_TRUE(profile->mdm.check_out_when_removed);
  EXPECT_TRUE(profile->mdm.sign_message);
  EXPECT_TRUE(profile->mdm.use_development_apns);
  EXPECT_THAT(profile->mdm.server_capabilities, ElementsAre("com.apple.mdm.token"));
}

TEST(EnrollmentProfile, FindsTheIdentityByUuidAndNotByOrder) {
  Dict other = scep_payload();
  other["PayloadUUID"] = "UUID-OTHER";
  other["PayloadContent"] = Dict{{"URL", "http://wrong.example.org"}};
  Dict pkcs12 = samples::payload("com.apple.security.pkcs12", "UUID-P12");
  pkcs12["PayloadContent"] = Bytes{1};
  Dict mdm = mdm_payload();
  auto profile = parse({other, pkcs12, mdm, scep_payload()});
  ASSERT_TRUE(profile) << profile.error().message();
  EXPECT_EQ(std::get<ScepPayload>(profile->identity).url, "http://ca.example.org/scep");
  mdm["IdentityCertificateUUID"] = "UUID-P12";
  profile = parse({other, pkcs12, mdm, scep_payload()});
  ASSERT_TRUE(profile) << profile.error().message();
  EXPECT_EQ(std::get<Pkcs12Payload>(profile->identity).file, Bytes{1});
}

TEST(EnrollmentProfile, IsTrustedThroughItsOwnCertificates) {
  const auto anchor = make_ca().certificate();
  Dict root = samples::payload("com.apple.security.root", "UUID-ROOT");
  root["PayloadContent"] = anchor.der();
  const auto profile = parse({mdm_payload(), scep_payload(), root});
  ASSERT_TRUE(profile);
  EXPECT_THAT(profile->anchors, ElementsAre(anchor));
}

TEST(EnrollmentProfile, RefusesNoneOrTwoMdmPayloads) {
  expect_error(parse({scep_payload()}), errc::no_mdm_payload,
               "profile org.example.profile: none of its 1 payloads is com.apple.mdm");
  Dict second = mdm_payload();
  second["PayloadUUID"] = "UUID-2";
  expect_error(parse({mdm_payload(), scep_payload(), second}), errc::two_mdm_payloads,
               "are both com.apple.mdm");
}

TEST(EnrollmentProfile, RefusesPlainHttpUnlessAllowed) {
  for (const char* key : {"ServerURL", "CheckInURL"}) {
    expect_error(with(key, "http://mdm.example.org/mdm?secret=1"), errc::insecure_url,
                 std::string(key) + " is plain http: http://mdm.example.org/mdm");
    EXPECT_TRUE(with(key, "http://mdm.example.org/mdm", {.allow_http = true}));
  }
  for (const char* url : {"", "mdm.example.org", "ftp://x/", "https://", "https:///path",
                          "https://?x", "https:/host", "file:///etc/passwd"}) {
    expect_error(with("ServerURL", url, {.allow_http = true}), errc::bad_value,
                 "ServerURL is no https URL");
  }
}

TEST(EnrollmentProfile, RefusesAnIdentityThatResolvesToNothing) {
  expect_error(with("IdentityCertificateUUID", "UUID-NOBODY"), errc::no_identity,
               "IdentityCertificateUUID UUID-NOBODY is the PayloadUUID of no payload");
  expect_error(with("IdentityCertificateUUID", "UUID-MDM"), errc::no_identity,
               "is a payload of type com.apple.mdm");
  Dict mdm = mdm_payload();
  mdm["IdentityCertificateUUID"] = "UUID-ACME";
  expect_error(parse({mdm, samples::payload("com.apple.security.acme", "UUID-ACME")}),
               errc::no_identity, "use SCEP or PKCS#12");
  Dict broken = scep_payload();
  broken["PayloadContent"] = Dict{};
  expect_error(parse({mdm_payload(), broken}), errc::missing_key, "URL is missing");
}

TEST(EnrollmentProfile, RefusesATopicThatIsNone) {
  expect_error(with("Topic", "com.example.push"), errc::bad_topic,
               "should begin with com.apple.mgmt.");
  expect_error(with("Topic", "com.apple.mgmt."), errc::bad_topic, "and go on");
  expect_error(with("Topic", ""), errc::bad_topic, "has probably no push certificate yet");
}

TEST(EnrollmentProfile, RefusesImpossibleRights) {
  for (const std::int64_t rights : {0L, 2L, 128L, 8192L, -1L}) {
    expect_error(with("AccessRights", rights), errc::bad_rights,
                 "payload com.apple.mdm: AccessRights " + std::to_string(rights));
  }
  expect_error(with("AccessRights", "8191"), errc::wrong_type, "AccessRights is <string>");
}

TEST(EnrollmentProfile, NamesTheKeyThatIsMissingOrOfAnotherType) {
  for (const char* key : {"ServerURL", "Topic", "IdentityCertificateUUID"}) {
    Dict mdm = mdm_payload();
    mdm.erase(key);
    expect_error(
        parse({mdm, scep_payload()}), errc::missing_key,
        "payload org.example.UUID-MDM (com.apple.mdm): " + std::string(key) + " is missing");
    expect_error(with(key, 5), errc::wrong_type, std::string(key) + " is <integer>");
  }
  for (const char* key : {"CheckOutWhenRemoved", "SignMessage", "UseDevelopmentAPNS"})
    expect_error(with(key, "yes"), errc::wrong_type, std::string(key) + " is <string>");
  expect_error(with("ServerCapabilities", "x"), errc::wrong_type, "ServerCapabilities");
  expect_error(with("ServerCapabilities", Array{1}), errc::wrong_type, "array of <string>");
}

EnrollmentProfileSpec spec() {
  EnrollmentProfileSpec out;
  out.identifier = "org.example.enroll";
  out.display_name = "Example MDM";
  out.organization = "Example & Sons";
  out.profile_uuid = "UUID-P";
  out.mdm_uuid = "UUID-M";
  out.identity_uuid = "UUID-I";
  out.mdm = {.server_url = "https://mdm.example.org/mdm",
             .checkin_url = "https://mdm.example.org/checkin",
             .topic = "com.apple.mgmt.External.1",
             .identity_uuid = "",
             .access_rights = 8191,
             .check_out_when_removed = true,
             .sign_message = true,
             .use_development_apns = false,
             .server_capabilities = {"com.apple.mdm.per-user-connections"},
             .server_url_pins = {"UUID-PIN"},
             .checkin_url_pins = {"UUID-PIN", "UUID-OTHER"},
             .pinning_revocation_check = true};
  ScepPayload scep;
  scep.url = "https://mdm.example.org/scep";
  scep.name = "ca";
  scep.challenge = "challenge";
  scep.key_size = 2048;
  scep.key_usage = 5;
  scep.subject = {{{{"CN", "%HardwareUUID%"}}, {{"2.5.4.5", "%SerialNumber%"}}}};
  scep.alt_names.dns = {"a.example.org"};
  scep.retries = 5;
  scep.retry_delay = std::chrono::seconds(7);
  scep.ca_fingerprint = {1, 2, 3};
  out.identity = scep;
  out.anchors = {make_ca("One").certificate(), make_ca("Two").certificate()};
  return out;
}

TEST(MakeEnrollmentProfile, IsReadBackAsItWasMeant) {
  const EnrollmentProfileSpec in = spec();
  const auto value = make_enrollment_profile(in);
  ASSERT_TRUE(value) << value.error().message();
  const auto out = parse_enrollment_profile(xml(*value));
  ASSERT_TRUE(out) << out.error().message();
  EXPECT_EQ(out->profile.identifier, in.identifier);
  EXPECT_EQ(out->profile.uuid, in.profile_uuid);
  EXPECT_EQ(out->profile.organization, in.organization);
  EXPECT_EQ(out->mdm.server_url, in.mdm.server_url);
  EXPECT_EQ(out->mdm.checkin_url, in.mdm.checkin_url);
  EXPECT_EQ(out->mdm.topic, in.mdm.topic);
  EXPECT_EQ(out->mdm.identity_uuid, in.identity_uuid);
  EXPECT_TRUE(out->mdm.check_out_when_removed);
  EXPECT_TRUE(out->mdm.sign_message);
  EXPECT_EQ(out->mdm.server_capabilities, in.mdm.server_capabilities);
  EXPECT_EQ(out->mdm.server_url_pins, in.mdm.server_url_pins);
  EXPECT_EQ(out->mdm.checkin_url_pins, in.mdm.checkin_url_pins);
  EXPECT_TRUE(out->mdm.pinning_revocation_check);
  EXPECT_EQ(out->anchors, in.anchors);
  const auto& want = std::get<ScepPayload>(in.identity);
  const auto& scep = std::get<ScepPayload>(out->identity);
  EXPECT_EQ(scep.url, want.url);
  EXPECT_EQ(scep.name, want.name);
  EXPECT_EQ(scep.challenge, want.challenge);
  EXPECT_EQ(scep.subject, want.subject);
  EXPECT_EQ(scep.alt_names.dns, want.alt_names.dns);
  EXPECT_EQ(scep.key_size, want.key_size);
  EXPECT_EQ(scep.key_usage, want.key_usage);
  EXPECT_EQ(scep.retries, want.retries);
  EXPECT_EQ(scep.retry_delay, want.retry_delay);
  EXPECT_EQ(scep.ca_fingerprint, want.ca_fingerprint);
  EXPECT_EQ(*make_enrollment_profile(in), *value);
}

TEST(MakeEnrollmentProfile, LeavesOutACheckInUrlThatSaysNothing) {
  EnrollmentProfileSpec in = spec();
  in.mdm.checkin_url = in.mdm.server_url;
  const auto value = make_enrollment_profile(in);
  ASSERT_TRUE(value);
  EXPECT_THAT(must(plist::write_xml(*value)), ::testing::Not(::testing::HasSubstr("CheckInURL")));
}

TEST(MakeEnrollmentProfile, CarriesAPkcs12Identity) {
  EnrollmentProfileSpec in = spec();
  in.identity = Pkcs12Payload{Bytes{1, 2, 3}, "p&ss"};
  const auto out = parse_enrollment_profile(xml(must(make_enrollment_profile(in))));
  ASSERT_TRUE(out) << out.error().message();
  EXPECT_EQ(std::get<Pkcs12Payload>(out->identity).file, (Bytes{1, 2, 3}));
  EXPECT_EQ(std::get<Pkcs12Payload>(out->identity).password, "p&ss");
}

TEST(MakeEnrollmentProfile, IsAPropertyListToPlistutil) {
  const auto value = must(make_enrollment_profile(spec()));
  const auto binary = support::run({"plistutil", "-i", "-", "-f", "bin"}, to_text(xml(value)));
  ASSERT_EQ(binary.status, 0) << binary.err;
  EXPECT_EQ(must(plist::read_binary(as_bytes(binary.out))), value);
}

TEST(MakeEnrollmentProfile, RefusesWhatADeviceWouldRefuse) {
  EnrollmentProfileSpec in = spec();
  in.mdm.topic = "";
  expect_error(make_enrollment_profile(in), errc::bad_topic, "making the enrollment profile: ");
  in = spec();
  in.mdm.access_rights = 2;
  expect_error(make_enrollment_profile(in), errc::bad_rights, "add 1");
  in = spec();
  in.mdm_uuid = in.identity_uuid;
  expect_error(make_enrollment_profile(in), errc::bad_value, "is used twice");
}

std::string filled_in_sample(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream stream;
  stream << in.rdbuf();
  std::string text = stream.str();
  const std::pair<std::string, std::string> replacements[] = {
      {"https://mdm.example.org/", "https://127.0.0.1:8443/"},
      {"SCEP-CHALLENGE-HERE", "challenge"},
      {"YOUR-PUSH-TOPIC-HERE", "0a1b2c3d"}};
  for (const auto& [from, to] : replacements) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
      text.replace(at, from.size(), to);
  }
  return text;
}

TEST(EnrollmentProfile, ReadsTheSampleOfAWellKnownServer) {
  const auto file = std::filesystem::path(UNDERSTUDY_SOURCE_DIR).parent_path() / "shared" /
                    "samples" / "nanomdm-enroll.mobileconfig";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no sample at " << file;
  const std::string text = filled_in_sample(file);
  const auto profile = parse_enrollment_profile(as_bytes(text));
  ASSERT_TRUE(profile) << profile.error().message();
  EXPECT_EQ(profile->mdm.server_url, "https://127.0.0.1:8443/mdm");
  EXPECT_EQ(profile->mdm.topic, "com.apple.mgmt.External.0a1b2c3d");
  EXPECT_TRUE(profile->mdm.sign_message);
  EXPECT_TRUE(profile->mdm.check_out_when_removed);
  EXPECT_EQ(profile->mdm.server_capabilities.size(), 3U);
  const auto& scep = std::get<ScepPayload>(profile->identity);
  EXPECT_EQ(scep.url, "https://127.0.0.1:8443/scep");
  EXPECT_EQ(scep.challenge, "challenge");
  EXPECT_EQ(scep.key_usage, 5);
}

}  // namespace
}  // namespace understudy::mdm
