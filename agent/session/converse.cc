// The part of DeviceSession that drives one Conversation: each effect is carried out, in order.

#include "agent/session/device_session.h"
#include "shared/core/crash_point.h"
#include "shared/plist/plist.h"

namespace understudy::agent {
namespace {

Conversation::Event as_event(Result<net::HttpResponse> answer) {
  if (!answer) {
    Conversation::Unanswered unanswered;
    unanswered.why = answer.error().message();
    unanswered.code = answer.error().code;
    return unanswered;
  }
  Conversation::Answered answered;
  answered.status = answer->status;
  answered.body = std::move(answer->body);
  return answered;
}

}  // namespace

Result<Conversation::Begin> DeviceSession::beginning(bool forced) {
  Conversation::Begin begin;
  if (results_pending_ || user_results_pending_) {
    UNDERSTUDY_TRY(begin.pending, context_->store.pending_results(device_.id));
    std::erase_if(begin.pending, [&](const auto& result) { return result.user != user_; });
  }
  begin.leaving = device_.enrollment->stage == Enrollment::Stage::leaving;
  begin.check_out = device_.enrollment->mdm.check_out_when_removed;
  begin.forced = forced;
  begin.leaves_silently = context_->transport.leaves_silently;
  begin.heeds_unrecognized = heeds_unrecognized_device(device_.target());
  return begin;
}

Task<DeviceSession::WorkEnd> DeviceSession::converse(MdmClient& client, bool forced) {
  WorkEnd end;
  end.end = End::retry;
  auto begin = beginning(forced);
  if (!begin) {
    end.why = begin.error().message();
    co_return end;
  }
  Conversation conversation;
  Conversation::Event event = std::move(*begin);
  for (;;) {
    Next next;
    auto effects = conversation.step(std::move(event));
    for (auto& effect : effects) {
      if (const auto* finish = std::get_if<Conversation::Finish>(&effect)) {
        end.end = finish->end;
        end.why = finish->why;
        end.code = finish->code;
        co_return end;
      }
      auto done = co_await carry_out(client, effect);
      if (!done) {
        end.why = done.error().message();
        co_return end;
      }
      next = std::move(*done);
    }
    if (wiped_) {  // by hand, while the server was talking
      end.end = End::erased;
      co_return end;
    }
    if (!next) {  // cut off in the middle, or disowned there
      if (!enrolled()) end.end = End::unenrolled;
      end.why =
          cut_off_.empty() ? "the conversation wants nothing more and has not ended" : cut_off_;
      co_return end;
    }
    event = std::move(*next);
  }
}

Task<Result<DeviceSession::Next>> DeviceSession::carry_out(MdmClient& client,
                                                           Conversation::Effect& effect) {
  const bool sends = std::holds_alternative<Conversation::SendIdle>(effect) ||
                     std::holds_alternative<Conversation::SendResult>(effect) ||
                     std::holds_alternative<Conversation::SendCheckOut>(effect);
  if (sends) co_return co_await send(client, effect);
  if (auto* command = std::get_if<Conversation::Perform>(&effect)) {
    co_return co_await perform_command(client, std::move(command->message));
  }
  co_return change(effect);
}

Task<Result<DeviceSession::Next>> DeviceSession::send(MdmClient& client,
                                                      Conversation::Effect& effect) {
  Conversation::Unanswered unheard;
  unheard.why = cut_off_;
  if (!cut_off_.empty()) co_return Next(std::move(unheard));
  auto answer = co_await exchange(client, effect);
  unheard.why = cut_off_;  // an answer to whoever hung up meanwhile
  if (!cut_off_.empty()) co_return Next(std::move(unheard));
  co_return Next(as_event(std::move(answer)));
}

Task<Result<net::HttpResponse>> DeviceSession::exchange(MdmClient& client,
                                                        Conversation::Effect& effect) {
  if (auto* result = std::get_if<Conversation::SendResult>(&effect)) {
    auto answer = co_await client.report("result", std::move(result->result.body),
                                         result->result.command_uuid);
    if (answer) crash_point("agent.result_sent");
    co_return answer;
  }
  if (std::holds_alternative<Conversation::SendCheckOut>(effect)) {
    mdm::Checkin message = make_check_out(device_);
    auto answer = co_await client.check_in("checkout", std::move(message));
    crash_point("agent.leave_checkout_sent");
    co_return answer;
  }
  mdm::Report idle;
  idle.sender = sender_of(device_, channel_);
  idle.not_on_console = not_on_console(device_, channel_);
  UNDERSTUDY_CO_TRY(auto body, plist::write_xml(mdm::to_plist(idle)));
  auto answer = co_await client.report("idle", std::move(body), std::string());
  if (answer) crash_point("agent.idle_sent");
  co_return answer;
}

Result<DeviceSession::Next> DeviceSession::change(Conversation::Effect& effect) {
  if (const auto* wanted = std::get_if<Conversation::Recall>(&effect)) {
    crash_point("agent.command_received");
    UNDERSTUDY_TRY(auto recalled, recall(wanted->command_uuid));
    return Next(std::move(recalled));
  }
  if (const auto* forget = std::get_if<Conversation::Forget>(&effect)) {
    UNDERSTUDY_CHECK(context_->store.forget_result(forget->id));
    crash_point("agent.result_forgotten");
  } else if (std::holds_alternative<Conversation::EraseNow>(effect)) {
    UNDERSTUDY_CHECK(erase_now());
  } else if (const auto* removal = std::get_if<Conversation::RemoveManagement>(&effect)) {
    UNDERSTUDY_CHECK(remove_all(removal->why));
  } else if (const auto* note = std::get_if<Conversation::Note>(&effect)) {
    context_->note(device_.id, {note->finding});
  }
  return Next();
}

Result<Conversation::Recalled> DeviceSession::recall(const std::string& command_uuid) {
  UNDERSTUDY_TRY(auto answer, context_->store.answer_to(device_.id, command_uuid, user_));
  return Conversation::Recalled{std::move(answer)};
}

Result<void> DeviceSession::erase_now() {
  Device changed = device_;
  agent::erase(changed, context_->seed, changed.number);
  UNDERSTUDY_CHECK(store_end(std::move(changed)));
  context_->tell("erased", device_.id);
  return {};
}

Result<void> DeviceSession::remove_all(const std::string& why) {
  Device changed = device_;
  remove_management(changed);
  UNDERSTUDY_CHECK(store_end(std::move(changed)));
  cut_off_ = why;
  context_->tell("unenrolled", device_.id, {{"why", why}});
  return {};
}

/// One transaction: a result that outlived its enrollment would be sent in the next one.
Result<void> DeviceSession::store_end(Device changed) {
  UNDERSTUDY_CHECK(context_->store.save(changed, Forget::everything));
  crash_point("agent.ended");
  device_ = std::move(changed);
  results_pending_ = user_results_pending_ = false;
  return {};
}

/// The results of a Shared iPad's session end with it: the next one is somebody else's.
Forget DeviceSession::what_leaves(const Device& changed) const {
  const auto magic = [](const Device& device) {
    const bool has_channel = device.enrollment && device.enrollment->user_channel;
    return has_channel ? device.enrollment->user_channel->push_magic : "";
  };
  return magic(changed) == magic(device_) ? Forget::nothing : Forget::unsent_of_users;
}

}  // namespace understudy::agent
