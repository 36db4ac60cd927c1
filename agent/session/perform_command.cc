// The part of DeviceSession that has a command performed: what it wants first, and that its answer
// is stored with what it changed.

#include "agent/commands/errors.h"
#include "agent/device/bootstrap_token.h"
#include "agent/session/device_session.h"
#include "agent/session/fetch_identities.h"
#include "agent/session/not_now.h"
#include "shared/core/crash_point.h"
#include "shared/plist/plist.h"

namespace understudy::agent {
namespace {

/// 11.7. Asked before the command is judged: one that turns out to be put off asks in vain.
bool wants_bootstrap_token(const Device& device, const plist::Value& message) {
  const plist::Value* command = message.find("Command");
  return command != nullptr && command->string_at("RequestType") == "RestartDevice" &&
         command->bool_at("RebuildKernelCache").value_or(false) &&
         bootstrap_token_authorizes(device);
}

}  // namespace

Task<Result<DeviceSession::Next>> DeviceSession::perform_command(MdmClient& client,
                                                                 plist::Value message) {
  if (wants_bootstrap_token(device_, message)) {
    co_await ask_for_bootstrap_token(client);
    if (hears_nothing()) co_return Next();
  }
  Surroundings around{context_->clock, context_->seed, device_.number, channel_, why_not_now};
  // A copy each time, which replaces the device only when it is stored: what waits for somebody
  // else is performed anew afterwards, on the device as it is then.
  Device changed = device_;
  Outcome outcome = agent::perform(changed, message, around);
  around.why_not_now = nullptr;  // what has begun is not put off
  FetchedIdentities fetched;
  if (!outcome.wants.empty()) {
    UNDERSTUDY_CO_TRY(auto anchors, certificates_from(device_.enrollment->anchors_der));
    fetched = co_await fetch_identities(context_->tools_of(device_), device_,
                                        std::move(outcome.wants), std::move(anchors));
    if (hears_nothing()) co_return Next();
    around.identities = &fetched;
    changed = device_;
    outcome = agent::perform(changed, message, around);
  }
  if (outcome.then == Outcome::Then::check_in) {
    auto accepted = co_await check_in_as(changed);
    if (hears_nothing()) co_return Next();
    changed = device_;
    outcome = accepted ? agent::perform(changed, message, around)
                       : Outcome::refusal(codes::kCannotCheckIn, accepted.error().message());
  }
  const bool replaced = outcome.then == Outcome::Then::check_in;
  UNDERSTUDY_CO_TRY(auto performed, answer(message, std::move(outcome), std::move(changed)));
  if (replaced) {  // what follows is said with the new identity
    UNDERSTUDY_CO_TRY(auto renewed, this->client());
    client = std::move(renewed);
    client.speak_on(channel_);
  }
  co_return Next(std::move(performed));
}

Task<Result<void>> DeviceSession::check_in_as(Device candidate) {
  DeviceCredentials credentials;
  UNDERSTUDY_CO_TRY(auto client, MdmClient::make(*context_, candidate, credentials));
  mdm::Checkin authenticate = make_authenticate(candidate);
  UNDERSTUDY_CO_TRY(const auto first,
                    co_await client.check_in("authenticate", std::move(authenticate)));
  if (first.status != 200) {
    co_return fail(errc::io, "Authenticate: " + describe_answer(first.status, first.body),
                   "the old enrollment profile stays");
  }
  mdm::Checkin update = make_token_update(candidate);
  UNDERSTUDY_CO_TRY(const auto second, co_await client.check_in("token_update", std::move(update)));
  if (second.status == 200) co_return Result<void>();
  co_return fail(errc::io, "TokenUpdate: " + describe_answer(second.status, second.body),
                 "the old enrollment profile stays");
}

Result<Conversation::Performed> DeviceSession::answer(const plist::Value& message, Outcome outcome,
                                                      Device changed) {
  mdm::Report report;
  report.sender = sender_of(device_, channel_);
  report.not_on_console = not_on_console(device_, channel_);
  report.status = outcome.status;
  report.command_uuid = message.string_at("CommandUUID").value_or("");
  report.error_chain = std::move(outcome.errors);
  report.body = std::move(outcome.body);
  const plist::Value* command = message.find("Command");
  const std::string request_type =
      command == nullptr ? "" : command->string_at("RequestType").value_or("");
  UNDERSTUDY_TRY(auto performed,
                 store_performed(report, request_type, outcome.then, std::move(changed)));
  ++commands_;
  context_->tell("command", device_.id,
                 {{"request_type", request_type},
                  {"command_uuid", report.command_uuid},
                  {"status", std::string(mdm::status_name(report.status))}});
  return performed;
}

Result<Conversation::Performed> DeviceSession::store_performed(const mdm::Report& report,
                                                               const std::string& request_type,
                                                               Outcome::Then then, Device changed) {
  Conversation::Performed performed;
  performed.status = report.status;
  performed.leave = then == Outcome::Then::leave;
  performed.hangs_up = changed.restarts != device_.restarts || !reach_of(changed).connects;
  performed.result.command_uuid = report.command_uuid;
  performed.result.request_type = request_type;
  performed.result.user = user_;
  UNDERSTUDY_TRY(performed.result.body, plist::write_xml(mdm::to_plist(report)));
  if (report.status == mdm::Status::not_now) {  // neither done nor answered
    put_off_ = request_type;
    return performed;
  }

  if (then == Outcome::Then::erase) {
    // The identity that signs the answer goes with the erasure: the device is stored as it was,
    // with its answer, and erased right before the answer is sent (EraseNow).
    performed.result.send_once = true;
    auto returns = std::move(changed.return_to_service);
    changed = device_;
    changed.return_to_service = std::move(returns);
  }
  if (performed.leave && changed.enrollment) {
    changed.enrollment->stage = Enrollment::Stage::leaving;
  }
  crash_point("agent.before_store");
  UNDERSTUDY_CHECK(
      context_->store.save_with_result(changed, performed.result, what_leaves(changed)));
  device_ = std::move(changed);
  (channel_ == mdm::Channel::user ? user_results_pending_ : results_pending_) = true;
  crash_point("agent.result_stored");
  UNDERSTUDY_TRY(const auto stored,
                 context_->store.answer_to(device_.id, report.command_uuid, user_));
  if (stored) performed.result.id = stored->id;
  return performed;
}

}  // namespace understudy::agent
