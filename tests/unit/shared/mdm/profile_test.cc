#include "shared/mdm/profile.h"

#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/shared/crypto/material.h"
#include "tests/unit/shared/mdm/profiles.h"

namespace understudy::mdm {
namespace {

using crypto::test::make_ca;
using crypto::test::make_identity;
using crypto::test::must;
using crypto::test::put;
using plist::Array;
using plist::Dict;
using samples::expect_error;
using samples::payload;
using samples::xml;

Dict two_payloads() {
  Dict out = samples::profile({payload("com.apple.wifi.managed", "A"), payload("x.y", "B")});
  out["PayloadOrganization"] = "Example Org";
  out["PayloadDescription"] = "For tests";
  out["PayloadRemovalDisallowed"] = true;
  return out;
}

void expect_the_two(const Profile& profile) {
  EXPECT_EQ(profile.identifier, "org.example.profile");
  EXPECT_EQ(profile.uuid, "UUID-PROFILE");
  EXPECT_EQ(profile.display_name, "Example");
  EXPECT_EQ(profile.organization, "Example Org");
  EXPECT_EQ(profile.description, "For tests");
  EXPECT_TRUE(profile.removal_disallowed);
  ASSERT_EQ(profile.payloads.size(), 2U);
  EXPECT_EQ(profile.payloads[0].type, "com.apple.wifi.managed");
  EXPECT_EQ(profile.payloads[1].uuid, "B");
  EXPECT_EQ(profile.payloads[1].identifier, "org.example.B");
  EXPECT_TRUE(profile.payloads[1].body.contains("PayloadVersion"));
  EXPECT_FALSE(profile.top.contains("PayloadContent"));
}

TEST(ParseProfile, ReadsXmlAndBinary) {
  const Bytes text = xml(two_payloads());
  const auto from_xml = parse_profile(text);
  ASSERT_TRUE(from_xml) << from_xml.error().message();
  expect_the_two(*from_xml);
  EXPECT_TRUE(from_xml->signers.empty());
  EXPECT_FALSE(from_xml->encrypted);
  EXPECT_EQ(from_xml->raw, text);
  const auto from_binary = parse_profile(must(plist::write_binary(two_payloads())));
  ASSERT_TRUE(from_binary) << from_binary.error().message();
  expect_the_two(*from_binary);
}

TEST(ParseProfile, ReadsASignedOneAndNamesTheSigner) {
  const auto ca = make_ca();
  const auto signer = make_identity(ca, crypto::KeyType::p256);
  for (const bool ber : {false, true}) {
    crypto::cms::SignOptions options;
    options.extra_certificates = {ca.certificate()};
    options.indefinite_length = ber;
    const Bytes message = must(crypto::cms::sign(xml(two_payloads()), signer, options));
    const auto profile = parse_profile(message);
    ASSERT_TRUE(profile) << profile.error().message();
    expect_the_two(*profile);
    ASSERT_EQ(profile->signers.size(), 2U);
    EXPECT_EQ(profile->signers[0], signer.certificate);
    EXPECT_EQ(profile->signers[1], ca.certificate());
    EXPECT_EQ(profile->raw, message);
  }
}

TEST(ParseProfile, ReadsOneSignedByOpenssl) {
  const support::TempDir dir;
  const auto signer = make_identity(make_ca(), crypto::KeyType::rsa_2048);
  const auto result = support::run({"openssl", "cms", "-sign", "-nodetach", "-binary", "-in",
                                    put(dir / "in", xml(two_payloads())), "-signer",
                                    put(dir / "cert", signer.certificate.pem()), "-inkey",
                                    put(dir / "key", signer.key.pem()), "-outform", "DER"});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto profile = parse_profile(as_bytes(result.out));
  ASSERT_TRUE(profile) << profile.error().message();
  expect_the_two(*profile);
}

TEST(ParseProfile, RefusesAChangedSignedOne) {
  const auto signer = make_identity(make_ca(), crypto::KeyType::p256);
  Bytes message = must(crypto::cms::sign(xml(two_payloads()), signer));
  const std::string_view text = as_text(message);
  const std::size_t at = text.find("Example Org");
  ASSERT_NE(at, std::string_view::npos);
  message[at] = 'e';
  expect_error(parse_profile(message), errc::bad_signature, "profile: its CMS signature");
  message.resize(message.size() / 2);
  expect_error(parse_profile(message), errc::bad_signature, "sign the profile again");
}

TEST(ParseProfile, DecryptsForTheGivenIdentity) {
  const auto ca = make_ca();
  const auto device = make_identity(ca, crypto::KeyType::rsa_2048);
  const auto stranger = make_identity(ca, crypto::KeyType::rsa_2048, "stranger");
  Dict top = two_payloads();
  const Bytes content = xml(top["PayloadContent"]);
  top.erase("PayloadContent");
  top["IsEncrypted"] = true;
  top["EncryptedPayloadContent"] =
      must(crypto::cms::encrypt(content, device.certificate, crypto::cms::Cipher::aes_256_cbc));

  const auto profile = parse_profile(xml(top), &device);
  ASSERT_TRUE(profile) << profile.error().message();
  expect_the_two(*profile);
  EXPECT_TRUE(profile->encrypted);
  expect_error(parse_profile(xml(top)), errc::bad_value, "send the profile unencrypted");
  expect_error(parse_profile(xml(top), &stranger), errc::bad_value, "cannot be decrypted");
  top["EncryptedPayloadContent"] =
      must(crypto::cms::encrypt(xml(Dict{}), device.certificate, crypto::cms::Cipher::aes_256_cbc));
  expect_error(parse_profile(xml(top), &device), errc::wrong_type, "holds <dictionary>");
  top["EncryptedPayloadContent"] = must(crypto::cms::encrypt(as_bytes("noise"), device.certificate,
                                                             crypto::cms::Cipher::aes_256_cbc));
  expect_error(parse_profile(xml(top), &device), errc::not_a_plist, "EncryptedPayloadContent");
}

TEST(ParseProfile, RefusesWhatIsNoPropertyList) {
  expect_error(parse_profile({}), errc::not_a_plist, "give an XML or binary property list");
  expect_error(parse_profile(as_bytes("hello")), errc::not_a_plist, "profile: ");
  expect_error(parse_profile(as_bytes("<!DOCTYPE html><html><body>404</body></html>")),
               errc::not_a_plist, "this is a web page");
  expect_error(parse_profile(as_bytes("<plist><dict><key>PayloadType</key>")), errc::not_a_plist,
               "line 1");
  expect_error(parse_profile(xml(Array{})), errc::wrong_type, "the top level is <array>");
}

TEST(ParseProfile, RefusesAPlistAMillionLevelsDeep) {
  std::string text = "<plist version=\"1.0\">";
  for (int i = 0; i < 1'000'000; ++i) text += "<array>";
  expect_error(parse_profile(as_bytes(text)), errc::not_a_plist, "profile: ");
}

TEST(ParseProfile, RefusesAHundredMegabytes) {
  expect_error(parse_profile(Bytes(100'000'000, ' ')), errc::bad_value, "profile: 100000000 bytes");
}

TEST(ParseProfile, KeepsAnErrorOneLineWhateverTheProfileSays) {
  Dict top = samples::profile({payload("a", "A\nB"), payload("b", "A\nB")});
  top["PayloadIdentifier"] = std::string(5000, 'x') + "\n";
  const auto profile = parse_profile(xml(top));
  expect_error(profile, errc::bad_value, "PayloadUUID A?B is used twice");
  EXPECT_LT(profile.error().message().size(), 300U);
}

TEST(ParseProfile, NamesTheHeaderThatIsMissing) {
  for (const char* key :
       {"PayloadType", "PayloadIdentifier", "PayloadUUID", "PayloadVersion", "PayloadContent"}) {
    Dict top = two_payloads();
    top.erase(key);
    expect_error(parse_profile(xml(top)), errc::missing_key, std::string(key) + " is missing");
    top[key] = 0.5;
    expect_error(parse_profile(xml(top)), errc::wrong_type, std::string(key) + " is <real>");
  }
  Dict top = two_payloads();
  top["PayloadVersion"] = 2;
  expect_error(parse_profile(xml(top)), errc::bad_value, "PayloadVersion is not 1");
  top = two_payloads();
  top["PayloadType"] = "Profile Service";
  expect_error(parse_profile(xml(top)), errc::bad_value, "give the enrollment profile itself");
  top = two_payloads();
  top["PayloadRemovalDisallowed"] = "no";
  expect_error(parse_profile(xml(top)), errc::wrong_type, "PayloadRemovalDisallowed is <string>");
}

TEST(ParseProfile, NamesThePayloadThatIsWrong) {
  for (const char* key : {"PayloadType", "PayloadIdentifier", "PayloadUUID", "PayloadVersion"}) {
    Dict broken = payload("x.y", "B");
    broken.erase(key);
    expect_error(parse_profile(xml(samples::profile({payload("a.b", "A"), broken}))),
                 errc::missing_key,
                 "profile org.example.profile: PayloadContent[1]: " + std::string(key));
  }
  expect_error(parse_profile(xml(samples::profile({"text"}))), errc::wrong_type,
               "PayloadContent[0] is <string>");
  expect_error(parse_profile(xml(samples::profile({payload("a", "A"), payload("b", "A")}))),
               errc::bad_value, "PayloadContent[1]: PayloadUUID A is used twice");
}

Dict with_certificate(const char* type, const char* uuid, Bytes content) {
  Dict out = payload(type, uuid);
  out["PayloadContent"] = std::move(content);
  return out;
}

TEST(CertificatesOf, TakesEveryKindOfCertificatePayload) {
  const auto one = make_ca("One").certificate();
  const auto two = make_ca("Two").certificate();
  const auto three = make_ca("Three").certificate();
  const auto profile = must(parse_profile(xml(samples::profile(
      {with_certificate("com.apple.security.root", "A", one.der()),
       with_certificate("com.apple.security.pkcs1", "B", to_bytes(two.pem())),
       payload("com.apple.wifi.managed", "C"),
       with_certificate("com.apple.security.pem", "D", to_bytes(three.pem() + one.pem()))}))));
  EXPECT_EQ(must(certificates_of(profile)), (std::vector{one, two, three, one}));
}

TEST(CertificatesOf, NamesThePayloadWithoutOne) {
  const auto broken = must(parse_profile(xml(samples::profile(
      {with_certificate("com.apple.security.root", "A", to_bytes("no certificate"))}))));
  expect_error(certificates_of(broken), errc::bad_value,
               "payload org.example.A (com.apple.security.root): PayloadContent is no certificate");
  const auto empty =
      must(parse_profile(xml(samples::profile({payload("com.apple.security.pem", "A")}))));
  expect_error(certificates_of(empty), errc::missing_key, "PayloadContent is missing");
}

}  // namespace
}  // namespace understudy::mdm
