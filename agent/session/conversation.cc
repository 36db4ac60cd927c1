#include "agent/session/conversation.h"

#include "shared/plist/plist.h"

namespace understudy::agent {
namespace {

/// A server that hands out the same command again and again would never let go of the device.
constexpr int kOffersOfOneCommand = 4;

bool is_blank(std::string_view body) {
  return body.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

void note(std::string_view id, const std::string& what, const std::string& command_uuid,
          Conversation::Effects& effects) {
  effects.emplace_back(Conversation::Note{witness::found(id, what, command_uuid)});
}

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

Owed owed_after(End end, bool pushed_meanwhile) {
  Owed owed;
  owed.conversation = pushed_meanwhile || end == End::retry;
  owed.comes_back = end == End::not_now;
  return owed;
}

Conversation::Effects Conversation::step(Event event) {
  Effects effects;
  if (auto* e = std::get_if<Begin>(&event)) begin(std::move(*e), effects);
  if (auto* e = std::get_if<Answered>(&event)) answered(*e, effects);
  if (auto* e = std::get_if<Unanswered>(&event)) unanswered(*e, effects);
  if (auto* e = std::get_if<Recalled>(&event)) recalled(std::move(*e), effects);
  if (auto* e = std::get_if<Performed>(&event)) performed(std::move(*e), effects);
  return effects;
}

void Conversation::begin(Begin event, Effects& effects) {
  outbox_.assign(event.pending.begin(), event.pending.end());
  leaving_ = event.leaving;
  check_out_ = event.check_out;
  forced_ = event.forced;
  heeds_unrecognized_ = event.heeds_unrecognized;
  leaves_silently_ = event.leaves_silently;
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
    judge_goodbye(answer, effects);
    effects.emplace_back(Finish{End::erased, ""});
    return;
  }
  const std::string description = describe_answer(answer.status, answer.body);
  switch (judge(answer.status, answer.body, heeds_unrecognized_)) {
    case Verdict::accepted:
      if (sent_ == Sent::result) return result_answered(answer, effects);
      return take_command(answer.body, effects);
    case Verdict::unenroll:
      effects.emplace_back(
          RemoveManagement{"the server does not know this device (" + description + ")"});
      effects.emplace_back(Finish{End::unenrolled, description});
      return;
    case Verdict::failed:
      return stumble(description, {}, effects);
  }
}

void Conversation::unanswered(const Unanswered& event, Effects& effects) {
  Answered nothing;
  if (sent_ == Sent::check_out || (sent_ == Sent::result && current_.send_once)) {
    return answered(nothing, effects);
  }
  stumble(event.why, event.code, effects);
}

void Conversation::stumble(const std::string& why, std::error_code code, Effects& effects) {
  if (leaving_ && forced_) return depart(effects);
  effects.emplace_back(Finish{End::retry, why, code});
}

void Conversation::result_answered(const Answered& answer, Effects& effects) {
  if (current_.id != 0) effects.emplace_back(Forget{current_.id});
  if (leaving_ && current_.command_uuid == goodbye_uuid_) judge_goodbye(answer, effects);
  // A command in the answer to all but the last owed result is not taken: the server offers it
  // again, for it got no result.
  if (!outbox_.empty() || leaving_) return go_on(effects);
  if (hangs_up_) return finish(effects);  // nobody hears the next command
  take_command(answer.body, effects);
}

void Conversation::take_command(std::string_view body, Effects& effects) {
  sent_ = Sent::nothing;
  if (body.empty()) return finish(effects);
  plist::ReadOptions options;
  options.mode = plist::Mode::tolerant;
  auto message = plist::read(as_bytes(body), options);
  if (!message) return finish(effects);  // no command: there is nobody to answer to
  const auto uuid = message->string_at("CommandUUID");
  if (!uuid || uuid->empty()) return finish(effects);
  if (*uuid == not_now_uuid_) {
    note("conversation/not-now-ignored", request_type_of(*message) + " again", *uuid, effects);
  }
  if (++offered_[*uuid] > kOffersOfOneCommand) {
    note("conversation/endless-offer",
         request_type_of(*message) + " was offered " + std::to_string(offered_[*uuid]) + " times",
         *uuid, effects);
    return finish(effects);
  }
  message_ = std::move(*message);
  effects.emplace_back(Recall{*uuid});
}

void Conversation::recalled(Recalled event, Effects& effects) {
  if (!event.answer) {
    effects.emplace_back(Perform{std::move(message_)});
    return;
  }
  const std::string uuid = message_.string_at("CommandUUID").value_or("");
  const std::string type = request_type_of(message_);
  if (type != event.answer->request_type) {
    note("conversation/uuid-reused",
         "came with " + type + ", was that of " + event.answer->request_type +
             ": the old result is sent, nothing is performed",
         uuid, effects);
  } else {
    note("conversation/answered-again", type + ": the old result is sent, nothing is performed",
         uuid, effects);
  }
  if (event.answer->body.empty()) return finish(effects);
  PendingResult again = std::move(*event.answer);
  again.id = 0;  // it is no longer in the outbox
  last_was_not_now_ = false;
  not_now_uuid_.clear();
  outbox_.push_back(std::move(again));
  go_on(effects);
}

void Conversation::performed(Performed event, Effects& effects) {
  last_was_not_now_ = event.status == mdm::Status::not_now;
  not_now_uuid_ = last_was_not_now_ ? event.result.command_uuid : "";
  if (event.leave) goodbye_uuid_ = event.result.command_uuid;
  leaving_ = leaving_ || event.leave;
  hangs_up_ = hangs_up_ || event.hangs_up;
  if (!event.leave || !leaves_silently_) outbox_.push_back(std::move(event.result));
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

void Conversation::judge_goodbye(const Answered& answer, Effects& effects) {
  if (judge(answer.status, answer.body) != Verdict::accepted || is_blank(answer.body)) return;
  note("conversation/command-after-goodbye", "in the answer to the result of that command",
       current_.command_uuid, effects);
}

void Conversation::finish(Effects& effects) {
  effects.emplace_back(Finish{last_was_not_now_ ? End::not_now : End::done, ""});
}

}  // namespace understudy::agent
