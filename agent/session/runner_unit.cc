#include "agent/session/runner_unit.h"

namespace understudy::agent {

Runner::Unit::Unit(Runner& owner, std::string device_id)
    : runner(owner),
      id(std::move(device_id)),
      work(owner.executor_),
      backoff(owner.context_.transport.retry_after, owner.context_.transport.longest_retry,
              owner.context_.seed.derive("retry " + id)) {}

Result<void> Runner::Unit::load() {
  if (session) return {};
  UNDERSTUDY_TRY(session, DeviceSession::load(runner.context_, id));
  return {};
}

Result<ChannelSetup> Runner::Unit::setup() {
  const bool keeps_it = session.has_value();
  UNDERSTUDY_CHECK(load());
  auto made = session->channel_setup();
  if (!keeps_it) session.reset();
  return made;
}

Result<void> Runner::Unit::tokens_changed(const CourierTokens& tokens, mdm::Channel whose) {
  UNDERSTUDY_CHECK(load());
  UNDERSTUDY_CHECK(session->tokens_changed(tokens, whose));
  runner.settle(*this);
  return {};
}

Result<void> Runner::Unit::woken(mdm::Channel whose) {
  UNDERSTUDY_CHECK(load());
  UNDERSTUDY_CHECK(session->wake(whose));
  const User* user = user_on_channel(session->device());
  AgentEvent::Fields fields;
  if (whose == mdm::Channel::user && user != nullptr) fields.emplace_back("user", user->name);
  runner.context_.tell("push", id, std::move(fields));
  runner.settle(*this);
  return {};
}

void Runner::Unit::refused(const RefusedPush& push) {
  runner.context_.note(id, witness::check_refused_push(push));
  runner.context_.tell("push_refused", id, {{"why", push.words}});
}

void Runner::Unit::listening(bool yes) {
  runner.ask_why(*this, yes);
  if (is_listening == yes) return;
  is_listening = yes;
  runner.context_.tell(yes ? "listening" : "disconnected", id);
  runner.changed_.notify();
}

}  // namespace understudy::agent
