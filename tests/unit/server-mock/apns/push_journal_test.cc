#include "server-mock/apns/push_journal.h"

#include <gtest/gtest.h>

#include "tests/unit/server-mock/apns/known.h"

namespace understudy::apns_mock {
namespace {

using std::chrono::milliseconds;

apns::Token token(std::uint8_t octet) {
  apns::Token made{};
  made.fill(octet);
  return made;
}

JournalPush push(std::string_view id, std::uint8_t to = 1, std::string_view topic = "one") {
  JournalPush made;
  made.apns_id = id;
  made.token = token(to);
  made.topic = topic;
  made.push_type = "mdm";
  made.collapse_id = "c";
  made.priority = 5;
  made.expires_at = kNow + std::chrono::hours(1);
  made.payload_size = 53;
  made.at = kNow;
  return made;
}

PushEvent event(Stage stage, std::string id, std::uint8_t to = 1, Duration after = {},
                std::uint64_t sequence = 1) {
  PushEvent made;
  made.stage = stage;
  made.apns_id = std::move(id);
  made.token = token(to);
  made.at = kNow + after;
  made.sequence = sequence;
  return made;
}

std::string ids(const std::vector<const PushRecord*>& records) {
  std::string text;
  for (const PushRecord* record : records) text += record->apns_id + " ";
  return text;
}

TEST(PushJournal, KeepsTheTimelineOfAPush) {
  PushJournal journal;
  journal.accepted(push("A"));
  EXPECT_EQ(journal.observe(event(Stage::accepted, "A")), journal.find("A"));
  journal.observe(event(Stage::stored, "A", 1, milliseconds(1)));
  PushEvent delivered = event(Stage::delivered, "A", 1, milliseconds(2));
  delivered.from_storage = true;
  journal.observe(delivered);
  const PushRecord* record = journal.observe(event(Stage::acked, "A", 1, milliseconds(3)));
  ASSERT_EQ(record, journal.find("A"));
  EXPECT_EQ(record->sequence, 1U);
  EXPECT_EQ(record->token, token(1));
  EXPECT_EQ(record->topic, "one");
  EXPECT_EQ(record->push_type, "mdm");
  EXPECT_EQ(record->collapse_id, "c");
  EXPECT_EQ(record->priority, 5);
  EXPECT_EQ(record->at, kNow);
  EXPECT_EQ(record->expires_at, kNow + std::chrono::hours(1));
  EXPECT_EQ(record->payload_size, 53U);
  EXPECT_EQ(record->status, 200);
  EXPECT_FALSE(record->refusal);
  ASSERT_EQ(record->steps.size(), 4U);
  EXPECT_EQ(record->steps[0].stage, Stage::accepted);
  EXPECT_EQ(record->steps[1].stage, Stage::stored);
  EXPECT_TRUE(record->steps[2].from_storage);
  EXPECT_EQ(record->steps[3].stage, Stage::acked);
  EXPECT_EQ(record->steps[3].at, kNow + milliseconds(3));
}

TEST(PushJournal, KeepsRefusals) {
  PushJournal journal;
  journal.refused(
      {"A", apns::Reason::unregistered, 410, std::string(64, 'a'), kNow + milliseconds(1)});
  journal.refused({"B", apns::Reason::bad_device_token, 400, std::string(500, 'x'), kNow});
  const PushRecord* known = journal.find("A");
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->refusal, apns::Reason::unregistered);
  EXPECT_EQ(known->status, 410);
  EXPECT_EQ(known->token, token(0xaa));
  EXPECT_EQ(known->at, kNow + milliseconds(1));
  EXPECT_TRUE(known->steps.empty());
  const PushRecord* strange = journal.find("B");
  EXPECT_FALSE(strange->token);
  EXPECT_EQ(strange->strange_token, std::string(PushJournal::kMaxTokenText, 'x'));
  EXPECT_EQ(journal.next_after(token(0xaa), 0), nullptr) << "it did not get that push";
}

TEST(PushJournal, HoldsTheNewestAndUsesTheirPlacesAgain) {
  PushJournal journal(3);
  journal.refused({"A", apns::Reason::shutdown, 503, "x", kNow});
  for (const char* id : {"B", "C", "D", "E"}) journal.accepted(push(id));
  EXPECT_EQ(journal.size(), 3U);
  EXPECT_EQ(journal.last_sequence(), 5U);
  EXPECT_EQ(ids(journal.newest({})), "E D C ");
  EXPECT_EQ(journal.find("A"), nullptr);
  EXPECT_EQ(journal.find("B"), nullptr);
  EXPECT_EQ(journal.observe(event(Stage::acked, "B", 1, {}, 2)), nullptr);
  // "D" stands where the refusal stood: nothing of it is left.
  const PushRecord* reused = journal.find("D");
  EXPECT_FALSE(reused->refusal);
  EXPECT_EQ(reused->status, 200);
  EXPECT_EQ(reused->strange_token, "");
  journal.refused({"F", apns::Reason::shutdown, 503, "", kNow});
  EXPECT_EQ(journal.find("F")->topic, "");
  EXPECT_EQ(journal.find("F")->payload_size, 0U);
}

TEST(PushJournal, FindsTheNewestOfOneId) {
  PushJournal journal(3);
  journal.accepted(push("A", 1, "first"));
  journal.accepted(push("A", 2, "second"));
  EXPECT_EQ(journal.find("A")->topic, "second");
  EXPECT_EQ(journal.observe(event(Stage::acked, "A", 1, {}, 1))->topic, "first");
  EXPECT_EQ(journal.observe(event(Stage::acked, "A", 2, {}, 2))->topic, "second");
  // The older one leaves the ring and takes nothing with it.
  journal.accepted(push("B"));
  journal.accepted(push("C"));
  EXPECT_EQ(journal.find("A")->topic, "second");
  journal.accepted(push("D"));
  EXPECT_EQ(journal.find("A"), nullptr);
  EXPECT_EQ(journal.find("B")->sequence, 3U);
}

TEST(PushJournal, FindsEveryPushOfALongRun) {
  PushJournal journal(100);
  const auto id = [](int i) {
    return "push-number-longer-than-a-short-string-" + std::to_string(i % 130);
  };
  for (int i = 0; i < 1000; ++i) {
    journal.accepted(push(id(i)));
    const auto sequence = static_cast<std::uint64_t>(i) + 1;
    ASSERT_EQ(journal.find(id(i))->sequence, sequence);
    if (i < 100) continue;
    ASSERT_EQ(journal.find(id(i - 99))->sequence, sequence - 99);
    ASSERT_EQ(journal.find(id(i - 100)), nullptr);
  }
}

TEST(PushJournal, FiltersTheNewest) {
  PushJournal journal;
  journal.accepted(push("A", 1, "one"));
  journal.accepted(push("B", 2, "one"));
  journal.accepted(push("C", 1, "two"));
  journal.refused({"D", apns::Reason::unregistered, 410, apns::token_hex(token(1)), kNow});
  journal.observe(event(Stage::stored, "A"));
  PushJournal::Query query;
  query.token = token(1);
  EXPECT_EQ(ids(journal.newest(query)), "D C A ");
  query.limit = 2;
  EXPECT_EQ(ids(journal.newest(query)), "D C ");
  query.topic = "one";
  EXPECT_EQ(ids(journal.newest(query)), "A ");
  query.stage = Stage::accepted;
  EXPECT_EQ(ids(journal.newest(query)), "") << "it is stored by now";
  query.stage = Stage::stored;
  EXPECT_EQ(ids(journal.newest(query)), "A ");
  PushJournal::Query refused;
  refused.refused_only = true;
  EXPECT_EQ(ids(journal.newest(refused)), "D ");
}

TEST(PushJournal, SaysWhatATokenGotNext) {
  PushJournal journal(3);
  EXPECT_EQ(journal.next_after(token(1), 0), nullptr);
  for (const auto& [id, to] : {std::pair{"A", 1}, {"B", 2}, {"C", 1}}) {
    journal.accepted(push(id, static_cast<std::uint8_t>(to)));
  }
  EXPECT_EQ(journal.next_after(token(1), 0)->apns_id, "A");
  EXPECT_EQ(journal.next_after(token(1), 1)->apns_id, "C");
  EXPECT_EQ(journal.next_after(token(1), 3), nullptr);
  EXPECT_EQ(journal.next_after(token(1), 1'000), nullptr);
  journal.accepted(push("D", 2));  // "A" left the ring
  EXPECT_EQ(journal.next_after(token(1), 0)->apns_id, "C");
}

TEST(PushJournal, BoundsTheStepsOfAPush) {
  PushJournal journal;
  journal.accepted(push("A"));
  for (std::size_t i = 0; i < PushJournal::kMaxSteps + 4; ++i) {
    journal.observe(event(Stage::redelivered, "A"));
  }
  journal.observe(event(Stage::acked, "A"));
  const PushRecord* record = journal.find("A");
  EXPECT_EQ(record->steps.size(), PushJournal::kMaxSteps);
  EXPECT_EQ(record->steps.back().stage, Stage::acked);
  EXPECT_EQ(record->steps_left_out, 6U);
}

TEST(PushJournal, ForgetsAndGoesOnCounting) {
  PushJournal journal(2);
  for (const char* id : {"A", "B", "C"}) journal.accepted(push(id));
  journal.clear();
  EXPECT_EQ(journal.find("C"), nullptr);
  EXPECT_TRUE(journal.newest({}).empty());
  EXPECT_EQ(journal.next_after(token(1), 0), nullptr);
  journal.accepted(push("C"));
  EXPECT_EQ(journal.next_after(token(1), 0)->sequence, 4U);
  EXPECT_EQ(ids(journal.newest({})), "C ");
  EXPECT_EQ(journal.size(), 1U);
}

}  // namespace
}  // namespace understudy::apns_mock
