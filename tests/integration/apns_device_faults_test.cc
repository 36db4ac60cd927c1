// Each fault on the way to a device, as a device sees it that we did not write.

#include "tests/integration/apns_fault_fixture.h"

namespace understudy::server {
namespace {

class DeviceFaultTest : public FarEndTest, public testing::WithParamInterface<std::string> {
 protected:
  void set(const json& more = json::object()) const { fault(rule_for(GetParam(), more)); }
  static std::string payload(const json& seen, std::size_t number) {
    return seen["pushes"][number]["payload"].get<std::string>();
  }
  /// The one push that it got, of one with magic "A".
  json the_push() const {
    json seen = device({"wait", push_step("A"), "pushes:1"});
    EXPECT_EQ(seen["pushes"].size(), 1U) << seen;
    return seen;
  }

  /// What became of a push, in order: "accepted, faulted delivery:drop, redelivered, acked".
  /// `number` counts from the newest.
  std::string steps(std::size_t number = 0) const {
    const json push = api("/v1/apns/pushes")["pushes"][number];
    std::string text;
    for (const json& step : push["steps"]) {
      text += (text.empty() ? "" : ", ") + step["stage"].get<std::string>();
      if (!step.contains("fault")) continue;
      const json& by = step["fault"];
      text += " " + by["hop"].get<std::string>() + ":" + by["action"].get<std::string>();
      EXPECT_EQ(by["rule"], api("/v1/faults")["faults"][0]["id"]);
    }
    return text;
  }
  int delivered() const {
    return api("/v1/apns/snapshot")["production"]["counters"]["delivered"].get<int>();
  }

  void never_delivers() {
    set();
    const json seen =
        device({"wait", push_step("A"), "flush", "mark", pass_step(3600), push_step("B"), "flush"});
    EXPECT_EQ(seen["marks"], json({0})) << seen;
    ASSERT_EQ(seen["pushes"].size(), 1U) << seen;
    EXPECT_EQ(payload(seen, 0), magic("B"));
    const json first = api("/v1/apns/pushes")["pushes"][1];
    EXPECT_EQ(first["status"], 200);
    EXPECT_EQ(first["stage"], "discarded");
    EXPECT_EQ(steps(1), "accepted, faulted push.accepted:never_deliver, discarded");
  }

  void drops() {
    set();
    const json seen =
        device({"wait", push_step("A"), "flush", "mark", pass_step(61), "pushes:1", "flush"});
    EXPECT_EQ(seen["marks"], json({0})) << seen;
    ASSERT_EQ(seen["pushes"].size(), 1U) << "it comes again for want of an ack";
    EXPECT_EQ(payload(seen, 0), magic("A"));
    EXPECT_EQ(steps(), "accepted, faulted delivery:drop, redelivered, acked");
    EXPECT_EQ(delivered(), 0);
  }

