#include "server-mock/apns/hub.h"

#include "server-mock/apns/broker_effects.h"
#include "server-mock/apns/fault_points.h"
#include "shared/core/crash_point.h"
#include "shared/core/log.h"

namespace understudy::apns_mock {
namespace {

/// How long an ack may wait for its commit: after a crash its push would come once more.
constexpr std::chrono::milliseconds kCommitDelay{50};

JournalPush journal_entry(const PushOrder& order, TimePoint now) {
  JournalPush entry;
  entry.apns_id = order.apns_id;
  entry.token = order.token;
  entry.topic = order.topic;
  entry.push_type = order.push_type;
  entry.collapse_id = order.collapse_id;
  entry.priority = order.priority;
  entry.expires_at = order.expires_at;
  entry.payload_size = order.payload.size();
  entry.at = now;
  return entry;
}

}  // namespace

// The time is part of the label: a server started again with the same seed must not reuse its ids.
Hub::Hub(const asio::any_io_executor& executor, Broker broker, const Clock& clock, const Rng& rng,
         HubSetup setup)
    : executor_(executor),
      broker_(std::move(broker)),
      clock_(clock),
      ids_(rng.derive("apns.ids/" + std::to_string(to_unix_us(clock.now())))),
      distortions_(rng.derive("apns.distortions")),
      setup_(std::move(setup)),
      journal_(setup_.journal_capacity),
      pushed_(executor),
      commit_timer_(executor) {}

std::uint64_t& Hub::gauge(CourierPeer::Transport transport) {
  return transport == CourierPeer::Transport::light ? counters_.courier_light
                                                    : counters_.courier_tls;
}

ConnectionId Hub::attach(Link& link, CourierPeer::Transport transport) {
  links_.emplace(++last_, Connected{&link, transport, {}});
  ++gauge(transport);
  return last_;
}

void Hub::detach(ConnectionId connection) {
  const auto link = links_.find(connection);
  if (link == links_.end()) return;
  --gauge(link->second.transport);
  links_.erase(link);
  broker_.closed(connection);
}

Result<void> Hub::receive(CourierSession& session, const apns::Frame& frame) {
  if (auto dealt_with = receive_distorted(session, frame)) return std::move(*dealt_with);
  UNDERSTUDY_TRY(const Effects effects, session.on_frame(frame, now()));
  // A token is durable before its device hears of it; that an ack was heard may wait.
  const bool mints =
      frame.command == apns::Command::connect || frame.command == apns::Command::app_token_request;
  if (mints) UNDERSTUDY_CHECK(commit());
  carry_out(effects);
  if (!mints) commit_soon();
  return {};
}

const apns::TopicHash& Hub::hash_of(const std::string& topic) {
  const auto known = topics_.find(topic);
  if (known != topics_.end()) return known->second;
  return topics_.emplace(topic, apns::topic_hash(topic)).first->second;
}

std::string Hub::topic_name(const apns::TopicHash& topic) const {
  for (const auto& [name, hash] : topics_) {
    if (hash == topic) return name;
  }
  return hex_encode(topic);
}

std::optional<Hub::Refused> Hub::push(const PushOrder& order) {
  if (!broker_.knows(order.token) && !policies().lenient_tokens) {
    return Refused{apns::Reason::bad_device_token, {}, 0};
  }
  Push push;
  push.apns_id = order.apns_id;
  push.token = order.token;
  push.topic = hash_of(order.topic);
  push.payload = order.payload;
  push.accepted_at = now();
  push.expires_at = order.expires_at;
  push.priority = order.priority;
  push.push_type = order.push_type;
  push.sequence = journal_.last_sequence() + 1;  // where it will stand if it is accepted
  std::optional<faults::Strike> strike;
  if (!order.lenient_token) strike = strike_accepted(push);
  const bool lost = order.lenient_token || strike.has_value();
  Broker::Verdict verdict;
  if (!lost) verdict = broker_.push(push, push.accepted_at);
  const bool unknown = verdict.refusal == apns::Reason::bad_device_token;
  const bool tolerated = unknown && policies().lenient_tokens;
  if (verdict.refusal && !tolerated) return Refused{*verdict.refusal, verdict.gone_since, 0};
  accepted_ = true;
  journal_.accepted(journal_entry(order, push.accepted_at));
  if (lost || tolerated) return discard(push, strike);
  carry_out(verdict.effects);
  pushed_.notify();
  return std::nullopt;
}

/// Answered 200, and nobody gets it.
std::optional<Hub::Refused> Hub::discard(const Push& push,
                                         const std::optional<faults::Strike>& strike) {
  Effects accepted, discarded;
  report(accepted, Stage::accepted, push, push.accepted_at);
  report(discarded, Stage::discarded, push, now());
  carry_out(accepted);
  if (strike) note_fault(discarded.events.front(), hop::kAccepted, *strike);
  carry_out(discarded);
  pushed_.notify();
  return std::nullopt;
}

void Hub::note_refused(const std::string& apns_id, const Refused& refused, std::string_view token,
                       const apns::Token* parsed) {
  counters_.reject(refused.reason);
  const int status = refused.status != 0 ? refused.status : apns::reason_status(refused.reason);
  journal_.refused({apns_id, refused.reason, status, token, now(), parsed, refused.fault});
}

Result<void> Hub::commit() {
  Result<void> committed = broker_.commit();
  if (!committed) {
    (void)disconnect_all();  // the broker forgot them, with what it had told them
    return committed;
  }
  if (std::exchange(accepted_, false)) crash_point("apns_push_accepted");
  return {};
}

void Hub::commit_soon() {
  if (std::exchange(commit_due_, true)) return;
  commit_timer_.expires_after(kCommitDelay);
  commit_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code&) {
    const auto self = weak.lock();
    if (!self) return;
    self->commit_due_ = false;
    const Result<void> committed = self->commit();
    (void)committed;  // logged where it fails; the acks are decided again after a restart
  });
}

