#include "shared/crypto/name.h"

#include <gtest/gtest.h>

#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/shared/crypto/material.h"

namespace understudy::crypto {
namespace {

using support::run;
using support::TempDir;
using test::code_of;
using test::must;
using test::put;

Name round_trip(const Name& name) {
  const PrivateKey key = must(PrivateKey::generate(KeyType::p256));
  CertificateRequest::Options options;
  options.subject = name;
  return must(CertificateRequest::create(key, options)).subject();
}

TEST(Name, FindsByShortNameAndByOid) {
  const Name name = Name::of({{"CN", "first"}, {"2.5.4.5", "C02X"}, {"CN", "second"}});
  EXPECT_EQ(name.find("CN"), "first");
  EXPECT_EQ(name.find("2.5.4.3"), "first");
  EXPECT_EQ(name.find("serialNumber"), "C02X");
  EXPECT_EQ(name.find("UID"), std::nullopt);
  EXPECT_EQ(Name::of({{"UID", "com.apple.mgmt.x"}}).find(kUidOid), "com.apple.mgmt.x");
  EXPECT_EQ(name.find("no such attribute"), std::nullopt);
}

TEST(Name, WritesTextForPeople) {
  EXPECT_EQ(Name::of({{"CN", "x"}, {"O", "y"}}).text(), "CN=x, O=y");
  const Name multi{{{{"CN", "a"}, {"serialNumber", "b"}}, {{"O", "c"}}}};
  EXPECT_EQ(multi.text(), "CN=a+serialNumber=b, O=c");
  EXPECT_EQ(Name::of({{"CN", " a,b+c\\\" "}}).text(), "CN=\\ a\\,b\\+c\\\\\\\"\\ ");
  EXPECT_EQ(Name::of({{"CN", "#a\nb"}}).text(), "CN=\\#a\\0ab");
  EXPECT_EQ(Name{}.text(), "");
}

TEST(Name, SurvivesEncodingWhenRdnsHaveSeveralAttributes) {
  const Name name{{{{"CN", "Müller 日本"}, {"serialNumber", "C02X"}},
                   {{"UID", "com.apple.mgmt.External.1"}},
                   {{"1.2.3.4.5.6.7", "own attribute"}},
                   {{"C", "DE"}}}};
  // A set has no order of its own: DER sorts it.
  const Name read = round_trip(name);
  ASSERT_EQ(read.rdns.size(), 4U);
  EXPECT_EQ(read.rdns[0].size(), 2U);
  EXPECT_EQ(read.find("CN"), "Müller 日本");
  EXPECT_EQ(read.find("serialNumber"), "C02X");
  EXPECT_EQ(read.rdns[1], name.rdns[1]);
  EXPECT_EQ(read.rdns[2], name.rdns[2]);
  EXPECT_EQ(read.rdns[3], name.rdns[3]);
}

TEST(Name, TakesValuesThatTheStandardWouldNot) {
  // Zentral binds a session in a long CN; variables may expand to nothing.
  const Name name = Name::of({{"CN", "MDM$" + std::string(200, 's')},
                              {"O", ""},
                              {"C", "Germany"},
                              {"serialNumber", "under_score*"}});
  EXPECT_EQ(round_trip(name), name);
}

TEST(Name, RefusesWhatCannotBeWritten) {
  EXPECT_EQ(code_of(name_der(Name::of({{"NoSuchThing", "x"}}))), errc::malformed);
  EXPECT_EQ(code_of(name_der(Name::of({{"", "x"}}))), errc::malformed);
  EXPECT_EQ(code_of(name_der(Name::of({{"CN", "\xff\xfe"}}))), errc::malformed);
  EXPECT_NE(name_der(Name::of({{"NoSuchThing", "x"}})).error().message().find("NoSuchThing"),
            std::string::npos);
}

TEST(Name, IsReadByOpenssl) {
  const Name name{{{{"CN", "x"}, {"serialNumber", "y"}}, {{"2.5.4.10", "Ünder"}}}};
  CertificateRequest::Options options;
  options.subject = name;
  const PrivateKey key = must(PrivateKey::generate(KeyType::p256));
  const auto text = run({"openssl", "req", "-noout", "-subject", "-nameopt",
                         "RFC2253,-esc_msb,utf8", "-in", "/dev/stdin"},
                        must(CertificateRequest::create(key, options)).pem());
  EXPECT_EQ(text.out, "subject=O=Ünder,serialNumber=y+CN=x\n") << text.err;
}

}  // namespace
}  // namespace understudy::crypto
