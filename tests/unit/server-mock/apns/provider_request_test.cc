#include "server-mock/apns/provider_request.h"

#include <gtest/gtest.h>

#include "shared/crypto/ca.h"
#include "tests/unit/server-mock/apns/known.h"

namespace understudy::apns_mock {
namespace {

using apns::Reason;
using std::chrono::hours;

const std::string kToken(64, 'a');
const std::string kMixedCaseUuid = "123e4567-E89B-12d3-a456-426614174000";

ProviderRequest good_request() {
  ProviderRequest request;
  request.method = "POST";
  request.path = "/3/device/" + kToken;
  request.body = to_bytes(R"({"mdm":"magic"})");
  return request;
}

ProviderCaller good_caller() {
  ProviderCaller caller;
  caller.standing = PushCertificateStanding::good;
  caller.topics = {kTopic};
  caller.not_before = kNow - hours(1);
  caller.not_after = kNow + hours(1);
  return caller;
}

PushDecision decide_on(ProviderRequest request, const ProviderCaller& caller) {
  return decide(request, caller, "OWN-ID", kNow, Policies());
}

std::string outcome(ProviderRequest request, const ProviderCaller& caller = good_caller()) {
  const auto decision = decide_on(request, caller);
  const auto* refusal = std::get_if<PushRefusal>(&decision);
  return refusal == nullptr ? "ok" : std::string(apns::reason_name(refusal->reason));
}

std::string with_header(const std::string& name, const std::string& value) {
  ProviderRequest request = good_request();
  request.headers.emplace_back(name, value);
  return outcome(request);
}

PushOrder order_of(ProviderRequest request) {
  return std::get<PushOrder>(decide_on(request, good_caller()));
}

TEST(ProviderRequest, TakesWhatMdmServersSendWithoutAnyHeader) {
  const PushOrder order = order_of(good_request());
  EXPECT_EQ(order.apns_id, "OWN-ID");
  EXPECT_EQ(order.topic, kTopic) << "from the certificate";
  EXPECT_EQ(apns::token_hex(order.token), kToken);
  EXPECT_EQ(to_text(order.payload), R"({"mdm":"magic"})");
  EXPECT_EQ(order.priority, 10);
  EXPECT_EQ(order.expires_at, kNow + kLongestStorage);
}

TEST(ProviderRequest, TakesEveryHeader) {
  ProviderRequest request = good_request();
  request.headers = {{"apns-topic", kTopic},
                     {"apns-push-type", "mdm"},
                     {"apns-expiration", "1700003600"},
                     {"apns-priority", "5"},
                     {"apns-id", kMixedCaseUuid},
                     {"apns-collapse-id", std::string(64, 'c')},
                     {"user-agent", "x"},
                     {"user-agent", "y"}};
  const PushOrder order = order_of(request);
  EXPECT_EQ(order.apns_id, kMixedCaseUuid);
  EXPECT_EQ(order.priority, 5);
  EXPECT_EQ(order.expires_at, kNow + hours(1));
}

TEST(ProviderRequest, ExpirationIsZeroOrPastOrBounded) {
  ProviderRequest request = good_request();
  request.headers = {{"apns-expiration", "0"}};
  EXPECT_LE(order_of(request).expires_at, kNow);
  request.headers = {{"apns-expiration", "1699999999"}};
  EXPECT_LE(order_of(request).expires_at, kNow);
  request.headers = {{"apns-expiration", "18446744073709551615"}};
  EXPECT_EQ(order_of(request).expires_at, kNow + kLongestStorage);
  for (const std::string bad : {"", "-1", "soon", "1.5", "18446744073709551616", "12 "}) {
    EXPECT_EQ(with_header("apns-expiration", bad), "BadExpirationDate") << bad;
  }
}

TEST(ProviderRequest, RefusesBadHeadersByName) {
  EXPECT_EQ(with_header("apns-id", "no-uuid"), "BadMessageId");
  EXPECT_EQ(with_header("apns-id", std::string(36, '-')), "BadMessageId");
  EXPECT_EQ(with_header("apns-id", kMixedCaseUuid), "ok");
  for (const std::string good : {"10", "5", "1"})
    EXPECT_EQ(with_header("apns-priority", good), "ok");
  for (const std::string bad : {"", "0", "11", "high", "010"}) {
    EXPECT_EQ(with_header("apns-priority", bad), "BadPriority") << bad;
  }
  EXPECT_EQ(with_header("apns-collapse-id", std::string(65, 'c')), "BadCollapseId");
  EXPECT_EQ(with_header("apns-push-type", "mdm"), "ok");
  EXPECT_EQ(with_header("apns-push-type", "MDM"), "InvalidPushType");
  EXPECT_EQ(with_header("apns-topic", kTopic), "ok");
  EXPECT_EQ(with_header("apns-topic", kTopic + "2"), "TopicDisallowed");
  EXPECT_EQ(with_header("apns-topic", ""), "BadTopic");
  EXPECT_EQ(with_header("apns-topic", "com apple"), "BadTopic");
}

TEST(ProviderRequest, RefusesBackgroundWithImmediatePriority) {
  ProviderRequest request = good_request();
  request.headers = {{"apns-push-type", "background"}, {"apns-priority", "10"}};
  EXPECT_EQ(outcome(request), "BadPriority");
  request.headers[1].second = "5";
  EXPECT_EQ(outcome(request), "ok");
}

TEST(ProviderRequest, RefusesAnApnsHeaderTwice) {
  ProviderRequest request = good_request();
  request.headers = {{"apns-priority", "5"}, {"apns-priority", "5"}};
  EXPECT_EQ(outcome(request), "DuplicateHeaders");
}

TEST(ProviderRequest, RefusesMethodsAndPaths) {
  ProviderRequest request = good_request();
  request.method = "GET";
  EXPECT_EQ(outcome(request), "MethodNotAllowed");
  const auto path = [](const std::string& text) {
    ProviderRequest other = good_request();
    other.path = text;
    return outcome(other);
  };
  EXPECT_EQ(path("/3/device/"), "MissingDeviceToken");
  EXPECT_EQ(path("/3/device"), "MissingDeviceToken");
  EXPECT_EQ(path("/"), "BadPath");
  EXPECT_EQ(path("/4/device/" + kToken), "BadPath");
  EXPECT_EQ(path("/3/devices/" + kToken), "BadPath");
  EXPECT_EQ(path("/3/device/" + kToken + "/x"), "BadPath");
  EXPECT_EQ(path("/3/device/" + kToken + "?x"), "BadPath");
  EXPECT_EQ(path("/3/device/" + kToken.substr(2)), "BadDeviceToken");
  EXPECT_EQ(path("/3/device/" + kToken + "aa"), "BadDeviceToken");
  EXPECT_EQ(path("/3/device/" + std::string(64, 'g')), "BadDeviceToken");
}

TEST(ProviderRequest, RefusesEmptyAndLargePayloads) {
  ProviderRequest request = good_request();
  request.body.clear();
  EXPECT_EQ(outcome(request), "PayloadEmpty");
  request.body.assign(4096, 'x');
  EXPECT_EQ(outcome(request), "ok") << "what is no JSON is accepted, as Apple does";
  request.body.assign(4097, 'x');
  EXPECT_EQ(outcome(request), "PayloadTooLarge");
  request.body.clear();
  request.body_too_large = true;
  EXPECT_EQ(outcome(request), "PayloadTooLarge");
}

TEST(ProviderRequest, RefusesCallersWithoutAGoodCertificate) {
  ProviderCaller caller;
  EXPECT_EQ(outcome(good_request(), caller), "MissingProviderToken");
  ProviderRequest jwt = good_request();
  jwt.headers = {{"authorization", "bearer x.y.z"}};
  EXPECT_EQ(outcome(jwt, caller), "InvalidProviderToken");
  caller.standing = PushCertificateStanding::foreign;
  EXPECT_EQ(outcome(good_request(), caller), "BadCertificate");
  EXPECT_EQ(outcome(jwt, good_caller()), "ok") << "ignored beside a certificate";
  caller = good_caller();
  caller.not_after = kNow - hours(1);
  EXPECT_EQ(outcome(good_request(), caller), "BadCertificate") << "expired while connected";
}

TEST(ProviderRequest, NeedsATopicWhenTheCertificateHasSeveral) {
  ProviderCaller caller = good_caller();
  caller.topics.push_back("com.example.app");
  EXPECT_EQ(outcome(good_request(), caller), "MissingTopic");
  ProviderRequest named = good_request();
  named.headers = {{"apns-topic", "com.example.app"}};
  EXPECT_EQ(outcome(named, caller), "ok");
}

TEST(ProviderRequest, RefusalKeepsTheRequestsOwnId) {
  ProviderRequest request = good_request();
  request.headers = {{"apns-id", kMixedCaseUuid}, {"apns-priority", "7"}};
  EXPECT_EQ(std::get<PushRefusal>(decide_on(request, good_caller())).apns_id, kMixedCaseUuid);
  request.headers = {{"apns-id", "bad"}};
  EXPECT_EQ(std::get<PushRefusal>(decide_on(request, good_caller())).apns_id, "OWN-ID");
}

TEST(ReasonBody, IsJson) {
  EXPECT_EQ(reason_body(Reason::bad_device_token), R"({"reason":"BadDeviceToken"})");
}

}  // namespace
}  // namespace understudy::apns_mock
