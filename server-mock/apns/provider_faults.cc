/// The faults of hop `provider.request`: what strikes a request, and how it is carried out. The
/// words are in fault_points.cc.

#include <array>

#include "server-mock/apns/fault_points.h"
#include "server-mock/apns/provider_connection.h"
#include "shared/core/log.h"

namespace understudy::apns_mock {
namespace {

/// Chosen from the names that rules may use.
apns::Reason reason_of(const faults::Strike& strike) {
  return apns::reason_from_name(strike.text("reason"))
      .value_or(apns::Reason::internal_server_error);
}

}  // namespace

std::optional<faults::Strike> ProviderConnection::strike(const PushDecision& decision) const {
  faults::Engine& faults = hub_->faults();
  if (!faults.armed(hop::kRequest)) return std::nullopt;
  std::string token;
  std::vector<faults::Attribute> request = {{"environment", environment_name(hub_->environment())}};
  if (const auto* order = std::get_if<PushOrder>(&decision)) {
    token = apns::token_hex(order->token);
    request.emplace_back("token", token);
    request.emplace_back("topic", order->topic);
    request.emplace_back("push_type", order->push_type);
  }
  return faults.strike(hop::kRequest, request, hub_->now());
}

void ProviderConnection::carry_out(const faults::Strike& strike, Pending pending) {
  log::info("apns.fault", {{"rule", strike.rule_id}, {"action", strike.action}});
  if (strike.action == "answer") {
    const auto status = static_cast<int>(strike.integer("status"));
    auto note =
        std::make_shared<FaultNote>(FaultNote{hop::kRequest, strike.action, strike.rule_id});
    answer(pending, Hub::Refused{reason_of(strike), hub_->now(), status, std::move(note)});
  } else if (strike.action == "delay") {
    const auto after = std::chrono::milliseconds(strike.integer("ms"));
    auto later = decide_later(weak_from_this(), hub_, std::move(pending), after);
    net::spawn(link_->stream().socket().get_executor(), "apns.fault.later", std::move(later));
  } else if (strike.action == "cut") {
    link_->close();
  } else if (strike.action == "goaway") {
    // Inside nghttp2's own call, which must not be asked for output: `feed` does that, and closes.
    session_.go_away(reason_body(reason_of(strike)));
    ending_ = true;
  } else if (strike.action == "refuse_stream") {
    session_.refuse(pending.stream);
  }  // hang: the stream stays open
}

Task<void> ProviderConnection::decide_later(std::weak_ptr<ProviderConnection> connection,
                                            std::shared_ptr<Hub> hub, Pending pending,
                                            Duration after) {
  co_await net::sleep_for(hub->clock(), after);
  const auto self = connection.lock();
  if (!self) co_return;
  self->settle(pending);
  if (hub->commit()) {
    self->flush();
  } else {
    self->link_->close();
  }
}

}  // namespace understudy::apns_mock
