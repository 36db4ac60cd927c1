// Every policy has an effect at the far end, as a provider and a device see it that we did not
// write.

#include <map>

#include "server-mock/apns/policies.h"
#include "tests/integration/apns_fault_fixture.h"

namespace understudy::server {
namespace {

class ApnsPolicyTest : public FarEndTest {
 protected:
  Answer push(const std::string& token, Arguments more = {}) const {
    more.insert(more.end(), {"-d", R"({"mdm":"A"})"});
    return curl(ready("apns") + "/3/device/" + token, more);
  }
  /// The last stage of the newest push.
  std::string stage() const { return api("/v1/apns/pushes?limit=1")["pushes"][0]["stage"]; }
  /// A device that proves itself with a key that is not its certificate's.
  std::uint8_t status_of_a_liar() {
    make_foreign("liar", kPushTopic);
    return device({}, {"--key", file("liar.key")}).value("status", std::uint8_t{255});
  }
  /// Of its 200.
  std::string unique_id_of_the_sandbox() {
    issue("sandbox", kPushTopic, {"--sandbox"});
    const std::string app =
        device({"wait"}, {"--server-name", "courier.sandbox.push.apple.com"})["app"];
    const Answer answer = curl(ready("sandbox") + "/3/device/" + app, {"-d", "x"}, "sandbox");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.header("apns-unique-id");
  }
};

TEST_F(ApnsPolicyTest, JwtIsWhatItSays) {
  start({"--policy", "provider.jwt=TopicDisallowed"});
  const Answer answer = curl(ready("apns") + "/3/device/" + kUnknownToken,
                             {"-d", "x", "-H", "authorization: bearer a.b.c"}, "");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"reason":"TopicDisallowed"})");
}

TEST_F(ApnsPolicyTest, AbsentExpirationIsHowLongItWaits) {
  start({"--policy", "provider.absent-expiration=600"});
  const std::string app = device({"wait"})["app"];
  EXPECT_EQ(push(app).status, 200);
  EXPECT_EQ(stage(), "stored");
  api("/v1/clock", {"-d", R"({"advance_seconds": 601})"});
  EXPECT_TRUE(device({"flush"})["pushes"].empty());
  EXPECT_EQ(stage(), "expired");
}

TEST_F(ApnsPolicyTest, AbsentExpirationZeroIsTriedOnce) {
  start({"--policy", "provider.absent-expiration=0"});
  EXPECT_EQ(push(device({"wait"})["app"]).status, 200);
  EXPECT_EQ(stage(), "expired");
  EXPECT_EQ(device({"wait", push_step("B"), "pushes:1"})["pushes"].size(), 1U);
}

TEST_F(ApnsPolicyTest, AdaptiveStreamsFollowTheAnswers) {
  start({"--policy", "provider.streams=adaptive"});
  const json refused = {{"path", "/3/device/" + kUnknownToken}, {"body", "x"}};
  const json accepted = {{"path", "/3/device/" + device({"wait"})["app"].get<std::string>()},
                         {"body", "x"}};
  const json seen = provider({{"requests", {refused, accepted, refused}}});
  EXPECT_EQ(seen["answers"][1]["status"], 200) << seen;
  EXPECT_EQ(seen["streams"], json({500, 1, 500, 1})) << seen;
}

TEST_F(ApnsPolicyTest, UniqueIdIsTheSandboxs) {
  start();
  EXPECT_NE(unique_id_of_the_sandbox(), "");
}

TEST_F(ApnsPolicyTest, UniqueIdIsNeverThereWhereThePolicySaysSo) {
  start({"--policy", "provider.unique-id=never"});
  EXPECT_EQ(unique_id_of_the_sandbox(), "");
}

TEST_F(ApnsPolicyTest, IdentityIsProven) {
  start();
  EXPECT_EQ(status_of_a_liar(), 2);
}

TEST_F(ApnsPolicyTest, IdentityIsNotLookedAtWhereItIsLenient) {
  start({"--policy", "courier.identity=lenient"});
  EXPECT_EQ(status_of_a_liar(), 0);
}

TEST_F(ApnsPolicyTest, NonceWindowIsForItsTime) {
  start({"--policy", "courier.nonce-window=600"});
  EXPECT_EQ(device({"wait"})["status"], 0);
  api("/v1/clock", {"-d", R"({"advance_seconds": 700})"});  // the client's clock stays behind
  EXPECT_EQ(device({"wait"})["status"], 2);
}

TEST_F(ApnsPolicyTest, MessageIdsAreZero) {
  start({"--policy", "courier.message-ids=zero"});
  const json seen =
      device({"wait", push_step("A"), "pushes:1", push_step("B"), "pushes:2", "flush"});
  ASSERT_EQ(seen["pushes"].size(), 2U) << seen;
  for (const json& each : seen["pushes"]) EXPECT_EQ(each["id"], 0);
  EXPECT_EQ(stage(), "acked");
  EXPECT_EQ(api("/v1/apns/pending")["total"], 0);
}

