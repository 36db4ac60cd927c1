// The part of DeviceSession that says what is owed at check-in, each message until the server takes
// it. Source: docs/protocol/checkin.md.

#include <array>

#include "agent/device/bootstrap_token.h"
#include "agent/session/device_session.h"
#include "shared/core/crash_point.h"
#include "shared/mdm/profile.h"
#include "shared/plist/plist.h"

namespace understudy::agent {

namespace {

DeviceSession::WorkEnd retry(std::string why) {
  DeviceSession::WorkEnd end;
  end.end = End::retry;
  end.why = std::move(why);
  return end;
}

DeviceSession::WorkEnd ended(const Result<void>& stored) {
  return stored ? DeviceSession::WorkEnd() : retry(stored.error().message());
}

plist::Value read_reply(const std::string& body) {
  plist::ReadOptions options;
  options.mode = plist::Mode::tolerant;
  return plist::read(as_bytes(body), options).value_or(plist::Value(plist::Dict{}));
}

}  // namespace

Task<DeviceSession::Told> DeviceSession::tell_server(MdmClient& client, std::string kind,
                                                     mdm::Checkin message) {
  Told told;
  if (!cut_off_.empty()) {
    told.end = retry(cut_off_);
    co_return told;
  }
  const std::string type(mdm::message_type(message));
  auto answer = co_await client.check_in(std::move(kind), std::move(message));
  if (!enrolled()) {  // wiped by hand meanwhile
    told.end.end = End::erased;
    co_return told;
  }
  if (!cut_off_.empty()) {
    told.end = retry(cut_off_);
    co_return told;
  }
  if (!answer) {
    told.end = retry(type + ": " + answer.error().message());
    told.end.code = answer.error().code;
    co_return told;
  }
  const std::string description = describe_answer(answer->status, answer->body);
  Verdict verdict =
      judge(answer->status, answer->body, heeds_unrecognized_device(device_.target()));
  // 7.3: a TokenUpdate is repeated until the server answers 200.
  const bool is_taken = answer->status == 200 || type != "TokenUpdate";
  if (verdict == Verdict::accepted && !is_taken) verdict = Verdict::failed;
  switch (verdict) {
    case Verdict::accepted:
      told.body = std::move(answer->body);
      break;
    case Verdict::unenroll:
      told.end = ended(remove_all("the server does not know this device (" + description + ")"));
      if (told.end.end == End::done) {
        told.end.end = End::unenrolled;
        told.end.why = type + ": " + description;
      }
      break;
    case Verdict::failed:
      told.end = retry(type + ": " + description);
      told.refused = answer->status >= 400 && answer->status < 500;
      break;
  }
  co_return told;
}

Task<DeviceSession::WorkEnd> DeviceSession::check_in(MdmClient& client) {
  WorkEnd end;
  if (device_.enrollment->stage == Enrollment::Stage::token_pending) {
    end = co_await update_token(client);
    if (end.end != End::done) co_return end;
  }
  using Duty = Task<WorkEnd> (DeviceSession::*)(MdmClient&);
  static constexpr std::array<Duty, 4> kDuties = {
      &DeviceSession::escrow_bootstrap_token, &DeviceSession::update_user_token,
      &DeviceSession::get_service_token, &DeviceSession::ask_to_return};
  for (const Duty duty : kDuties) {
    auto done = co_await (this->*duty)(client);
    if (done.end != End::done) end = std::move(done);
    if (end.end != End::done && end.end != End::retry) break;  // nobody is enrolled any more
  }
  co_return end;
}

Task<DeviceSession::WorkEnd> DeviceSession::update_token(MdmClient& client) {
  mdm::Checkin message = make_token_update(device_);
  const Bytes sent_token = device_.push.topic_token;
  auto told = co_await tell_server(client, "token_update", std::move(message));
  if (told.end.end != End::done) co_return told.end;
  // Unless it changed again meanwhile, or the device leaves.
  if (device_.push.topic_token != sent_token ||
      device_.enrollment->stage != Enrollment::Stage::token_pending) {
    co_return told.end;
  }
  const auto stored = store_change(
      [](Device& changed) { changed.enrollment->stage = Enrollment::Stage::enrolled; });
  if (stored) context_->tell("token_update", device_.id);
  co_return ended(stored);
}

Task<DeviceSession::WorkEnd> DeviceSession::update_user_token(MdmClient& client) {
  const User* user = user_on_channel(device_);
  if (user == nullptr || !device_.enrollment->user_channel->token_owed) co_return WorkEnd();
  // Their token comes with the next connection to the courier.
  if (device_.enrollment->user_channel->topic_token.empty()) co_return WorkEnd();
  const std::string name = user->name;
  const UserChannel sent = *device_.enrollment->user_channel;
  mdm::Checkin message = make_user_token_update(device_);
  auto told = co_await tell_server(client, "user_token_update", std::move(message));
  if (told.end.end != End::done) co_return told.end;
  const auto& now = device_.enrollment->user_channel;
  const bool is_same =
      now && now->topic_token == sent.topic_token && now->push_magic == sent.push_magic;
  if (!is_same) co_return told.end;
  crash_point("agent.user_token_taken");
  const auto stored =
      store_change([](Device& changed) { changed.enrollment->user_channel->token_owed = false; });
  if (stored) context_->tell("token_update", device_.id, {{"user", name}});
  co_return ended(stored);
}

Task<DeviceSession::WorkEnd> DeviceSession::escrow_bootstrap_token(MdmClient& client) {
  if (!device_.enrollment->bootstrap_owed) co_return WorkEnd();
  mdm::Checkin message = make_bootstrap_message(device_, "SetBootstrapToken");
  const Bytes sent = device_.enrollment->bootstrap_token;
  auto told = co_await tell_server(client, "set_bootstrap_token", std::move(message));
  if (told.end.end != End::done) co_return told.end;
  if (device_.enrollment->bootstrap_token != sent) co_return told.end;  // changed meanwhile
  crash_point("agent.bootstrap_token_taken");
  const auto stored =
      store_change([](Device& changed) { changed.enrollment->bootstrap_owed = false; });
  if (stored) context_->tell("bootstrap_token", device_.id);
  co_return ended(stored);
}

/// One that the server refuses is not asked for again: whoever wants it hears so.
Task<DeviceSession::WorkEnd> DeviceSession::get_service_token(MdmClient& client) {
  if (!device_.enrollment->token_request) co_return WorkEnd();
  const std::string service = device_.enrollment->token_request->service;
  mdm::Checkin message = make_get_token(device_);
  auto told = co_await tell_server(client, "get_token", std::move(message));
  if (told.end.end != End::done && !told.refused) co_return told.end;
  const auto token = read_reply(told.body).data_at("TokenData");
  const auto stored =
      store_change([](Device& changed) { changed.enrollment->token_request.reset(); });
  AgentEvent::Fields fields = {{"service", service}};
  if (token) fields.emplace_back("octets", static_cast<std::int64_t>(token->size()));
  if (!token)
    fields.emplace_back("why", told.refused ? told.end.why : "no TokenData in the answer");
  context_->tell("service_token", device_.id, std::move(fields));
  co_return ended(stored);
}

Task<DeviceSession::WorkEnd> DeviceSession::ask_to_return(MdmClient& client) {
  if (!device_.enrollment->asks_return) co_return WorkEnd();
  mdm::Checkin message = make_return_to_service(device_);
  auto told = co_await tell_server(client, "return_to_service", std::move(message));
  if (told.end.end != End::done && !told.refused) co_return told.end;
  if (told.refused) {
    context_->tell("returned", device_.id, {{"why", told.end.why}});
    const auto stored =
        store_change([](Device& changed) { changed.enrollment->asks_return = false; });
    co_return ended(stored);
  }
  auto taken = take_return(told.body);
  if (!taken) co_return retry(taken.error().message());
  co_return *taken;
}

/// Without the right bootstrap token everything goes; with it the apps stay (7.12).
Result<DeviceSession::WorkEnd> DeviceSession::take_return(const std::string& body) {
  const plist::Value reply = read_reply(body);
  const plist::Value* settings = reply.find("ReturnToService");
  const auto profile = settings == nullptr ? std::nullopt : settings->data_at("MDMProfileData");
  const bool enabled = settings != nullptr && settings->bool_at("Enabled").value_or(false);
  if (!enabled || !profile || !mdm::parse_enrollment_profile(*profile, {.allow_http = true})) {
    context_->tell("returned", device_.id,
                   {{"why", std::string("the server lets it stay as it is, or sends no profile")}});
    UNDERSTUDY_CHECK(
        store_change([](Device& changed) { changed.enrollment->asks_return = false; }));
    return WorkEnd();
  }
  Device changed = device_;
  const auto token = settings->data_at("BootstrapToken");
  const bool keeps_apps = token && !token->empty() && *token == changed.enrollment->bootstrap_token;
  auto apps = keeps_apps ? changed.apps : std::vector<InstalledApp>();
  changed.return_to_service = return_with(*profile, changed);
  changed.return_to_service->wifi_profile = settings->data_at("WiFiProfileData").value_or(Bytes());
  erase(changed, context_->seed, device_.number);
  if (keeps_apps) changed.apps = std::move(apps);
  UNDERSTUDY_CHECK(store_end(std::move(changed)));
  context_->tell("erased", device_.id);
  WorkEnd end;
  end.end = End::erased;
  return end;
}

/// What the server keeps is asked for before it is needed. That it has none, or does not answer,
/// stops nothing: whoever sits before the Mac is asked instead (11.7).
Task<void> DeviceSession::ask_for_bootstrap_token(MdmClient& client) {
  mdm::Checkin message = make_bootstrap_message(device_, "GetBootstrapToken");
  const auto told = co_await tell_server(client, "get_bootstrap_token", std::move(message));
  if (told.end.end != End::done) co_return;
  const auto token = read_reply(told.body).data_at("BootstrapToken");
  const bool is_ours = token && *token == device_.enrollment->bootstrap_token;
  context_->tell("bootstrap_token", device_.id,
                 {{"escrow", std::string(is_ours ? "the device's"
                                         : token ? "another"
                                                 : "none")}});
}

Task<DeviceSession::WorkEnd> DeviceSession::enroll_again() {
  if (!device_.return_to_service || !context_->enroll_again) {
    co_return retry("device " + device_.id + " is not enrolled");
  }
  enrolling_again_ = true;
  const auto enrolled_again = co_await context_->enroll_again(device_.id);
  enrolling_again_ = false;
  if (!enrolled_again) {
    co_return retry("return to service: " + enrolled_again.error().message());
  }
  auto loaded = context_->store.load(device_.id);
  if (!loaded) co_return retry(loaded.error().message());
  device_ = std::move(*loaded);
  wiped_ = false;
  context_->tell("returned", device_.id);
  co_return WorkEnd();
}

}  // namespace understudy::agent
