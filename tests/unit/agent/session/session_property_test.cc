// The real session and the real store: whatever fails, and wherever the process dies, every command
// is answered once in effect, and none is lost.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "tests/unit/agent/fakes/agent_fixture.h"

namespace understudy::agent {
namespace {

using fakes::FakeMdm;
using fakes::require;

/// What happens while a request is with the server, or right after a result was stored.
enum class Luck { good, push, lock, unlock, lost_request, lost_answer, crash_before, crash_after };
enum class Step { command, converse, lock, unlock, server_forgets, restart };

class SessionProperty : public fakes::AgentFixture {
 protected:
  SessionProperty() : fleet_(enrolled_device()) {
    fleet_.enrollment->mdm.server_url = plain_.url("/mdm");
    fleet_.enrollment->mdm.checkin_url = plain_.url("/checkin");
    fleet_.enrollment->mdm.sign_message = false;
    plain_.on_request = [this](const std::string& kind) { hear(kind); };
    context.events = [this](const AgentEvent& event) { see(event); };
  }
  ~SessionProperty() override {
    plain_.stop();
    io.restart();
    io.run_for(std::chrono::milliseconds(10));  // while it is still there
  }

  void begin(std::vector<Luck> lucks) {
    ASSERT_TRUE(store.remove(fleet_.id));
    save(fleet_);
    lucks_ = std::move(lucks);
    commands_.clear();
    answered_.clear();
    put_off_.clear();
    results_.clear();
    performed_.clear();
    session_.emplace(session_of(fleet_.id));
  }

  void take(Step step) {
    if (step == Step::command) push();
    if (step == Step::converse && session_->ready()) converse();
    if (step == Step::lock) lay("lock");
    if (step == Step::unlock) lay("unlock");
    if (step == Step::server_forgets && !answered_.empty()) answered_.erase(answered_.begin());
    if (step == Step::restart) session_.emplace(session_of(fleet_.id));
  }

  /// Nothing goes wrong any more, and a server that misses results pushes.
  void settle() {
    lucks_.clear();
    lay("unlock");
    for (int turns = 0; session_->owes() || answered_.size() < commands_.size(); ++turns) {
      RC_ASSERT(turns < 1000);
      if (!session_->owes()) RC_ASSERT(session_->wake());
      converse();
    }
  }

  void check() {
    RC_ASSERT(results_.size() == commands_.size());
    for (const auto& uuid : commands_) {
      RC_ASSERT(performed_[uuid] == 1);
      RC_ASSERT(results_[uuid].size() == 1U);  // sent again, it is the same answer
    }
    RC_ASSERT(require(store.pending_results(fleet_.id)).empty());
  }

 private:
  Luck luck() {
    if (lucks_.empty()) return Luck::good;
    const Luck next = lucks_.back();
    lucks_.pop_back();
    return next;
  }
  void push() {
    commands_.push_back("C" + std::to_string(commands_.size() + 1));
    RC_ASSERT(session_->wake());
  }
  void lay(const std::string& action) {
    if (action == "unlock" && !session_->device().locked) return;
    RC_ASSERT(session_->lay_hands(Hand{action, action == "unlock" ? fleet_.passcode : ""}));
  }

  void converse() {
    work(*session_);
    if (!std::exchange(died_, false)) return;
    session_.reset();
    store = require(DeviceStore::open(disk_));
    std::filesystem::remove_all(left_behind_);
    session_.emplace(session_of(fleet_.id));
  }

  /// What is on disk now is what the next process finds; nobody hears this one any more.
  void die() {
    died_ = true;
    left_behind_ = disk_;
    disk_ = directory / ("state" + std::to_string(++deaths_));
    std::filesystem::create_directory(disk_);
    for (const char* file : {"agent.db", "agent.db-wal"}) {
      std::filesystem::copy_file(left_behind_ / file, disk_ / file);
    }
  }

  void see(const AgentEvent& event) {
    if (died_ || event.name != "command") return;
    const auto text = [&](std::size_t at) {
      return std::get<std::string>(event.fields.at(at).second);
    };
    if (text(2) == "NotNow") return;
    ++performed_[text(1)];
    const Luck now = luck();
    if (now == Luck::crash_before || now == Luck::crash_after) die();
  }

  void hear(const std::string& kind) {
    const auto refuse = [&] { plain_.script[kind] = {net::HttpResponse::text(503, "lost")}; };
    if (died_) return refuse();
    const Luck now = luck();
    if (now == Luck::crash_before) die();
    if (now == Luck::crash_before || now == Luck::lost_request) return refuse();
    if (now == Luck::push) push();
    if (now == Luck::lock) lay("lock");
    if (now == Luck::unlock) lay("unlock");
    answer(kind, plain_.seen.back().body);
    if (now == Luck::crash_after) die();
    if (now == Luck::crash_after || now == Luck::lost_answer) refuse();
  }

  /// Keeps a command until a final result arrives; one that got NotNow is offered again at the next
  /// Idle (8.17).
  void answer(const std::string& kind, const plist::Value& body) {
    const std::string uuid = body.string_at("CommandUUID").value_or("");
    if (kind == "Idle") {
      put_off_.clear();
    } else if (kind == "NotNow") {
      put_off_.insert(uuid);
    } else {
      answered_.insert(uuid);
      results_[uuid].insert(plain_.seen.back().request.body);
    }
    plain_.commands.clear();
    for (const auto& next : commands_) {
      if (answered_.contains(next) || put_off_.contains(next)) continue;
      plain_.commands = {FakeMdm::command(next, {{"RequestType", "CertificateList"}})};
      return;
    }
  }

  FakeMdm plain_{io, std::nullopt};
  Device fleet_;  ///< of one
  std::optional<DeviceSession> session_;
  std::vector<Luck> lucks_;
  std::filesystem::path disk_ = directory / "state", left_behind_;
  int deaths_ = 0;
  bool died_ = false;
  std::vector<std::string> commands_;
  std::set<std::string> answered_, put_off_;
  std::map<std::string, std::set<std::string>> results_;
  std::map<std::string, int> performed_;
};

rc::Gen<std::vector<Luck>> any_luck() {
  using enum Luck;
  return rc::gen::container<std::vector<Luck>>(rc::gen::weightedElement<Luck>({{6, good},
                                                                               {2, push},
                                                                               {1, lock},
                                                                               {1, unlock},
                                                                               {1, lost_request},
                                                                               {1, lost_answer},
                                                                               {1, crash_before},
                                                                               {1, crash_after}}));
}

rc::Gen<std::vector<Step>> any_steps() {
  using enum Step;
  return rc::gen::container<std::vector<Step>>(rc::gen::weightedElement<Step>(
      {{3, command}, {4, converse}, {1, lock}, {1, unlock}, {1, server_forgets}, {1, restart}}));
}

TEST_F(SessionProperty, AnswersEveryCommandOnceInEffectWhereverItDies) {
  constexpr int kLongest = 12;  // 100 by itself
  const bool held = rc::check([this] {
    auto lucks = *rc::gen::resize(kLongest, any_luck());
    const auto steps = *rc::gen::resize(kLongest, any_steps());
    begin(std::move(lucks));
    for (const Step step : steps) take(step);
    settle();
    check();
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace understudy::agent
