#include "agent/session/device_session.h"

#include <algorithm>

#include "agent/commands/progress.h"
#include "agent/payloads/removal.h"
#include "agent/push/push_channel.h"
#include "agent/session/not_now.h"

namespace understudy::agent {

Result<DeviceSession> DeviceSession::load(AgentContext& context, const std::string& device_id,
                                          DeviceCredentials credentials) {
  UNDERSTUDY_TRY(auto device, context.store.load(device_id));
  DeviceSession session(context, std::move(device));
  session.credentials_ = std::move(credentials);
  UNDERSTUDY_CHECK(session.count_pending());
  UNDERSTUDY_CHECK(session.remove_due());
  return session;
}

DeviceSession::DeviceSession(AgentContext& context, Device device)
    : context_(&context), device_(std::move(device)) {}

Result<void> DeviceSession::count_pending() {
  UNDERSTUDY_TRY(const auto pending, context_->store.pending_results(device_.id));
  const auto is_devices = [](const PendingResult& result) { return result.user.empty(); };
  results_pending_ = std::ranges::any_of(pending, is_devices);
  user_results_pending_ = !std::ranges::all_of(pending, is_devices);
  return {};
}

bool DeviceSession::owes() const {
  if (!enrolled()) return device_.return_to_service && context_->enroll_again;
  return owes_message() || wants_conversation() || wants_user_conversation();
}

bool DeviceSession::wants_conversation() const {
  return device_.wake_pending || results_pending_ ||
         device_.enrollment->stage != Enrollment::Stage::enrolled ||
         (device_.comes_back && can_now(device_, device_.put_off));
}

/// While nobody is logged in whose channel it is, it is silent (9.3).
bool DeviceSession::wants_user_conversation() const {
  if (user_on_channel(device_) == nullptr) return false;
  const UserChannel& channel = *device_.enrollment->user_channel;
  return channel.wake_pending || user_results_pending_ ||
         (channel.comes_back && can_now(device_, channel.put_off, mdm::Channel::user));
}

/// Whether a check-in message is due, other than the device's own TokenUpdate.
bool DeviceSession::owes_message() const {
  const Enrollment& enrollment = *device_.enrollment;
  const bool user_token_owed = user_on_channel(device_) != nullptr &&
                               enrollment.user_channel->token_owed &&
                               !enrollment.user_channel->topic_token.empty();
  return user_token_owed || enrollment.bootstrap_owed || enrollment.token_request ||
         enrollment.asks_return;
}

bool DeviceSession::ready() const {
  const bool is_leaving = enrolled() && device_.enrollment->removed_by_user;
  return owes() && (reach().connects || is_leaving);
}

std::optional<std::chrono::milliseconds> DeviceSession::free_in() const {
  if (!enrolled() || !device_.comes_back || !reach().connects) return std::nullopt;
  const auto ends = hindrance_ends(device_);
  if (!ends) return std::nullopt;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*ends - context_->clock.now());
  return std::max(left, std::chrono::milliseconds(0));
}

Result<void> DeviceSession::catch_up() {
  const Surroundings around{context_->clock, context_->seed, device_.number};
  return store_change([&](Device& changed) { agent::catch_up(changed, around); });
}

Result<ChannelSetup> DeviceSession::channel_setup() const {
  if (!enrolled()) return fail(errc::not_found, "device " + device_.id + " is not enrolled");
  return agent::channel_setup(device_, device_.enrollment->mdm.topic,
                              device_.enrollment->push_magic);
}

Result<void> DeviceSession::wake(mdm::Channel channel) {
  if (channel == mdm::Channel::device) {
    ++wakes_;
    return device_.wake_pending ? Result<void>() : save_owed(true, device_.comes_back);
  }
  if (!enrolled() || !device_.enrollment->user_channel) return {};
  ++user_wakes_;
  if (device_.enrollment->user_channel->wake_pending) return {};
  return store_change(
      [](Device& changed) { changed.enrollment->user_channel->wake_pending = true; });
}

