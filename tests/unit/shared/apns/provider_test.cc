#include "shared/apns/provider.h"

#include <gtest/gtest.h>

#include "shared/apns/frame.h"
#include "tests/unit/shared/apns/golden.h"

namespace understudy::apns {
namespace {

TEST(Reason, NamesAreFoundAgainAndStatusesAreHttpErrors) {
  for (int i = 0; i <= static_cast<int>(Reason::shutdown); ++i) {
    const auto reason = static_cast<Reason>(i);
    EXPECT_EQ(reason_from_name(reason_name(reason)), reason);
    EXPECT_GE(reason_status(reason), 400);
  }
  EXPECT_EQ(reason_from_name("badDeviceToken"), std::nullopt);
  EXPECT_EQ(reason_from_name(""), std::nullopt);
}

TEST(Reason, StatusesAreTheDocumentedOnes) {
  EXPECT_EQ(reason_status(Reason::bad_device_token), 400);
  EXPECT_EQ(reason_name(Reason::bad_device_token), "BadDeviceToken");
  EXPECT_EQ(reason_status(Reason::bad_certificate), 403);
  EXPECT_EQ(reason_status(Reason::bad_path), 404);
  EXPECT_EQ(reason_status(Reason::method_not_allowed), 405);
  EXPECT_EQ(reason_status(Reason::unregistered), 410);
  EXPECT_EQ(reason_status(Reason::payload_too_large), 413);
  EXPECT_EQ(reason_status(Reason::too_many_requests), 429);
  EXPECT_EQ(reason_status(Reason::internal_server_error), 500);
  EXPECT_EQ(reason_status(Reason::shutdown), 503);
}

TEST(MdmPayload, IsExactlyTheMagic) {
  EXPECT_EQ(mdm_payload("00000000-0000-4000-8000-000000000000"), golden::kPayload);
  EXPECT_EQ(parse_mdm_payload(as_bytes(golden::kPayload)).value(),
            "00000000-0000-4000-8000-000000000000");
}

TEST(MdmPayload, KeepsAMagicThatNeedsEscapes) {
  const std::string magic = "quote \" backslash \\ line\n \xc3\xa9";
  EXPECT_EQ(parse_mdm_payload(as_bytes(mdm_payload(magic))).value(), magic);
}

TEST(MdmPayload, RefusesAnythingElse) {
  for (const std::string_view bad :
       {"", "{}", "[]", "plain text", R"({"mdm":1})", R"({"mdm":null})", R"({"mdm":"a","aps":{}})",
        R"({"mdm":"a","mdm":"b"})", R"({"mdm":{"mdm":"a"}})", R"({"mdm":"a"} x)",
        R"({"mdm":"a")"}) {
    const auto magic = parse_mdm_payload(as_bytes(bad));
    ASSERT_FALSE(magic) << bad;
    EXPECT_EQ(magic.error().code, make_error_code(errc::malformed));
  }
}

}  // namespace
}  // namespace understudy::apns
