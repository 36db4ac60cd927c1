#include "server-mock/apns/hub.h"

#include "shared/core/crash_point.h"
#include "shared/core/log.h"

namespace understudy::apns_mock {

// The time is part of the label: a server started again with the same seed must not reuse its ids.
Hub::Hub(Broker broker, const Clock& clock, const Rng& rng, PushObserver observer)
    : broker_(std::move(broker)),
      clock_(clock),
      ids_(rng.derive("apns.ids/" + std::to_string(to_unix_us(clock.now())))),
      observer_(std::move(observer)) {}

ConnectionId Hub::attach(Link& link) {
  links_.emplace(++last_, &link);
  return last_;
}

void Hub::detach(ConnectionId connection) {
  links_.erase(connection);
  broker_.closed(connection);
}

Result<void> Hub::receive(CourierSession& session, const apns::Frame& frame) {
  UNDERSTUDY_TRY(const Effects effects, session.on_frame(frame, now()));
  carry_out(effects);
  return {};
}

std::optional<apns::Reason> Hub::push(const PushOrder& order) {
  Push push;
  push.apns_id = order.apns_id;
  push.token = order.token;
  push.topic = apns::topic_hash(order.topic);
  push.payload = order.payload;
  push.accepted_at = now();
  push.expires_at = order.expires_at;
  push.priority = order.priority;
  const Broker::Verdict verdict = broker_.push(push, now());
  if (!verdict.refusal) crash_point("apns_push_accepted");
  carry_out(verdict.effects);
  return verdict.refusal;
}

void Hub::expire() {
  carry_out(broker_.expire(now()));
}

void Hub::carry_out(const Effects& effects) {
  for (const Effects::Send& send : effects.sends) {
    const auto link = links_.find(send.to);
    if (link == links_.end()) continue;
    auto octets = apns::encode(send.frame);
    if (octets) {
      link->second->send(std::move(*octets));
    } else {
      log::error("apns.frame.unwritable", {{"error", octets.error().message()}});
    }
  }
  for (const ConnectionId connection : effects.closes) {
    const auto link = links_.find(connection);
    if (link != links_.end()) link->second->finish();
  }
  if (!observer_) return;
  for (const PushEvent& event : effects.events) observer_(event);
}

}  // namespace understudy::apns_mock