void Hub::expire() {
  apply(broker_.expire(now()));
}

void Hub::tick() {
  apply(broker_.tick(now()));
}

void Hub::apply(const Effects& effects) {
  carry_out(effects);
  commit_soon();
}

void Hub::reset() {
  ++generation_;
  for (auto& [id, connected] : links_) connected.held_back.clear();
  apply(broker_.discard_all(now()));
  journal_.clear();
  counters_.restart();
}

std::size_t Hub::disconnect_all() {
  for (const auto& [id, connected] : links_) connected.link->finish();
  return links_.size();
}

bool Hub::disconnect(ConnectionId connection) {
  const auto link = links_.find(connection);
  if (link == links_.end()) return false;
  link->second.link->finish();
  return true;
}

CourierPeer::Transport Hub::transport_of(ConnectionId connection) const {
  const auto link = links_.find(connection);
  return link == links_.end() ? CourierPeer::Transport::v3 : link->second.transport;
}

bool Hub::write(ConnectionId to, const apns::Frame& frame, const PushEvent* event) {
  const auto connected = links_.find(to);
  if (connected == links_.end()) return false;
  auto octets = apns::encode(frame);
  if (!octets) {
    log::error("apns.frame.unwritable", {{"error", octets.error().message()}});
    return false;
  }
  Link& link = *connected->second.link;
  if (const auto strike = strike_write(to, frame)) {
    if (event != nullptr) note_fault(*event, hop::kWrite, *strike);
    return write_distorted(link, *strike, std::move(*octets));
  }
  link.send(std::move(*octets));
  return true;
}

bool Hub::deliver(const Effects::Send& send, const PushEvent* event) {
  if (event != nullptr && faults().armed(hop::kDelivery)) {
    const auto message = apns::parse_notification(send.frame);  // ours: it can be read
    if (const auto strike =
            strike_push(hop::kDelivery, message->token, message->topic, send.push_type)) {
      return deliver_distorted(send, *event, *strike);
    }
  }
  const bool written = write(send.to, send.frame, event);
  if (event != nullptr) release_held(send.to);
  return written;
}

void Hub::note(const PushEvent& event) {
  counters_.count(event);
  journal_.observe(event);
  if (event.stage == Stage::acked) counters_.push_to_ack.observe(event.at - event.accepted_at);
  if (setup_.observer) setup_.observer(event);
}

void Hub::carry_out(const Effects& effects) {
  std::vector<std::size_t> not_written;  // only faults put something in
  for (const Effects::Send& send : effects.sends) {
    const PushEvent* event = send.event ? &effects.events.at(*send.event) : nullptr;
    if (!deliver(send, event) && send.event) not_written.push_back(*send.event);
  }
  for (const ConnectionId connection : effects.closes) (void)disconnect(connection);
  for (std::size_t i = 0; i < effects.events.size(); ++i) {
    if (!contains(not_written, i)) note(effects.events[i]);
  }
}

}  // namespace understudy::apns_mock