Result<void> DeviceSession::save_owed(bool wake_pending, bool comes_back) {
  UNDERSTUDY_CHECK(context_->store.save_owed(device_.id, wake_pending, comes_back));
  device_.wake_pending = wake_pending;
  device_.comes_back = comes_back;
  return {};
}

Result<void> DeviceSession::tokens_changed(const CourierTokens& tokens, mdm::Channel channel) {
  Device changed = device_;
  if (channel == mdm::Channel::user) {
    if (!enrolled() || !changed.enrollment->user_channel) return {};
    UserChannel& users = *changed.enrollment->user_channel;
    const Bytes known = users.topic_token;
    store_tokens(tokens, users);
    users.token_owed = users.token_owed || users.topic_token != known;
  } else {
    store_tokens(tokens, changed.push);
    const bool owed = changed.push.topic_token != device_.push.topic_token;
    if (owed && changed.enrollment && changed.enrollment->stage == Enrollment::Stage::enrolled) {
      changed.enrollment->stage = Enrollment::Stage::token_pending;
    }
  }
  UNDERSTUDY_CHECK(context_->store.save(changed));
  device_ = std::move(changed);
  return {};
}

Result<void> DeviceSession::start_leaving() {
  if (!enrolled()) return fail(errc::not_found, "device " + device_.id + " is not enrolled");
  return store_change(
      [](Device& changed) { changed.enrollment->stage = Enrollment::Stage::leaving; });
}

Result<void> DeviceSession::remove_due() {
  const TimePoint now = context_->clock.now();
  const auto next = next_removal(device_);
  if (!next || *next > now) return {};
  Device changed = device_;
  if (!remove_due_profiles(changed, now)) return {};
  UNDERSTUDY_CHECK(context_->store.save(changed));
  device_ = std::move(changed);
  context_->tell("profiles_removed", device_.id);
  return {};
}

Result<std::string> DeviceSession::lay_hands(const Hand& hand) {
  if (enrolling_again_) {  // which stores a device that knows nothing of these hands
    return fail(errc::unsupported, device_.id + " enrolls again after its erasure",
                "wait until it has");
  }
  const bool was_enrolled = enrolled();
  Device changed = device_;
  UNDERSTUDY_TRY(auto did, agent::lay_hands(changed, hand, context_->seed));
  const bool is_wiped = was_enrolled && !changed.enrollment;
  if (is_wiped) {
    UNDERSTUDY_CHECK(store_end(std::move(changed)));
  } else {
    const Forget leaves = what_leaves(changed);
    std::string cut_off = what_cuts_off(changed);
    UNDERSTUDY_CHECK(context_->store.save(changed, leaves));
    device_ = std::move(changed);
    if (!cut_off.empty()) cut_off_ = std::move(cut_off);
    if (leaves != Forget::nothing) UNDERSTUDY_CHECK(count_pending());
  }
  context_->tell("hand", device_.id, {{"action", hand.action}});
  if (is_wiped) {
    wiped_ = true;
    context_->tell("erased", device_.id);
  }
  return did;
}

/// Of what a hand does in the middle of a conversation. A command that does the same still has its
/// answer sent.
std::string DeviceSession::what_cuts_off(const Device& changed) const {
  const Reach reach = reach_of(changed);
  if (!reach.connects) return std::string(reach.why);
  if (changed.restarts != device_.restarts) return "it was started again";
  const auto speaker = [](const Device& device) {
    return user_on_channel(device) == nullptr ? "" : device.enrollment->user_channel->push_magic;
  };
  const bool is_users = channel_ == mdm::Channel::user;
  return is_users && speaker(changed) != speaker(device_) ? "its user logged out" : "";
}

