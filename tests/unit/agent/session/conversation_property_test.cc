// Whatever happens on the way, every command is answered once in effect, and none is lost.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "agent/session/conversation.h"
#include "shared/plist/plist.h"

namespace understudy::agent {
namespace {

using C = Conversation;

/// Keeps a command until a final result arrives; one that got NotNow is offered again at the next
/// Idle (8.17). May forget that one was answered, as after a restored backup.
class ModelServer {
 public:
  void queue(const std::string& uuid) { commands_.push_back(uuid); }
  void forget_the_oldest() {
    if (!answered_.empty()) answered_.erase(answered_.begin());
  }
  bool has_unanswered() const { return answered_.size() < commands_.size(); }
  std::string idle() {
    put_off_.clear();
    return next();
  }
  std::string result(const PendingResult& result, bool not_now) {
    if (not_now) {
      put_off_.insert(result.command_uuid);
    } else {
      results[result.command_uuid].insert(result.body);
      answered_.insert(result.command_uuid);
    }
    return next();
  }
  std::map<std::string, std::set<std::string>> results;  ///< different ones to each command

 private:
  std::string next() const {
    for (const auto& uuid : commands_) {
      if (!answered_.contains(uuid) && !put_off_.contains(uuid)) return command(uuid);
    }
    return "";
  }
  static std::string command(const std::string& uuid) {
    return "<plist version=\"1.0\"><dict><key>Command</key><dict><key>RequestType</key>"
           "<string>SecurityInfo</string></dict><key>CommandUUID</key><string>" +
           uuid + "</string></dict></plist>";
  }

  std::vector<std::string> commands_;
  std::set<std::string> answered_;
  std::set<std::string> put_off_;  ///< for the rest of this conversation
};

/// What the next step of the world does.
enum class Luck { good, lost_request, lost_answer, server_error, crash_before, crash_after };

/// The device around a Conversation: store, lock, push and what is owed.
class ModelDevice {
 public:
  ModelDevice(ModelServer& server, std::vector<Luck> lucks)
      : server_(server), lucks_(std::move(lucks)) {}

  bool locked = false;
  std::map<std::string, int> performed;
  void push() {
    wake_ = true;
    ++pushes_;
  }
  bool owes() const { return wake_ || !outbox_.empty() || (comes_back_ && !locked); }
  bool comes_back() const { return comes_back_; }
  void be_lucky() { lucks_.clear(); }

  /// One conversation, until it ends or the process dies.
  void converse() {
    const int pushes_before = pushes_;
    C conversation;
    C::Begin begin;
    begin.pending = outbox_;
    std::optional<C::Event> event = begin;
    while (event) {
      C::Effects effects = conversation.step(std::move(*event));
      event.reset();
      for (C::Effect& effect : effects) {
        if (const auto* finish = std::get_if<C::Finish>(&effect)) {
          const Owed owed = owed_after(finish->end, pushes_ != pushes_before);
          wake_ = owed.conversation;
          comes_back_ = owed.comes_back;
          return;
        }
        auto next = carry_out(effect);
        if (died_) {
          died_ = false;
          return;
        }
        if (next) event = std::move(next);
      }
    }
    RC_FAIL("the conversation neither ended nor wanted anything");
  }

 private:
  Luck luck() {
    if (lucks_.empty()) return Luck::good;
    const Luck next = lucks_.back();
    lucks_.pop_back();
    return next;
  }

  std::optional<C::Event> carry_out(C::Effect& effect) {
    if (std::holds_alternative<C::SendIdle>(effect)) {
      return exchange([this] { return server_.idle(); });
    }
    if (const auto* send = std::get_if<C::SendResult>(&effect)) {
      const bool not_now = send->result.body == "NotNow";
      return exchange([this, send, not_now] { return server_.result(send->result, not_now); });
    }
    if (const auto* wanted = std::get_if<C::Recall>(&effect)) return recall(wanted->command_uuid);
    if (const auto* command = std::get_if<C::Perform>(&effect)) {
      return perform(command->message.string_at("CommandUUID").value_or(""));
    }
    if (const auto* forget = std::get_if<C::Forget>(&effect)) {
      std::erase_if(outbox_, [&](const auto& result) { return result.id == forget->id; });
    }
    return std::nullopt;
  }

  template <class Request>
  std::optional<C::Event> exchange(Request request) {
    const Luck this_time = luck();
    if (this_time == Luck::crash_before) return die();
    if (this_time == Luck::lost_request) return C::Unanswered{"lost"};
    C::Answered answer;
    if (this_time == Luck::server_error) {
      answer.status = 503;
      return answer;
    }
    answer.status = 200;
    answer.body = request();
    if (this_time == Luck::crash_after) return die();
    if (this_time == Luck::lost_answer) return C::Unanswered{"lost"};
    return answer;
  }

