#pragma once

/// Private to runner.cc: what it holds for each device.

#include <boost/asio/cancellation_signal.hpp>

#include "agent/push/push_channel.h"
#include "agent/session/runner.h"

namespace understudy::agent {

/// One device. While nothing is owed it is its push channel only: the device's state stays in the
/// store, for thousands of them wait here.
struct Runner::Unit final : PushListener {
  Unit(Runner& owner, std::string device_id)
      : runner(owner),
        id(std::move(device_id)),
        work(owner.executor_),
        backoff(owner.context_.transport.retry_after, owner.context_.transport.longest_retry,
                owner.context_.seed.derive("retry " + id)) {}

  /// Loads the session unless it is there.
  Result<void> load() {
    if (session) return {};
    UNDERSTUDY_TRY(session, DeviceSession::load(runner.context_, id));
    return {};
  }
  Result<ChannelSetup> setup() {
    const bool keeps_it = session.has_value();
    UNDERSTUDY_CHECK(load());
    auto made = session->channel_setup();
    if (!keeps_it) session.reset();
    return made;
  }
  Result<void> tokens_changed(const CourierTokens& tokens, mdm::Channel whose) override {
    UNDERSTUDY_CHECK(load());
    UNDERSTUDY_CHECK(session->tokens_changed(tokens, whose));
    runner.settle(*this);
    return {};
  }
  Result<void> woken(mdm::Channel whose) override {
    UNDERSTUDY_CHECK(load());
    UNDERSTUDY_CHECK(session->wake(whose));
    const User* user = user_on_channel(session->device());
    AgentEvent::Fields fields;
    if (whose == mdm::Channel::user && user != nullptr) fields.emplace_back("user", user->name);
    runner.context_.tell("push", id, std::move(fields));
    runner.settle(*this);
    return {};
  }
  void refused(const RefusedPush& push) override {
    runner.context_.note(id, witness::check_refused_push(push));
    runner.context_.tell("push_refused", id, {{"why", push.words}});
  }
  void listening(bool yes) override {
    runner.ask_why(*this, yes);
    if (is_listening == yes) return;
    is_listening = yes;
    runner.context_.tell(yes ? "listening" : "disconnected", id);
    runner.changed_.notify();
  }

  Runner& runner;
  std::string id;
  std::optional<DeviceSession> session;  ///< while something is owed, or while it is kept
  bool is_kept = false;
  net::Event work;
  Backoff backoff;
  std::shared_ptr<Courier> courier;
  bool sandbox = false;
  std::unique_ptr<PushChannel> channel;
  asio::cancellation_signal stop_channel;
  bool listens_at_start = false, is_listening = false;
  bool channel_runs = false, session_runs = false;
  std::unique_ptr<Deadlines::Deadline> removal;  ///< of its next profile
  std::size_t mark = 0;                          ///< push_mark() at the last settle_channel()
};

}  // namespace understudy::agent
