#include "shared/mdm/signature.h"

#include <gmock/gmock.h>

#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/shared/crypto/material.h"

namespace understudy::mdm {
namespace {

using crypto::test::make_ca;
using crypto::test::make_identity;
using crypto::test::put;
using ::testing::HasSubstr;

class Signature : public ::testing::Test {
 protected:
  const crypto::CertificateAuthority ca_ = make_ca();
  const crypto::Identity device_ = make_identity(ca_, crypto::KeyType::rsa_2048);
  const std::string body_ = "<plist>the exact bytes\n</plist>";
};

TEST_F(Signature, NamesTheCertificateThatSigned) {
  const auto header = make_signature(body_, device_);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->find_first_of("\r\n"), std::string::npos);  // it goes into an HTTP header
  const auto signer = verify_signature(body_, *header);
  ASSERT_TRUE(signer) << signer.error().message();
  EXPECT_EQ(*signer, device_.certificate);
}

TEST_F(Signature, IsAcceptedByOpenssl) {
  const support::TempDir dir;
  const auto header = make_signature(body_, device_);
  ASSERT_TRUE(header);
  const auto message = put(dir / "signature.der", *base64_decode(*header));
  const auto content = put(dir / "body", body_);
  const auto anchor = put(dir / "ca.pem", ca_.certificate().pem());
  // -no_check_time: the test's certificates live in the test's year
  const auto result = support::run({"openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in",
                                    message, "-content", content, "-CAfile", anchor, "-purpose",
                                    "any", "-no_check_time", "-out", (dir / "out").string()});
  EXPECT_EQ(result.status, 0) << result.err;
}

TEST_F(Signature, OfOpensslIsAccepted) {
  const support::TempDir dir;
  const auto certificate = put(dir / "cert.pem", device_.certificate.pem());
  const auto key = put(dir / "key.pem", device_.key.pem());
  const auto content = put(dir / "body", body_);
  const auto result = support::run({"openssl", "cms", "-sign", "-binary", "-in", content, "-signer",
                                    certificate, "-inkey", key, "-outform", "DER"});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto signer = verify_signature(body_, base64_encode(as_bytes(result.out)));
  ASSERT_TRUE(signer) << signer.error().message();
  EXPECT_EQ(*signer, device_.certificate);
}

TEST_F(Signature, IsRefusedWithTheReason) {
  const std::string good = make_signature(body_, device_).value();
  const auto refused = [](std::string_view body, std::string_view header, const char* why) {
    const auto signer = verify_signature(body, header);
    ASSERT_FALSE(signer) << why;
    EXPECT_EQ(signer.error().code, errc::bad_signature);
    EXPECT_THAT(signer.error().message(), HasSubstr(why));
  };
  refused(body_ + " ", good, "over other bytes than this body");
  refused(body_, "", "is no base64");
  refused(body_, "%%%", "is no base64");
  refused(body_, base64_encode(as_bytes("text")), "is no CMS SignedData");
  refused(body_, good.substr(0, good.size() / 8 * 4), "is no CMS SignedData");
}

}  // namespace
}  // namespace understudy::mdm