TEST_F(ApnsPolicyTest, FilterWithinCountsFromConnectWhateverElseIsSent) {
  start({"--policy", "courier.filter-within=1"});
  const json seen = device({"keepalives:20"}, {"--no-filter"});
  EXPECT_EQ(seen["status"], 0) << seen;
  EXPECT_TRUE(seen.contains("closed")) << seen;
  EXPECT_FALSE(device({"keepalives:3"}).contains("closed"));
}

TEST_F(ApnsPolicyTest, IdleTimeoutsAreWhatTheySay) {
  start({"--policy", "courier.idle-timeout=1", "--policy", "provider.idle-timeout=1"});
  EXPECT_TRUE(device({"end"}).contains("closed"));
  const json seen = provider_until_end({{"requests", json::array()}}, "push", [] {});
  EXPECT_EQ(seen["goaway"]["debug"], R"({"reason":"IdleTimeout"})") << seen;
}

TEST_F(ApnsPolicyTest, NoStorageIsLeftOut) {
  start({"--policy", "courier.no-storage=omit"});
  EXPECT_EQ(device({"flush"})["no_storage"], false);
}

TEST_F(ApnsPolicyTest, StorageFlagsAreInField9) {
  start({"--policy", "courier.storage-flags=9"});
  EXPECT_EQ(push(device({"wait"})["app"]).status, 200);
  const json seen = device({"pushes:1"});
  ASSERT_EQ(seen["pushes"].size(), 1U) << seen;
  EXPECT_EQ(seen["pushes"][0]["storage_in_9"], 3);
  EXPECT_TRUE(seen["pushes"][0]["storage"].is_null());
}

/// Which test sees the effect of each.
const std::map<std::string, std::string> kSeenBy = {
    {"provider.certificate-trouble", "ApnsTroubleTest.IsAnAlertWhereThePolicySaysSo"},
    {"provider.expired-alert", "ApnsTroubleTest.AnExpiredOneIsAnInternalErrorWhereThePolicySaysSo"},
    {"provider.jwt", "ApnsPolicyTest.JwtIsWhatItSays"},
    {"provider.tokens", "ApnsCourierTest.TakesAnyTokenWhereThePolicySaysSo"},
    {"provider.absent-expiration", "ApnsPolicyTest.AbsentExpirationIsHowLongItWaits"},
    {"provider.streams", "ApnsPolicyTest.AdaptiveStreamsFollowTheAnswers"},
    {"provider.unique-id", "ApnsPolicyTest.UniqueIdIsNeverThereWhereThePolicySaysSo"},
    {"provider.unregistered-delay",
     "ApnsCourierTest.AnswersAnUnregisteredTokenForAsLongAsThePolicySays"},
    {"courier.identity", "ApnsPolicyTest.IdentityIsNotLookedAtWhereItIsLenient"},
    {"courier.nonce-window", "ApnsPolicyTest.NonceWindowIsForItsTime"},
    {"courier.message-ids", "ApnsPolicyTest.MessageIdsAreZero"},
    {"courier.redeliver-after", "ApnsCourierTest.RedeliversWhatIsNotAckedAndGivesTheConnectionUp"},
    {"courier.redeliver-limit", "ApnsCourierTest.RedeliversWhatIsNotAckedAndGivesTheConnectionUp"},
    {"courier.low-priority-batch", "ApnsCourierTest.HoldsLowPriorityForABatch"},
    {"courier.filter-within", "ApnsPolicyTest.FilterWithinCountsFromConnectWhateverElseIsSent"},
    {"provider.idle-timeout", "ApnsPolicyTest.IdleTimeoutsAreWhatTheySay"},
    {"courier.idle-timeout", "ApnsPolicyTest.IdleTimeoutsAreWhatTheySay"},
    {"courier.no-storage", "ApnsPolicyTest.NoStorageIsLeftOut"},
    {"courier.storage-flags", "ApnsPolicyTest.StorageFlagsAreInField9"}};

/// "Suite.Name" of all that this program has.
std::vector<std::string> tests_there_are() {
  std::vector<std::string> names;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *all.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) {
      names.push_back(std::string(suite.name()) + "." + suite.GetTestInfo(j)->name());
    }
  }
  return names;
}

TEST(ApnsPolicies, EachHasATestThatSeesItsEffect) {
  const auto tests = tests_there_are();
  for (const apns_mock::PolicyText& policy : apns_mock::policy_table({})) {
    const auto seen_by = kSeenBy.find(policy.name);
    ASSERT_NE(seen_by, kSeenBy.end()) << "no test sees the effect of " << policy.name;
    EXPECT_NE(std::find(tests.begin(), tests.end(), seen_by->second), tests.end())
        << policy.name << ": there is no test " << seen_by->second;
  }
}

}  // namespace
}  // namespace understudy::server
