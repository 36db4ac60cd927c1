// A server renews the identity of an enrolled device: it installs the enrollment profile again
// (docs/protocol/device-facts.md 1.23 to 1.25).

#include "tests/e2e/stand_fixture.h"
#include "tests/support/command.h"

namespace understudy::e2e {
namespace {

class RenewalTest : public StandTest {
 protected:
  Bytes fetch_profile() {
    const auto fetched = support::run(
        {"curl", "-sS", "--fail", "--cacert", stand_.address().ca, stand_.address().enroll});
    EXPECT_EQ(fetched.status, 0) << fetched.err;
    return to_bytes(fetched.out);
  }
  json device(const std::string& id) {
    const auto answer = stand_.api().get("/v1/devices/" + id);
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().message());
    return answer ? json::parse(*answer) : json();
  }
};

TEST_F(RenewalTest, ReplacesTheIdentityAndLosesNothing) {
  ASSERT_RESULT(stand_.start_server());
  ASSERT_RESULT(stand_.enroll({}));
  const auto ids = device_ids();
  ASSERT_EQ(ids.size(), 1U);
  const json before = device(ids[0]);

  const std::string renew = "44444444-4444-4444-8444-444444444444";
  ASSERT_TRUE(
      enqueue(ids[0], renew, {{"RequestType", "InstallProfile"}, {"Payload", fetch_profile()}}));
  ASSERT_RESULT(stand_.agent_command({"connect"}));
  const json command = finished(renew);
  EXPECT_EQ(command["status"], "acknowledged") << command.dump(2);

  const std::string after = "55555555-5555-4555-8555-555555555555";
  ASSERT_TRUE(enqueue(ids[0], after, {{"RequestType", "CertificateList"}}));
  ASSERT_RESULT(stand_.agent_command({"connect"}));
  EXPECT_EQ(finished(after)["status"], "acknowledged");
  const json now = device(ids[0]);
  EXPECT_NE(now["certificate"], before["certificate"]);
  for (const char* key :
       {"state", "enrolled_at", "topic", "push_token_label", "has_unlock_token"}) {
    EXPECT_EQ(now[key], before[key]) << key;
  }
}

}  // namespace
}  // namespace understudy::e2e
