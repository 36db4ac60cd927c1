#include "agent/session/device_session.h"

#include "agent/payloads/removal.h"
#include "agent/push/push_channel.h"
#include "agent/session/not_now.h"

namespace understudy::agent {

Result<DeviceSession> DeviceSession::load(AgentContext& context, const std::string& device_id) {
  UNDERSTUDY_TRY(auto device, context.store.load(device_id));
  UNDERSTUDY_TRY(const auto pending, context.store.pending_results(device_id));
  DeviceSession session(context, std::move(device), !pending.empty());
  UNDERSTUDY_CHECK(session.remove_due());
  return session;
}

DeviceSession::DeviceSession(AgentContext& context, Device device, bool results_pending)
    : context_(&context), device_(std::move(device)), results_pending_(results_pending) {}

bool DeviceSession::owes() const {
  if (!enrolled()) return false;
  return device_.wake_pending || results_pending_ ||
         device_.enrollment->stage != Enrollment::Stage::enrolled ||
         (device_.comes_back && hindrance(device_).empty());
}

bool DeviceSession::ready() const {
  return owes() && (reach().connects || device_.enrollment->removed_by_user);
}

Result<ChannelSetup> DeviceSession::channel_setup() const {
  if (!enrolled()) return fail(errc::not_found, "device " + device_.id + " is not enrolled");
  return agent::channel_setup(device_, device_.enrollment->mdm.topic,
                              device_.enrollment->push_magic);
}

Result<void> DeviceSession::wake() {
  ++wakes_;
  if (device_.wake_pending) return {};
  device_.wake_pending = true;
  auto saved = context_->store.save(device_);
  if (!saved) device_.wake_pending = false;
  return saved;
}

Result<void> DeviceSession::tokens_changed(const CourierTokens& tokens) {
  Device changed = device_;
  store_tokens(tokens, changed.push);
  const bool owed = changed.push.topic_token != device_.push.topic_token;
  if (owed && changed.enrollment && changed.enrollment->stage == Enrollment::Stage::enrolled) {
    changed.enrollment->stage = Enrollment::Stage::token_pending;
  }
  UNDERSTUDY_CHECK(context_->store.save(changed));
  device_ = std::move(changed);
  return {};
}

Result<void> DeviceSession::start_leaving() {
  if (!enrolled()) return fail(errc::not_found, "device " + device_.id + " is not enrolled");
  Device changed = device_;
  changed.enrollment->stage = Enrollment::Stage::leaving;
  UNDERSTUDY_CHECK(context_->store.save(changed));
  device_ = std::move(changed);
  return {};
}

Result<void> DeviceSession::remove_due() {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(context_->clock.now().time_since_epoch());
  const std::int64_t next = next_removal(device_);
  if (next == 0 || next > now.count()) return {};
  Device changed = device_;
  if (!remove_due_profiles(changed, now.count())) return {};
  UNDERSTUDY_CHECK(context_->store.save(changed));
  device_ = std::move(changed);
  context_->tell("profiles_removed", device_.id);
  return {};
}

Result<std::string> DeviceSession::lay_hands(const Hand& hand) {
  const bool was_enrolled = enrolled();
  Device changed = device_;
  UNDERSTUDY_TRY(auto did, agent::lay_hands(changed, hand, context_->seed));
  UNDERSTUDY_CHECK(context_->store.save(changed));
  device_ = std::move(changed);
  context_->tell("hand", device_.id, {{"action", hand.action}});
  if (was_enrolled && !enrolled()) {
    wiped_ = true;
    context_->tell("erased", device_.id);
    UNDERSTUDY_CHECK(forget_results());
  }
  return did;
}

Task<DeviceSession::WorkEnd> DeviceSession::work(bool forced) {
  WorkEnd end;
  commands_ = 0;
  is_cut_off_ = !reach().connects;
  forced = forced || device_.enrollment->removed_by_user;
  if (is_cut_off_ && !forced) {
    end.end = End::retry;
    end.why = reach().why;
    co_return end;
  }
  const std::uint64_t wakes_before = wakes_;
  auto client = MdmClient::make(*context_, device_);
  if (!client) {
    end.end = End::retry;
    end.why = client.error().message();
    co_return end;
  }
  if (device_.enrollment->stage == Enrollment::Stage::token_pending) {
    end = co_await update_token(*client);
    if (end.end != End::done) co_return end;
  }
  end = co_await converse(*client, forced);
  end.commands = commands_;
  if (auto settled = settle(wakes_before, end); !settled) {
    end.end = End::retry;
    end.why = settled.error().message();
  }
  co_return end;
}

Task<DeviceSession::WorkEnd> DeviceSession::update_token(MdmClient& client) {
  WorkEnd end;
  mdm::Checkin message = make_token_update(device_);
  const Bytes sent_token = device_.push.topic_token;
  auto answer = co_await client.check_in("token_update", std::move(message));
  if (!enrolled()) {  // wiped by hand meanwhile
    end.end = End::erased;
    co_return end;
  }
  const Verdict verdict =
      answer ? judge(answer->status, answer->body, heeds_unrecognized_device(device_.target()))
             : Verdict::failed;
  Result<void> stored;
  if (verdict == Verdict::unenroll) {
    end.end = End::unenrolled;
    stored = remove_all("the server does not know this device (" +
                        describe_answer(answer->status, answer->body) + ")");
  } else if (verdict == Verdict::failed) {
    end.end = End::retry;
    end.why = "TokenUpdate: " +
              (answer ? describe_answer(answer->status, answer->body) : answer.error().message());
  } else if (device_.push.topic_token == sent_token &&
             device_.enrollment->stage == Enrollment::Stage::token_pending) {
    // Unless it changed again meanwhile, or the device leaves.
    Device changed = device_;
    changed.enrollment->stage = Enrollment::Stage::enrolled;
    stored = context_->store.save(changed);
    if (stored) device_ = std::move(changed);
    context_->tell("token_update", device_.id);
  }
  if (!stored) {
    end.end = End::retry;
    end.why = stored.error().message();
  }
  co_return end;
}

Result<void> DeviceSession::settle(std::uint64_t wakes_before, const WorkEnd& end) {
  if (!enrolled()) return {};
  UNDERSTUDY_TRY(const auto pending, context_->store.pending_results(device_.id));
  results_pending_ = !pending.empty();
  const Owed owed = owed_after(end.end, wakes_ != wakes_before);
  if (owed.conversation == device_.wake_pending && owed.comes_back == device_.comes_back) return {};
  device_.wake_pending = owed.conversation;
  device_.comes_back = owed.comes_back;
  return context_->store.save(device_);
}

}  // namespace understudy::agent