Task<DeviceSession::WorkEnd> DeviceSession::work(bool forced) {
  WorkEnd end;
  commands_ = 0;
  channel_ = mdm::Channel::device;
  cut_off_ = reach().connects ? "" : reach().why;
  forced = forced || (enrolled() && device_.enrollment->removed_by_user);
  if (!cut_off_.empty() && !forced) {
    end.end = End::retry;
    end.why = cut_off_;
    co_return end;
  }
  if (!enrolled()) {
    end = co_await enroll_again();
    if (end.end != End::done) co_return end;
  }
  auto client = this->client();
  if (!client) {
    end.end = End::retry;
    end.why = client.error().message();
    co_return end;
  }
  // Without any reason somebody just wants the device to connect.
  const bool talks = wants_conversation() || !owes();
  std::string unsaid;
  if (device_.enrollment->stage != Enrollment::Stage::leaving) {
    end = co_await check_in(*client);
    if (end.end != End::done && (end.end != End::retry || owes_token())) co_return end;
    unsaid = end.why;
  }
  end = co_await talk_on_both(*client, talks, forced);
  if (!unsaid.empty() && (end.end == End::done || end.end == End::not_now)) {
    end.end = End::retry;
    end.why = unsaid;
  }
  end.commands = commands_;
  co_return end;
}

Task<DeviceSession::WorkEnd> DeviceSession::talk_on_both(MdmClient& client, bool talks,
                                                         bool forced) {
  WorkEnd end;
  if (talks) end = co_await talk(client, mdm::Channel::device, forced);
  const bool goes_on = end.end == End::done || end.end == End::not_now;
  if (goes_on && enrolled() && wants_user_conversation()) {
    end = co_await talk(client, mdm::Channel::user, forced);
  }
  co_return end;
}

/// One conversation, and what it leaves to be done.
Task<DeviceSession::WorkEnd> DeviceSession::talk(MdmClient& client, mdm::Channel channel,
                                                 bool forced) {
  channel_ = channel;
  const bool is_users = channel == mdm::Channel::user;
  user_ = is_users ? device_.enrollment->user_channel->user : "";
  client.speak_on(channel);
  const std::uint64_t before = is_users ? user_wakes_ : wakes_;
  auto end = co_await converse(client, forced);
  if (auto settled = settle(before, end); !settled) {
    end.end = End::retry;
    end.why = settled.error().message();
  }
  co_return end;
}

Result<void> DeviceSession::settle(std::uint64_t wakes_before, const WorkEnd& end) {
  if (!enrolled()) return {};
  if (results_pending_ || user_results_pending_) UNDERSTUDY_CHECK(count_pending());
  const bool is_users = channel_ == mdm::Channel::user;
  const Owed owed = owed_after(end.end, (is_users ? user_wakes_ : wakes_) != wakes_before);
  const std::string put_off = end.end == End::not_now ? put_off_ : "";
  if (is_users) return settle_users(owed, put_off);
  const bool is_same =
      owed.conversation == device_.wake_pending && owed.comes_back == device_.comes_back;
  if (put_off == device_.put_off) {
    return is_same ? Result<void>() : save_owed(owed.conversation, owed.comes_back);
  }
  return store_change([&](Device& changed) {
    changed.wake_pending = owed.conversation;
    changed.comes_back = owed.comes_back;
    changed.put_off = put_off;
  });
}

Result<void> DeviceSession::settle_users(const Owed& owed, const std::string& put_off) {
  // Logged out meanwhile.
  if (!device_.enrollment->user_channel || device_.enrollment->user_channel->user != user_)
    return {};
  const UserChannel& now = *device_.enrollment->user_channel;
  const bool is_same = owed.conversation == now.wake_pending && owed.comes_back == now.comes_back &&
                       put_off == now.put_off;
  if (is_same) return {};
  return store_change([&](Device& changed) {
    UserChannel& users = *changed.enrollment->user_channel;
    users.wake_pending = owed.conversation;
    users.comes_back = owed.comes_back;
    users.put_off = put_off;
  });
}

}  // namespace understudy::agent
