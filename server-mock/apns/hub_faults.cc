/// The hub's faults on the device's side: what strikes, and how it is carried out. The words are in
/// fault_points.cc.

#include <array>

#include "server-mock/apns/delivery_faults.h"
#include "server-mock/apns/fault_points.h"
#include "server-mock/apns/hub.h"
#include "shared/core/log.h"

namespace understudy::apns_mock {
namespace {

constexpr std::size_t kLengthAt = 1, kLengthSize = 4;  // of a frame
/// What `reorder` may hold back for one device.
constexpr std::size_t kMaxHeld = 100;

std::string_view command_name(apns::Command command) {
  switch (command) {
    case apns::Command::connect_response:
      return "connect_response";
    case apns::Command::notification:
      return "notification";
    case apns::Command::keepalive_ack:
      return "keepalive_ack";
    case apns::Command::no_storage:
      return "no_storage";
    case apns::Command::app_token_response:
      return "app_token_response";
    default:
      return "other";
  }
}

std::vector<std::string> token_texts(const std::vector<apns::Token>& tokens) {
  std::vector<std::string> texts;
  texts.reserve(tokens.size());
  for (const apns::Token& token : tokens) texts.push_back(apns::token_hex(token));
  return texts;
}

}  // namespace

std::optional<faults::Strike> Hub::strike_push(const char* hop, const apns::Token& token,
                                               const apns::TopicHash& topic,
                                               const std::string& push_type) {
  if (!faults().armed(hop)) return std::nullopt;
  const std::string token_text = apns::token_hex(token);
  const std::string topic_text = topic_name(topic);
  const std::array<faults::Attribute, 4> push = {
      faults::Attribute{"environment", environment_name(environment())},
      {"token", token_text},
      {"topic", topic_text},
      {"push_type", push_type}};
  return faults().strike(hop, push, now());
}

std::optional<faults::Strike> Hub::strike_accepted(const Push& push) {
  if (!faults().armed(hop::kAccepted)) return std::nullopt;
  const auto refusal = broker_.judge(push, push.accepted_at).refusal;
  const bool tolerated = refusal == apns::Reason::bad_device_token && policies().lenient_tokens;
  if (refusal && !tolerated) return std::nullopt;
  return strike_push(hop::kAccepted, push.token, push.topic, push.push_type);
}

void Hub::note_fault(const PushEvent& of, const char* hop, const faults::Strike& strike) {
  PushEvent faulted = of;
  faulted.stage = Stage::faulted;
  faulted.at = now();
  faulted.from_storage = false;
  faulted.fault = std::make_shared<FaultNote>(FaultNote{hop, strike.action, strike.rule_id});
  note(faulted);
}

bool Hub::deliver_distorted(const Effects::Send& send, const PushEvent& event,
                            const faults::Strike& strike) {
  log::info("apns.fault", {{"rule", strike.rule_id}, {"action", strike.action}});
  note_fault(event, hop::kDelivery, strike);
  FaultyDelivery delivery = distort(strike, send.frame, distortions_);
  const auto connected = links_.find(send.to);
  if (connected == links_.end()) return false;
  if (delivery.after > Duration{0} || delivery.behind_next) {
    LatePushes late{{}, generation_};
    late.pushes.reserve(delivery.frames.size());
    for (apns::Frame& frame : delivery.frames) late.pushes.push_back({std::move(frame), event});
    auto& held = connected->second.held_back;
    if (delivery.behind_next && held.size() < kMaxHeld) {
      held.insert(held.end(), late.pushes.begin(), late.pushes.end());
      late.pushes.clear();  // after the time, whatever is still held goes out
    }
    auto later = deliver_later(clock_, weak_from_this(), send.to, std::move(late), delivery.after);
    net::spawn(executor_, "apns.fault.later", std::move(later));
    return false;
  }
  bool written = false;
  for (const apns::Frame& frame : delivery.frames) written |= write(send.to, frame, &event);
  return written;
}

Task<void> Hub::deliver_later(const Clock& clock, std::weak_ptr<Hub> hub, ConnectionId to,
                              LatePushes late, Duration after) {
  co_await net::sleep_for(clock, after);
  const auto self = hub.lock();
  if (!self) co_return;
  if (late.generation != self->generation_) co_return;
  for (Late& each : late.pushes) self->write_late(to, std::move(each));
  self->release_held(to);
}

void Hub::write_late(ConnectionId to, Late late) {
  late.event.at = now();
  if (write(to, late.frame, &late.event)) note(late.event);
}

void Hub::release_held(ConnectionId to) {
  const auto connected = links_.find(to);
  if (connected == links_.end() || connected->second.held_back.empty()) return;
  std::vector<Late> held = std::exchange(connected->second.held_back, {});
  for (Late& each : held) write_late(to, std::move(each));
}

std::optional<faults::Strike> Hub::strike_write(ConnectionId to, const apns::Frame& frame) {
  if (!faults().armed(hop::kWrite)) return std::nullopt;
  const std::vector<std::string> tokens = token_texts(broker_.tokens_of(to));
  std::vector<faults::Attribute> attributes = {{"environment", environment_name(environment())},
                                               {"command", command_name(frame.command)}};
  for (const std::string& token : tokens) attributes.emplace_back("token", token);
  return faults().strike(hop::kWrite, attributes, now());
}

bool Hub::write_distorted(Link& link, const faults::Strike& strike, Bytes octets) {
  log::info("apns.fault", {{"rule", strike.rule_id}, {"action", strike.action}});
  if (strike.action == "trickle") {
    link.trickle(static_cast<std::size_t>(strike.integer("octets")),
                 std::chrono::milliseconds(strike.integer("ms")));
    link.send(std::move(octets));
    return true;
  }
  if (strike.action == "oversize") {
    std::fill_n(octets.begin() + kLengthAt, kLengthSize, std::uint8_t{0xff});
    link.send(std::move(octets));
    return false;
  }
  octets.resize(std::min(octets.size(), static_cast<std::size_t>(strike.integer("octets"))));
  link.send(std::move(octets));
  link.finish();
  return false;
}

std::optional<Result<void>> Hub::receive_distorted(CourierSession& session,
                                                   const apns::Frame& frame) {
  const bool connects = frame.command == apns::Command::connect;
  const char* const at = connects ? hop::kConnect : hop::kKeepalive;
  if (!connects && frame.command != apns::Command::keepalive) return std::nullopt;
  if (!faults().armed(at)) return std::nullopt;
  std::vector<std::string> tokens = token_texts(broker_.tokens_of(session.connection()));
  if (connects) {
    const apns::Field* presented = frame.find(0x01);
    tokens.assign(1, presented == nullptr ? "" : hex_encode(presented->value));
  }
  std::vector<faults::Attribute> attributes = {{"environment", environment_name(environment())},
                                               {"transport", transport_name(session.transport())}};
  for (const std::string& token : tokens) attributes.emplace_back("token", token);
  const auto strike = faults().strike(at, attributes, now());
  if (!strike) return std::nullopt;
  log::info("apns.fault", {{"rule", strike->rule_id}, {"action", strike->action}});
  if (strike->action == "mass_disconnect") {
    disconnect_all();
    return Result<void>();
  }
  if (connects) return connect_distorted(session, frame, *strike);
  if (strike->action == "close") (void)disconnect(session.connection());
  return Result<void>();  // swallowed
}

Result<void> Hub::connect_distorted(CourierSession& session, const apns::Frame& frame,
                                    const faults::Strike& strike) {
  if (strike.action == "refuse") {
    carry_out(session.refuse(static_cast<std::uint8_t>(strike.integer("status")), now()));
    return {};
  }
  if (strike.action == "rotate_token") {
    UNDERSTUDY_TRY(const apns::Connect message, apns::parse_connect(frame));
    if (message.token) {
      // An error: the broker does not know this token, and answers its Connect with another one
      // anyhow.
      if (auto rotated = broker_.rotate(*message.token, now())) carry_out(*rotated);
    }
  }
  UNDERSTUDY_TRY(const Effects effects, session.on_frame(frame, now()));
  UNDERSTUDY_CHECK(commit());
  carry_out(effects);
  if (strike.action == "close") (void)disconnect(session.connection());
  return {};
}

}  // namespace understudy::apns_mock