  C::Event recall(const std::string& uuid) const {
    C::Recalled recalled;
    const auto found = answers_.find(uuid);
    if (found == answers_.end()) return recalled;
    recalled.answer = PendingResult{};
    recalled.answer->command_uuid = uuid;
    recalled.answer->request_type = "SecurityInfo";
    recalled.answer->body = found->second;
    return recalled;
  }

  std::optional<C::Event> perform(const std::string& uuid) {
    C::Performed event;
    event.result.command_uuid = uuid;
    event.result.request_type = "SecurityInfo";
    if (locked) {
      event.status = mdm::Status::not_now;
      event.result.body = "NotNow";
      return event;
    }
    if (luck() == Luck::crash_before) return die();
    event.result.body = "result " + std::to_string(++performed[uuid]) + " of " + uuid;
    event.result.id = ++last_id_;
    outbox_.push_back(event.result);
    answers_[uuid] = event.result.body;
    if (luck() == Luck::crash_after) return die();
    return event;
  }

  std::optional<C::Event> die() {
    died_ = true;  // wake_, outbox_ and answers_ are on disk
    return std::nullopt;
  }

  ModelServer& server_;
  std::vector<Luck> lucks_;
  std::vector<PendingResult> outbox_;
  std::map<std::string, std::string> answers_;
  std::int64_t last_id_ = 0;
  int pushes_ = 0;
  bool wake_ = false, comes_back_ = false, died_ = false;
};

enum class Step { command, push, converse, lock, unlock, server_forgets };

class Play {
 public:
  explicit Play(const std::vector<Luck>& lucks) : device(server, lucks) {}

  void take(Step step) {
    if (step == Step::command) {
      const std::string uuid = "C" + std::to_string(++commands);
      server.queue(uuid);
      device.push();
    } else if (step == Step::push) {
      device.push();
    } else if (step == Step::converse) {
      if (device.owes()) device.converse();
    } else if (step == Step::server_forgets) {
      server.forget_the_oldest();
    } else {
      device.locked = step == Step::lock;
    }
  }

  /// Nothing goes wrong any more, and a server that misses results pushes: how often it had to.
  int settle() {
    device.be_lucky();
    device.locked = false;
    int pushes = 0;
    for (int turns = 0; device.owes() || server.has_unanswered(); ++turns) {
      RC_ASSERT(turns < 1000);
      if (!device.owes()) {
        ++pushes;
        device.push();
      }
      device.converse();
    }
    return pushes;
  }

  ModelServer server;
  ModelDevice device;
  int commands = 0;
};

rc::Gen<std::vector<Luck>> any_luck() {
  using enum Luck;
  return rc::gen::container<std::vector<Luck>>(rc::gen::weightedElement<Luck>({{6, good},
                                                                               {1, lost_request},
                                                                               {1, lost_answer},
                                                                               {1, server_error},
                                                                               {1, crash_before},
                                                                               {1, crash_after}}));
}

rc::Gen<std::vector<Step>> any_steps() {
  using enum Step;
  return rc::gen::container<std::vector<Step>>(rc::gen::weightedElement<Step>(
      {{3, command}, {1, push}, {4, converse}, {1, lock}, {1, unlock}, {1, server_forgets}}));
}

RC_GTEST_PROP(ConversationProperty, AnswersEveryCommandOnceInEffect, ()) {
  const auto lucks = *any_luck();
  const auto steps = *any_steps();
  Play play(lucks);
  for (const Step step : steps) play.take(step);
  play.settle();
  RC_ASSERT(play.server.results.size() == static_cast<std::size_t>(play.commands));
  for (int i = 1; i <= play.commands; ++i) {
    const std::string uuid = "C" + std::to_string(i);
    RC_ASSERT(play.device.performed[uuid] == 1);
    RC_ASSERT(play.server.results[uuid] == std::set<std::string>{"result 1 of " + uuid});
  }
}

// Each command came with one push, and that is durable.
RC_GTEST_PROP(ConversationProperty, NeedsNoSecondPushWhateverFails, ()) {
  using enum Step;
  const auto lucks = *any_luck();
  const auto steps =
      *rc::gen::container<std::vector<Step>>(rc::gen::element(command, push, converse));
  Play play(lucks);
  for (const Step step : steps) play.take(step);
  RC_ASSERT(play.settle() == 0);
}

// 8.11: without any push, if NotNow was its last word.
RC_GTEST_PROP(ConversationProperty, ComesBackByItselfWhenNotNowWasTheLastWord, ()) {
  const auto lucks = *any_luck();
  const auto steps = *any_steps();
  Play play(lucks);
  for (const Step step : steps) play.take(step);
  play.take(Step::lock);
  play.take(Step::command);
  play.device.be_lucky();
  while (play.device.owes()) play.device.converse();
  RC_ASSERT(play.device.comes_back());
  RC_ASSERT(play.settle() == 0);
}

}  // namespace
}  // namespace understudy::agent
