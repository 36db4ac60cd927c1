#include "agent/session/conversation.h"

#include <gtest/gtest.h>

namespace understudy::agent {
namespace {

using C = Conversation;

PendingResult result(std::int64_t id, const std::string& uuid = "u") {
  PendingResult pending;
  pending.id = id;
  pending.command_uuid = uuid;
  pending.body = "body of " + uuid;
  return pending;
}

C::Answered answer(int status, std::string body = "") {
  C::Answered answered;
  answered.status = status;
  answered.body = std::move(body);
  return answered;
}

std::string command(const std::string& uuid) {
  return "<plist version=\"1.0\"><dict><key>Command</key><dict><key>RequestType</key>"
         "<string>ProfileList</string></dict><key>CommandUUID</key><string>" +
         uuid + "</string></dict></plist>";
}

C::Performed performed(std::int64_t id, const std::string& uuid,
                       mdm::Status status = mdm::Status::acknowledged) {
  C::Performed event;
  event.result = result(id, uuid);
  event.status = status;
  return event;
}

/// "SendIdle", "Forget 3", "Finish done": what is wanted, to be compared in one go.
std::string text(const C::Effect& effect) {
  if (std::holds_alternative<C::SendIdle>(effect)) return "SendIdle";
  if (const auto* e = std::get_if<C::SendResult>(&effect)) return "SendResult " + e->result.body;
  if (std::holds_alternative<C::SendCheckOut>(effect)) return "SendCheckOut";
  if (const auto* e = std::get_if<C::Recall>(&effect)) return "Recall " + e->command_uuid;
  if (const auto* e = std::get_if<C::Perform>(&effect)) {
    return "Perform " + e->message.string_at("CommandUUID").value_or("?");
  }
  if (const auto* e = std::get_if<C::Forget>(&effect)) return "Forget " + std::to_string(e->id);
  if (std::holds_alternative<C::EraseNow>(effect)) return "EraseNow";
  if (std::holds_alternative<C::RemoveManagement>(effect)) return "RemoveManagement";
  if (const auto* e = std::get_if<C::Note>(&effect)) return "Note " + e->finding.id;
  return "Finish " + std::string(end_name(std::get<C::Finish>(effect).end));
}

std::vector<std::string> texts(const C::Effects& effects) {
  std::vector<std::string> out;
  for (const auto& effect : effects) out.push_back(text(effect));
  return out;
}
using Texts = std::vector<std::string>;

Texts step(C& conversation, C::Event event) {
  return texts(conversation.step(std::move(event)));
}

/// At the point where the first command's result was sent.
C after_result(C::Performed event = performed(1, "A")) {
  C conversation;
  conversation.step(C::Begin{});
  conversation.step(answer(200, command("A")));
  conversation.step(C::Recalled{});
  conversation.step(std::move(event));
  return conversation;
}

C::Recalled answered_before(const std::string& request_type, const std::string& body) {
  PendingResult stored = result(1, "A");
  stored.request_type = request_type;
  stored.body = body;
  return C::Recalled{stored};
}

TEST(Conversation, EndsWhenTheServerHasNothing) {
  C conversation;
  EXPECT_EQ(step(conversation, C::Begin{}), Texts{"SendIdle"});
  EXPECT_EQ(step(conversation, answer(200)), Texts{"Finish done"});
}

TEST(Conversation, PerformsCommandsUntilTheServerHasNoMore) {
  C conversation;
  step(conversation, C::Begin{});
  EXPECT_EQ(step(conversation, answer(200, command("A"))), Texts{"Recall A"});
  EXPECT_EQ(step(conversation, C::Recalled{}), Texts{"Perform A"});
  EXPECT_EQ(step(conversation, performed(1, "A")), Texts{"SendResult body of A"});
  EXPECT_EQ(step(conversation, answer(200, command("B"))), (Texts{"Forget 1", "Recall B"}));
  EXPECT_EQ(step(conversation, C::Recalled{}), Texts{"Perform B"});
  EXPECT_EQ(step(conversation, performed(2, "B")), Texts{"SendResult body of B"});
  EXPECT_EQ(step(conversation, answer(204)), (Texts{"Forget 2", "Finish done"}));
}

TEST(Conversation, SendsOwedResultsFirstAndOldestFirst) {
  C conversation;
  C::Begin begin;
  begin.pending = {result(4, "old"), result(5, "new")};
  EXPECT_EQ(step(conversation, begin), Texts{"SendResult body of old"});
  // The command in this answer is not taken: the next result would come too late otherwise.
  EXPECT_EQ(step(conversation, answer(200, command("X"))),
            (Texts{"Forget 4", "SendResult body of new"}));
  EXPECT_EQ(step(conversation, answer(200, command("X"))), (Texts{"Forget 5", "Recall X"}));
}

TEST(Conversation, SendsTheStoredAnswerWhenACommandWasAnsweredBefore) {
  C conversation;
  step(conversation, C::Begin{});
  step(conversation, answer(200, command("A")));
  const C::Recalled before = answered_before("ProfileList", "stored");
  EXPECT_EQ(step(conversation, before),
            (Texts{"Note conversation/answered-again", "SendResult stored"}));
  EXPECT_EQ(step(conversation, answer(200)), Texts{"Finish done"}) << "nothing to forget";
}

TEST(Conversation, NotesThatAnAnsweredUuidComesWithAnotherCommand) {
  C conversation;
  step(conversation, C::Begin{});
  step(conversation, answer(200, command("A")));
  const C::Recalled before = answered_before("DeviceLock", "stored");
  const C::Effects effects = conversation.step(before);
  EXPECT_EQ(texts(effects), (Texts{"Note conversation/uuid-reused", "SendResult stored"}));
  const witness::Finding& finding = std::get<C::Note>(effects.at(0)).finding;
  const std::string words = finding.what;
  EXPECT_EQ(finding.command_uuid, "A");
  for (const char* part : {"ProfileList", "DeviceLock"}) {
    EXPECT_NE(words.find(part), std::string::npos) << words;
  }
}

TEST(Conversation, EndsWhenTheServerOffersOneCommandForEver) {
  C conversation;
  step(conversation, C::Begin{});
  const C::Recalled before = answered_before("ProfileList", "stored");
  Texts effects = step(conversation, answer(200, command("A")));
  int offers = 1;
  while (effects == Texts{"Recall A"} && offers < 100) {
    step(conversation, before);
    effects = step(conversation, answer(200, command("A")));
    ++offers;
  }
  EXPECT_EQ(effects, (Texts{"Note conversation/endless-offer", "Finish done"}));
  EXPECT_EQ(offers, 5);
}

TEST(Conversation, KeepsTheResultWhenTheServerFails) {
  for (const int status : {400, 403, 404, 410, 500, 503, 302}) {
    C conversation = after_result();
    EXPECT_EQ(step(conversation, answer(status, "no")), Texts{"Finish retry"}) << status;
  }
  C conversation = after_result();
  C::Unanswered broken;
  broken.why = "connection reset";
  const auto effects = conversation.step(broken);
  ASSERT_EQ(effects.size(), 1U);
  EXPECT_EQ(std::get<C::Finish>(effects[0]).end, End::retry);
  EXPECT_EQ(std::get<C::Finish>(effects[0]).why, "connection reset");
}

TEST(Conversation, RetriesWhenIdleFails) {
  C failing, broken;
  failing.step(C::Begin{});
  broken.step(C::Begin{});
  EXPECT_EQ(step(failing, answer(503)), Texts{"Finish retry"});
  EXPECT_EQ(step(broken, C::Unanswered{}), Texts{"Finish retry"});
}

TEST(Conversation, UnenrollsWhenTheServerDisownsTheDevice) {
  const std::string plist =
      "<plist><dict><key>code</key><string>com.apple.unrecognized.device"
      "</string></dict></plist>";
  const std::string json = R"({"code":"com.apple.unrecognized.device"})";
  for (const auto& disowned : {answer(401), answer(403, plist), answer(403, json)}) {
    C idle;
    idle.step(C::Begin{});
    EXPECT_EQ(step(idle, disowned), (Texts{"RemoveManagement", "Finish unenrolled"}));
    C at_result = after_result();
    EXPECT_EQ(step(at_result, disowned), (Texts{"RemoveManagement", "Finish unenrolled"}));
  }
}

TEST(Conversation, ErasesBeforeTheAnswerAndSendsItOnce) {
  auto erased = performed(1, "A");
  erased.result.send_once = true;
  for (const C::Event& event : {C::Event(answer(200, command("B"))), C::Event(answer(500)),
                                C::Event(answer(401)), C::Event(C::Unanswered{})}) {
    C conversation;
    step(conversation, C::Begin{});
    step(conversation, answer(200, command("A")));
    step(conversation, C::Recalled{});
    EXPECT_EQ(step(conversation, erased), (Texts{"EraseNow", "SendResult body of A"}));
    const Texts effects = step(conversation, event);  // a command may be noted, nobody takes it
    EXPECT_EQ(effects.back(), "Finish erased");
    EXPECT_LE(effects.size(), 2U);
  }
}

TEST(Conversation, ErasesWhenTheLastProcessDiedBeforeItSentTheAnswer) {
  C conversation;
  C::Begin begin;
  begin.pending = {result(1, "erase")};
  begin.pending[0].send_once = true;
  EXPECT_EQ(step(conversation, begin), (Texts{"EraseNow", "SendResult body of erase"}));
}

TEST(Conversation, ChecksOutAfterTheResultWhenTheProfileIsRemoved) {
  auto removed = performed(1, "A");
  removed.leave = true;
  C conversation;
  C::Begin begin;
  begin.check_out = true;
  step(conversation, begin);
  step(conversation, answer(200, command("A")));
  step(conversation, C::Recalled{});
  EXPECT_EQ(step(conversation, removed), Texts{"SendResult body of A"});
  EXPECT_EQ(step(conversation, answer(200, command("B"))),
            (Texts{"Forget 1", "Note conversation/command-after-goodbye", "SendCheckOut"}));
  EXPECT_EQ(step(conversation, answer(500)), (Texts{"RemoveManagement", "Finish left"}))
      << "one attempt, whatever the answer";
}

/// 11.5, the other way that real devices are said to have.
TEST(Conversation, LeavesWithoutAResultWhenItLeavesSilently) {
  auto removed = performed(1, "A");
  removed.leave = true;
  C conversation;
  C::Begin begin;
  begin.check_out = begin.leaves_silently = true;
  step(conversation, begin);
  step(conversation, answer(200, command("A")));
  step(conversation, C::Recalled{});
  EXPECT_EQ(step(conversation, removed), Texts{"SendCheckOut"});
  EXPECT_EQ(step(conversation, answer(200)), (Texts{"RemoveManagement", "Finish left"}));
}

TEST(Conversation, LeavesWithoutCheckOutWhenTheProfileDoesNotAskForIt) {
  auto removed = performed(1, "A");
  removed.leave = true;
  C conversation = after_result(removed);
  EXPECT_EQ(step(conversation, answer(200)),
            (Texts{"Forget 1", "RemoveManagement", "Finish left"}));
}

TEST(Conversation, WaitsForTheServerWhenItLeavesUnlessForced) {
  C::Begin begin;
  begin.leaving = begin.check_out = true;
  begin.pending = {result(1)};
  C patient;
  step(patient, begin);
  EXPECT_EQ(step(patient, C::Unanswered{}), Texts{"Finish retry"});
  begin.forced = true;
  C forced;
  step(forced, begin);
  EXPECT_EQ(step(forced, C::Unanswered{}), Texts{"SendCheckOut"});
  EXPECT_EQ(step(forced, C::Unanswered{}), (Texts{"RemoveManagement", "Finish left"}));
}

TEST(Conversation, GoesOnLeavingWhenItWasInterrupted) {
  C::Begin begin;
  begin.leaving = begin.check_out = true;
  C conversation;
  EXPECT_EQ(step(conversation, begin), Texts{"SendCheckOut"});
}

TEST(Conversation, IsNotHeardOfAfterACommandThatCutsTheDeviceOff) {
  auto locked = performed(1, "A");
  locked.hangs_up = true;
  C conversation = after_result(locked);
  EXPECT_EQ(step(conversation, answer(200, command("B"))), (Texts{"Forget 1", "Finish done"}))
      << "the server offers it again";
  C lost = after_result(locked);
  EXPECT_EQ(step(lost, C::Unanswered{}), Texts{"Finish retry"}) << "the result is kept";
}

// Section 6: iOS 17, macOS 14 and newer.
TEST(Conversation, StaysEnrolledOnAnOlderSystemWhenTheServerDoesNotRecognizeIt) {
  C conversation;
  C::Begin begin;
  begin.heeds_unrecognized = false;
  step(conversation, begin);
  EXPECT_EQ(step(conversation, answer(403, R"({"code":"com.apple.unrecognized.device"})")),
            Texts{"Finish retry"});
  C other;
  step(other, begin);
  EXPECT_EQ(step(other, answer(401)), (Texts{"RemoveManagement", "Finish unenrolled"}));
}

TEST(Conversation, OwesWhatItsEndSays) {
  for (const bool pushed : {false, true}) {
    EXPECT_EQ(owed_after(End::done, pushed).conversation, pushed);
    EXPECT_EQ(owed_after(End::not_now, pushed).conversation, pushed);
    EXPECT_TRUE(owed_after(End::retry, pushed).conversation);
    EXPECT_FALSE(owed_after(End::done, pushed).comes_back);
    EXPECT_TRUE(owed_after(End::not_now, pushed).comes_back);
  }
}

TEST(Conversation, ComesBackByItselfOnlyWhenTheLastStatusWasNotNow) {
  const auto refused = [](const std::string& uuid) {
    return performed(0, uuid, mdm::Status::not_now);
  };
  C last = after_result(refused("A"));
  EXPECT_EQ(step(last, answer(200)), Texts{"Finish not_now"});

  C earlier = after_result(refused("A"));
  EXPECT_EQ(step(earlier, answer(200, command("B"))), Texts{"Recall B"});
  step(earlier, C::Recalled{});
  step(earlier, performed(2, "B"));
  EXPECT_EQ(step(earlier, answer(200)), (Texts{"Forget 2", "Finish done"}));
}

TEST(Conversation, EndsWhenTheAnswerIsNoCommand) {
  for (const std::string& body :
       {std::string(" \r\n"), std::string("hello"), std::string("<plist/>"), command(""),
        std::string("<plist><dict/></plist>")}) {
    C conversation;
    conversation.step(C::Begin{});
    EXPECT_EQ(step(conversation, answer(200, body)), Texts{"Finish done"}) << body;
  }
}

TEST(Conversation, EndsWhenTheAnswerToAnAnsweredCommandIsGone) {
  C conversation;
  step(conversation, C::Begin{});
  step(conversation, answer(200, command("A")));
  EXPECT_EQ(step(conversation, answered_before("ProfileList", "")),
            (Texts{"Note conversation/answered-again", "Finish done"}));
}

}  // namespace
}  // namespace understudy::agent
