#include "agent/session/conversation.h"

#include "shared/plist/plist.h"

namespace understudy::agent {
namespace {

/// A server that hands out the same command again and again would never let go of the device.
constexpr int kOffersOfOneCommand = 4;

std::string request_type_of(const plist::Value& message) {
  const plist::Value* command = message.find("Command");
  return command == nullptr ? "" : command->string_at("RequestType").value_or("");
}

}  // namespace

std::string_view end_name(End end) {
  switch (end) {
    case End::done:
      return "done";
    case End::not_now:
      return "not_now";
    case End::retry:
      return "retry";
    case End::left:
      return "left";
    case End::erased:
      return "erased";
    case End::unenrolled:
      return "unenrolled";
  }
  return "";
}

Conversation::Effects Conversation::step(Event event) {
  Effects effects;
  if (auto* e = std::get_if<Begin>(&event)) begin(std::move(*e), effects);
  if (auto* e = std::get_if<Answered>(&event)) answered(*e, effects);
  if (auto* e = std::get_if<Unanswered>(&event)) unanswered(e->why, effects);
  if (auto* e = std::get_if<Recalled>(&event)) recalled(std::move(*e), effects);
  if (auto* e = std::get_if<Performed>(&event)) performed(std::move(*e), effects);
  return effects;
}

void Conversation::begin(Begin event, Effects& effects) {
  outbox_.assign(event.pending.begin(), event.pending.end());
  leaving_ = event.leaving;
  check_out_ = event.check_out;
  forced_ = event.forced;
  go_on(effects);
}

void Conversation::go_on(Effects& effects) {
  if (!outbox_.empty()) {
    current_ = std::move(outbox_.front());
    outbox_.pop_front();
    sent_ = Sent::result;
    if (current_.send_once) effects.emplace_back(EraseNow{});
    effects.emplace_back(SendResult{current_});
  } else if (leaving_) {
    depart(effects);
  } else {
    sent_ = Sent::idle;
    effects.emplace_back(SendIdle{});
  }
}

void Conversation::answered(const Answered& answer, Effects& effects) {
  if (sent_ == Sent::check_out) {  // one attempt, whatever the answer (7.6)
    effects.emplace_back(RemoveManagement{"the MDM profile was removed"});
    effects.emplace_back(Finish{End::left, ""});
    return;
  }
  if (sent_ == Sent::result && current_.send_once) {
    effects.emplace_back(Finish{End::erased, ""});
    return;
  }
  switch (judge(answer.status, answer.body)) {
    case Verdict::accepted:
      if (sent_ == Sent::result) return result_answered(answer, effects);
      return take_command(answer.body, effects);
    case Verdict::unenroll:
      effects.emplace_back(RemoveManagement{"the server does not know this device (" +
                                            describe_answer(answer.status, answer.body) + ")"});
      effects.emplace_back(Finish{End::unenrolled, ""});
      return;
    case Verdict::failed:
      return stumble(describe_answer(answer.status, answer.body), effects);
  }
}

void Conversation::unanswered(const std::string& why, Effects& effects) {
  Answered nothing;
  if (sent_ == Sent::check_out || (sent_ == Sent::result && current_.send_once)) {
    return answered(nothing, effects);
  }
  stumble(why, effects);
}

void Conversation::stumble(const std::string& why, Effects& effects) {
  if (leaving_ && forced_) return depart(effects);
  effects.emplace_back(Finish{End::retry, why});
}

void Conversation::result_answered(const Answered& answer, Effects& effects) {
  if (current_.id != 0) effects.emplace_back(Forget{current_.id});
  // A command in the answer to all but the last owed result is not taken: the server offers it
  // again, for it got no result.
  if (!outbox_.empty() || leaving_) return go_on(effects);
  take_command(answer.body, effects);
}

void Conversation::take_command(std::string_view body, Effects& effects) {
  sent_ = Sent::nothing;
  if (body.empty()) {
    effects.emplace_back(Finish{last_was_not_now_ ? End::not_now : End::done, ""});
    return;
  }
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return finish_with_warning("the answer is white space: only zero octets end a conversation",
                               effects);
  }
  plist::ReadOptions options;
  options.mode = plist::Mode::tolerant;
  auto message = plist::read(as_bytes(body), options);
  if (!message) {
    return finish_with_warning("the answer is no command: " + message.error().message(), effects);
  }
  const auto uuid = message->string_at("CommandUUID");
  if (!uuid || uuid->empty()) {
    return finish_with_warning("the command has no CommandUUID to answer to", effects);
  }
  if (++offered_[*uuid] > kOffersOfOneCommand) {
    return finish_with_warning("command " + *uuid + " was offered again although it was answered",
                               effects);
  }
  message_ = std::move(*message);
  effects.emplace_back(Recall{*uuid});
}

void Conversation::recalled(Recalled event, Effects& effects) {
  if (!event.answered) {
    effects.emplace_back(Perform{std::move(message_)});
    return;
  }
  const std::string uuid = message_.string_at("CommandUUID").value_or("");
  if (!event.body) {
    return finish_with_warning("command " + uuid + " was answered before, and its answer is gone",
                               effects);
  }
  if (const std::string type = request_type_of(message_); type != event.request_type) {
    effects.emplace_back(Warn{"CommandUUID " + uuid + " came with " + type + " and was that of " +
                              event.request_type +
                              ": the old result is sent, nothing is performed"});
  }
  PendingResult again;  // id 0: it is no longer in the outbox
  again.command_uuid = uuid;
  again.body = std::move(*event.body);
  last_was_not_now_ = false;
  outbox_.push_back(std::move(again));
  go_on(effects);
}

void Conversation::performed(Performed event, Effects& effects) {
  last_was_not_now_ = event.status == mdm::Status::not_now;
  leaving_ = leaving_ || event.leave;
  outbox_.push_back(std::move(event.result));
  go_on(effects);
}

void Conversation::depart(Effects& effects) {
  if (check_out_) {
    sent_ = Sent::check_out;
    effects.emplace_back(SendCheckOut{});
    return;
  }
  effects.emplace_back(RemoveManagement{"the MDM profile was removed"});
  effects.emplace_back(Finish{End::left, ""});
}

void Conversation::finish_with_warning(std::string text, Effects& effects) {
  effects.emplace_back(Warn{std::move(text)});
  effects.emplace_back(Finish{last_was_not_now_ ? End::not_now : End::done, ""});
}

}  // namespace understudy::agent
