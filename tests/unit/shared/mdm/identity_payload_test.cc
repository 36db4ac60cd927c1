#include "tests/unit/shared/mdm/profiles.h"

namespace understudy::mdm {
namespace {

using plist::Array;
using plist::Dict;
using samples::expect_error;
using ::testing::ElementsAre;

Payload scep(Dict content) {
  content.insert({"URL", "http://ca.example.org/scep"});
  return {.type = "com.apple.security.scep",
          .identifier = "org.example.scep",
          .uuid = "U",
          .display_name = "",
          .body = {{"PayloadContent", std::move(content)}}};
}

TEST(ScepPayload, HasApplesDefaults) {
  const auto payload = parse_scep_payload(scep({}));
  ASSERT_TRUE(payload);
  EXPECT_EQ(payload->url, "http://ca.example.org/scep");
  EXPECT_EQ(payload->key_size, 1024);
  EXPECT_EQ(payload->key_usage, 0);
  EXPECT_EQ(payload->retries, 3);
  EXPECT_EQ(payload->retry_delay, std::chrono::seconds(10));
  EXPECT_TRUE(payload->name.empty());
  EXPECT_TRUE(payload->challenge.empty());
  EXPECT_TRUE(payload->subject.rdns.empty());
  EXPECT_TRUE(payload->alt_names.empty());
  EXPECT_TRUE(payload->ca_fingerprint.empty());
}

/// An array of that one array. Not Array{Array{x}}: compilers differ on whether that is a copy.
Array around(Array inner) {
  Array outer;
  outer.emplace_back(std::move(inner));
  return outer;
}

TEST(ScepPayload, ReadsEverything) {
  const auto payload = parse_scep_payload(
      scep({{"URL", "https://ca/scep?x=1"},
            {"Name", "ca-1"},
            {"Challenge", "c"},
            {"Keysize", 4096},
            {"Key Type", "RSA"},
            {"Key Usage", 5},
            {"Retries", 1},
            {"RetryDelay", 0},
            {"CAFingerprint", Bytes{1, 2}},
            {"Subject", Array{around(Array{"CN", "%HardwareUUID%"}),
                              Array{Array{"2.5.4.5", "S1"}, Array{"1.2.840.113635.100.1", "x"}}}},
            {"SubjectAltName", Dict{{"dNSName", Array{"a", "b"}},
                                    {"rfc822Name", "m@x"},
                                    {"uniformResourceIdentifier", "urn:x"},
                                    {"ntPrincipalName", "p@x"}}}}));
  ASSERT_TRUE(payload) << payload.error().message();
  EXPECT_EQ(payload->url, "https://ca/scep?x=1");
  EXPECT_EQ(payload->name, "ca-1");
  EXPECT_EQ(payload->challenge, "c");
  EXPECT_EQ(payload->key_size, 4096);
  EXPECT_EQ(payload->key_usage, 5);
  EXPECT_EQ(payload->retries, 1);
  EXPECT_EQ(payload->retry_delay, std::chrono::seconds(0));
  EXPECT_EQ(payload->ca_fingerprint, (Bytes{1, 2}));
  const crypto::Name subject{
      {{{"CN", "%HardwareUUID%"}}, {{"2.5.4.5", "S1"}, {"1.2.840.113635.100.1", "x"}}}};
  EXPECT_EQ(payload->subject, subject);
  EXPECT_THAT(payload->alt_names.dns, ElementsAre("a", "b"));
  EXPECT_THAT(payload->alt_names.email, ElementsAre("m@x"));
  EXPECT_THAT(payload->alt_names.uri, ElementsAre("urn:x"));
  EXPECT_THAT(payload->alt_names.nt_principal, ElementsAre("p@x"));
}

TEST(ScepPayload, RefusesWrongValuesAndNamesThem) {
  const auto refused = [](Dict content, errc code, std::string_view text) {
    expect_error(parse_scep_payload(scep(std::move(content))), code, text);
  };
  refused({{"URL", 5}}, errc::wrong_type, "URL is <integer>");
  refused({{"URL", "ftp://x"}}, errc::bad_value, "URL is no http or https URL");
  refused({{"Keysize", "2048"}}, errc::wrong_type, "Keysize is <string>, should be <integer>");
  refused({{"Keysize", 512}}, errc::bad_value, "Keysize is 512");
  refused({{"Key Type", "EC"}}, errc::bad_value, "Key Type is not RSA");
  refused({{"Key Usage", 2}}, errc::bad_value, "Key Usage is 2");
  refused({{"Retries", -1}}, errc::bad_value, "Retries is -1");
  refused({{"RetryDelay", std::int64_t{1} << 40}}, errc::bad_value, "RetryDelay");
  refused({{"CAFingerprint", "AA"}}, errc::wrong_type, "CAFingerprint is <string>");
  refused({{"Challenge", Bytes{}}}, errc::wrong_type, "Challenge is <data>");
  refused({{"SubjectAltName", Array{}}}, errc::wrong_type, "SubjectAltName is <array>");
  refused({{"SubjectAltName", Dict{{"dNSName", 5}}}}, errc::wrong_type, "dNSName is <integer>");
  refused({{"SubjectAltName", Dict{{"dNSName", Array{5}}}}}, errc::wrong_type, "dNSName");
  Payload empty = scep({});
  empty.body.clear();
  expect_error(parse_scep_payload(empty), errc::missing_key,
               "payload org.example.scep (com.apple.security.scep): PayloadContent is missing");
  Payload no_url = scep({});
  no_url.body["PayloadContent"] = Dict{};
  expect_error(parse_scep_payload(no_url), errc::missing_key, "URL is missing");
}

TEST(ScepPayload, WantsThreeLevelsInItsSubject) {
  const Array pair{"CN", "x"};
  for (const plist::Value& subject :
       {plist::Value(Array{"CN=x"}), plist::Value(around(pair)),
        plist::Value(around(around(Array{"CN"}))),
        plist::Value(around(around(Array{"CN", "x", "y"}))),
        plist::Value(around(around(Array{"CN", 5}))), plist::Value(around(around(Array{"", "x"}))),
        plist::Value(around(Array{}))}) {
    expect_error(parse_scep_payload(scep({{"Subject", subject}})), errc::wrong_type,
                 "write it as [[[\"CN\", \"x\"]]");
  }
  expect_error(parse_scep_payload(scep({{"Subject", "CN=x"}})), errc::wrong_type,
               "should be <array>");
  EXPECT_TRUE(parse_scep_payload(scep({{"Subject", Array{}}})));
}

TEST(Pkcs12Payload, ReadsFileAndPassword) {
  Payload payload{.type = "com.apple.security.pkcs12",
                  .identifier = "org.example.p12",
                  .uuid = "U",
                  .display_name = "",
                  .body = {{"PayloadContent", Bytes{1, 2}}, {"Password", "p"}}};
  auto parsed = parse_pkcs12_payload(payload);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->file, (Bytes{1, 2}));
  EXPECT_EQ(parsed->password, "p");
  payload.body.erase("Password");
  EXPECT_EQ(parse_pkcs12_payload(payload)->password, "");
  payload.body["PayloadContent"] = Bytes{};
  expect_error(parse_pkcs12_payload(payload), errc::bad_value, "PayloadContent is empty");
  payload.body["PayloadContent"] = "text";
  expect_error(parse_pkcs12_payload(payload), errc::wrong_type, "PayloadContent is <string>");
}

TEST(ExpandVariables, ReplacesWhatItKnowsOnce) {
  const DeviceVariables mac{"Joe's Mac", "HW-1", "S-1", "host.local", "host", "00:11"};
  EXPECT_EQ(expand_variables("%ComputerName%|%HardwareUUID%|%SerialNumber%|%HostName%|"
                             "%LocalHostName%|%MACAddress%",
                             mac),
            "Joe's Mac|HW-1|S-1|host.local|host|00:11");
  EXPECT_EQ(expand_variables("100% %Other% %SerialNumber", mac), "100% %Other% %SerialNumber");
  EXPECT_EQ(expand_variables("%%SerialNumber%%", mac), "%S-1%");
  EXPECT_EQ(expand_variables("", mac), "");
  EXPECT_EQ(expand_variables("%ComputerName%", {.computer_name = "%SerialNumber%"}),
            "%SerialNumber%");
}

}  // namespace
}  // namespace understudy::mdm
