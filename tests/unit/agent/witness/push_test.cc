// What the push channel refuses, and what the witness makes of it.

#include <gtest/gtest.h>

#include "agent/push/courier_session.h"
#include "agent/witness/checks.h"
#include "shared/apns/provider.h"

namespace understudy::agent::witness {
namespace {

constexpr const char* kTopic = "com.apple.mgmt.External.test";
constexpr const char* kMagic = "A-MAGIC-NOBODY-SEES";

apns::Notification push() {
  apns::Notification notification;
  notification.token = apns::Token{1};
  notification.topic = apns::topic_hash(kTopic);
  notification.payload = to_bytes(apns::mdm_payload(kMagic));
  return notification;
}

/// The id of what the witness says of that push; empty when it wakes the device.
std::string id_of(const apns::Notification& notification) {
  CourierSettings settings;
  settings.topic = kTopic;
  settings.push_magic = kMagic;
  CourierSession session(settings, {apns::Token{1}, apns::Token{2}});
  const CourierSession::Event event = CourierSession::Received{apns::to_frame(notification)};
  for (const auto& effect : session.step(event, TimePoint())) {
    const auto* refuse = std::get_if<CourierSession::Refuse>(&effect);
    if (refuse == nullptr) continue;
    const Findings findings = check_refused_push(refuse->push);
    EXPECT_EQ(findings.at(0).what.find(kMagic), std::string::npos);
    return findings.at(0).id;
  }
  return "";
}

TEST(CheckRefusedPush, KnowsEachReasonOfThePushChannel) {
  EXPECT_EQ(id_of(push()), "");
  auto other = push();
  other.payload = to_bytes(apns::mdm_payload("another"));
  EXPECT_EQ(id_of(other), "push/stale-magic");
  other.payload = to_bytes(R"({"aps": {}, "mdm": "A-MAGIC-NOBODY-SEES"})");
  EXPECT_EQ(id_of(other), "push/wrong-payload");
  other = push();
  other.topic = apns::topic_hash("com.apple.mgmt.External.other");
  EXPECT_EQ(id_of(other), "push/wrong-topic");
  other = push();
  other.token = apns::Token{9};
  EXPECT_EQ(id_of(other), "push/unknown-token");
}

}  // namespace
}  // namespace understudy::agent::witness
