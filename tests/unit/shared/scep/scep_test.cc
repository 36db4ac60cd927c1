#include "shared/scep/scep.h"

#include <gtest/gtest.h>

#include "shared/scep/responder.h"

namespace understudy::scep {
namespace {

TEST(Capabilities, ReadsWhatServersSend) {
  const auto read =
      Capabilities::parse("POSTPKIOperation\r\nRenewal\r\n\r\n  SHA-512 \nsha-256\nAES");
  EXPECT_EQ(read.keywords.size(), 5U);
  EXPECT_TRUE(read.post());
  EXPECT_TRUE(read.has("aes"));
  EXPECT_TRUE(read.has("SHA-256"));
  EXPECT_FALSE(read.has("SHA-1"));
  EXPECT_FALSE(read.has("SHA"));
  EXPECT_TRUE(Capabilities::parse("").keywords.empty());
  EXPECT_TRUE(Capabilities::parse("SCEPStandard").post());
  EXPECT_FALSE(Capabilities::parse("AES").post());
}

TEST(Capabilities, SurvivesItsText) {
  const auto capabilities = ResponderOptions::default_capabilities();
  EXPECT_EQ(Capabilities::parse(capabilities.text()).keywords, capabilities.keywords);
}

TEST(Capabilities, ChoosesTheStrongestCommonAlgorithms) {
  using crypto::Digest;
  using crypto::cms::Cipher;
  const auto digest = [](std::string_view text) { return Capabilities::parse(text).digest(); };
  const auto cipher = [](std::string_view text) { return Capabilities::parse(text).cipher(); };
  EXPECT_EQ(*digest("SHA-1\nSHA-256\nSHA-512"), Digest::sha256);
  EXPECT_EQ(*digest("SHA-1\nSHA-512"), Digest::sha512);
  EXPECT_EQ(*digest("SHA-1"), Digest::sha1);
  EXPECT_EQ(*digest("SCEPStandard"), Digest::sha256);
  EXPECT_EQ(digest("AES").error().code, errc::weak_ca);
  EXPECT_EQ(*cipher("DES3\nAES"), Cipher::aes_128_cbc);
  EXPECT_EQ(*cipher("DES3"), Cipher::des3_cbc);
  EXPECT_EQ(*cipher("SCEPStandard"), Cipher::aes_128_cbc);
  EXPECT_EQ(cipher("SHA-256\nDES").error().code, errc::weak_ca);
}

TEST(FailInfo, HasTheNamesOfTheRfc) {
  EXPECT_EQ(fail_info_name(FailInfo::bad_alg), "badAlg");
  EXPECT_EQ(fail_info_name(FailInfo::bad_message_check), "badMessageCheck");
  EXPECT_EQ(fail_info_name(FailInfo::bad_request), "badRequest");
  EXPECT_EQ(fail_info_name(FailInfo::bad_time), "badTime");
  EXPECT_EQ(fail_info_name(FailInfo::bad_cert_id), "badCertId");
}

}  // namespace
}  // namespace understudy::scep