  void delays() {
    set({{"with", {{"ms", 30'000}}}});
    const json seen =
        device({"wait", push_step("A"), "flush", "mark", pass_step(30), "pushes:1", "flush"});
    EXPECT_EQ(seen["marks"], json({0})) << seen;
    EXPECT_EQ(seen["pushes"].size(), 1U) << seen;
    EXPECT_EQ(steps(), "accepted, faulted delivery:delay, delivered, acked");
    const json push = api("/v1/apns/pushes")["pushes"][0];
    EXPECT_GT(push["steps"][2]["at"], push["steps"][1]["at"]) << "when it was written";
  }

  void duplicates() {
    set();
    const json seen = device({"wait", push_step("A"), "flush"});
    ASSERT_EQ(seen["pushes"].size(), 2U) << seen;
    EXPECT_EQ(seen["pushes"][0]["id"], seen["pushes"][1]["id"]);
    EXPECT_EQ(payload(seen, 0), payload(seen, 1));
    EXPECT_EQ(steps(), "accepted, faulted delivery:duplicate, delivered, acked");
    EXPECT_EQ(delivered(), 1);
  }

  void reorders() {
    set({{"first_n", 2}, {"every_nth", 2}, {"with", {{"ms", 30'000}}}});
    const json seen =
        device({"wait", push_step("A"), push_step("B"), "flush", "mark", push_step("C"), "flush",
                push_step("D"), "flush", "mark", pass_step(30), "pushes:4"});
    EXPECT_EQ(seen["marks"], json({1, 3})) << seen;
    ASSERT_EQ(seen["pushes"].size(), 4U) << seen;
    EXPECT_EQ(payload(seen, 0), magic("A"));
    EXPECT_EQ(payload(seen, 1), magic("C"));
    EXPECT_EQ(payload(seen, 2), magic("B")) << "behind the next one";
    EXPECT_EQ(payload(seen, 3), magic("D")) << "after its time, for want of a next one";
    EXPECT_EQ(steps(0), "accepted, faulted delivery:reorder, delivered, acked");
    EXPECT_EQ(steps(1), "accepted, delivered, acked");
    EXPECT_EQ(steps(2), "accepted, faulted delivery:reorder, delivered, acked");
  }

  void names_a_wrong_token() {
    set();
    const json seen = the_push();
    EXPECT_NE(seen["pushes"][0]["token"], seen["app"]);
    EXPECT_EQ(seen["pushes"][0]["topic_fits"], true);
    EXPECT_EQ(steps().find("accepted, faulted delivery:wrong_token, delivered"), 0U) << steps();
    EXPECT_EQ(payload(seen, 0), magic("A"));
  }

  void names_a_wrong_topic() {
    set();
    const json seen = the_push();
    EXPECT_EQ(seen["pushes"][0]["token"], seen["app"]);
    EXPECT_EQ(seen["pushes"][0]["topic_fits"], false);
  }

  void brings_a_wrong_magic() {
    set();
    const json seen = the_push();
    const json body = json::parse(payload(seen, 0), nullptr, false);
    ASSERT_EQ(body.size(), 1U) << seen;
    EXPECT_TRUE(body["mdm"].is_string());
    EXPECT_NE(body["mdm"], "A");
  }

  void brings_half_a_payload() {
    set();
    EXPECT_EQ(payload(the_push(), 0), R"({"mdm)");
  }

  void refuses_connect() {
    set({{"with", {{"status", 5}}}});
    const json seen = device({"wait"});
    EXPECT_EQ(seen["status"], 5) << seen;
    EXPECT_TRUE(seen.contains("closed")) << seen;
    EXPECT_EQ(device({"wait"})["status"], 0);
  }

  void closes_after_connect() {
    set();
    const json seen = device({"wait"});
    EXPECT_EQ(seen["status"], 0) << seen;
    EXPECT_TRUE(seen.contains("closed") || seen.contains("failed")) << seen;
    EXPECT_FALSE(device({"wait"}).contains("closed"));
  }

  void rotates_the_token() {
    const json before = device({"wait"});
    set();
    const json after = device({"wait", push_step("A"), "pushes:1"}, {"--token", before["base"]});
    EXPECT_EQ(after["new_token"], true) << after;
    EXPECT_NE(after["base"], before["base"]);
    EXPECT_NE(after["app"], before["app"]);
    EXPECT_EQ(after["pushes"].size(), 1U);
    const std::string old = before["app"];
    EXPECT_EQ(curl(ready("apns") + "/3/device/" + old, {"-d", "x"}).status, 410);
    const json again = device({"wait"}, {"--token", after["base"]});
    EXPECT_EQ(again["new_token"], false) << "the new one is good";
  }

  void disconnects_all_when_one_connects() {
    const json seen = device({"wait", fault_step(rule_for(GetParam())), beside({"wait"}), "end"});
    EXPECT_TRUE(seen.contains("closed")) << seen;
    EXPECT_FALSE(device({"wait"}).contains("closed"));
  }

  void swallows_a_keepalive() {
    set();
    EXPECT_FALSE(device({"wait", "keepalive", "flush"}).contains("keepalive_answered"));
    EXPECT_TRUE(device({"wait", "keepalive", "flush"}).contains("keepalive_answered"));
  }

  void closes_at_a_keepalive() {
    set();
    const json seen = device({"wait", "keepalive", "end"});
    EXPECT_TRUE(seen.contains("closed")) << seen;
    EXPECT_FALSE(seen.contains("keepalive_answered"));
  }

  void disconnects_all_at_a_keepalive() {
    set();
    const json seen = device({"wait", beside({"wait", "keepalive", "end"}), "end"});
    EXPECT_TRUE(seen.contains("closed")) << seen;
  }

  void truncates() {
    set({{"match", {{"command", "notification"}}}, {"with", {{"octets", 9}}}});
    const json seen = device({"wait", push_step("A"), "end"});
    EXPECT_TRUE(seen.contains("closed")) << seen;
    EXPECT_EQ(seen["partial"], 9);
    EXPECT_EQ(steps(), "accepted, faulted courier.write:truncate");
    EXPECT_EQ(delivered(), 0);
    EXPECT_EQ(seen["pushes"].size(), 0U);
  }

  void announces_too_much() {
    set({{"match", {{"command", "notification"}}}});
    EXPECT_EQ(device({"wait", push_step("A"), "pushes:1"})["oversize"], 4'294'967'295U);
    EXPECT_EQ(steps(), "accepted, faulted courier.write:oversize");
  }

  void trickles() {
    set({{"match", {{"command", "notification"}}}, {"with", {{"octets", 16}, {"ms", 100}}}});
    // Beside the device, which reads each piece as it comes.
    const json seen = device({"wait", push_step("A") + " &", "pushes:1"});
    ASSERT_EQ(seen["pushes"].size(), 1U) << seen;
    const json& push = seen["pushes"][0];
    EXPECT_EQ(payload(seen, 0), magic("A"));
    EXPECT_LE(push["largest_piece"], 16);
    EXPECT_GE(push["pieces"], 6) << "a push has more than 96 octets";
    // Real time, and a reader that may be late: half of what the pauses make.
    EXPECT_GE(push["seconds"].get<double>(), 0.050 * (push["pieces"].get<int>() - 1)) << push;
  }

  /// Who sees which.
  using Self = DeviceFaultTest;
  static Effects<Self> effects() {
    return {{"push.accepted never_deliver", &Self::never_delivers},
            {"delivery drop", &Self::drops},
            {"delivery delay", &Self::delays},
            {"delivery duplicate", &Self::duplicates},
            {"delivery reorder", &Self::reorders},
            {"delivery wrong_token", &Self::names_a_wrong_token},
            {"delivery wrong_topic", &Self::names_a_wrong_topic},
            {"delivery wrong_magic", &Self::brings_a_wrong_magic},
            {"delivery corrupt_payload", &Self::brings_half_a_payload},
            {"courier.connect refuse", &Self::refuses_connect},
            {"courier.connect close", &Self::closes_after_connect},
            {"courier.connect rotate_token", &Self::rotates_the_token},
            {"courier.connect mass_disconnect", &Self::disconnects_all_when_one_connects},
            {"courier.keepalive swallow", &Self::swallows_a_keepalive},
            {"courier.keepalive close", &Self::closes_at_a_keepalive},
            {"courier.keepalive mass_disconnect", &Self::disconnects_all_at_a_keepalive},
            {"courier.write truncate", &Self::truncates},
            {"courier.write oversize", &Self::announces_too_much},
            {"courier.write trickle", &Self::trickles}};
  }
};

TEST_P(DeviceFaultTest, IsSeenByTheDevice) {
  ASSERT_NO_FATAL_FAILURE(see_effect(effects(), GetParam()));
  EXPECT_GE(fired(), 1);
}

INSTANTIATE_TEST_SUITE_P(Each, DeviceFaultTest, testing::ValuesIn(actions_of("provider.", false)),
                         test_name);

TEST_F(FarEndTest, NothingThatAFaultHoldsBackSurvivesAReset) {
  start();
  for (const char* action : {"delay", "reorder"}) {
    const json rule = {{"hop", "delivery"}, {"action", action}, {"with", {{"ms", 30'000}}}};
    const json seen = device({"wait", fault_step(rule), push_step("A"), "flush", "mark",
                              api_step("/v1/apns/reset", ""), pass_step(31), push_step("B"),
                              "pushes:1", "flush"});
    EXPECT_EQ(seen["marks"], json({0})) << action << seen;
    ASSERT_EQ(seen["pushes"].size(), 1U) << action << seen;
    EXPECT_EQ(seen["pushes"][0]["payload"], magic("B")) << action;
  }
}

/// At the hops where a device says nothing of its tokens itself.
TEST_F(FarEndTest, AFaultStrikesOnlyTheDeviceThatItsTokenNames) {
  start();
  make_foreign("other", kPushTopic);
  const Arguments other = {"--cert", file("other.crt"), "--key", file("other.key")};
  const Arguments steps = {"wait", "keepalive", "flush"};
  const json one = device({"wait"});
  EXPECT_NE(device({"wait"}, other)["base"], one["base"]);
  for (const char* token : {"base", "app"}) {
    fault({{"hop", "courier.keepalive"},
           {"action", "swallow"},
           {"match", {{"token", one[token]}}},
           {"first_n", 1}});
    EXPECT_TRUE(device(steps, other).contains("keepalive_answered")) << token;
    EXPECT_FALSE(device(steps).contains("keepalive_answered")) << token;
    fault({{"hop", "courier.write"},
           {"action", "truncate"},
           {"match", {{"token", one[token]}, {"command", "keepalive_ack"}}},
           {"first_n", 1}});
    EXPECT_FALSE(device(steps, other).contains("closed")) << token;
    EXPECT_TRUE(device(steps).contains("closed")) << token;
  }
  EXPECT_EQ(fired(), 4);
}

}  // namespace
}  // namespace understudy::server
