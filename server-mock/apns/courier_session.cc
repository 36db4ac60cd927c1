#include "server-mock/apns/courier_session.h"

#include <algorithm>

#include "shared/apns/nonce.h"
#include "shared/core/log.h"

namespace understudy::apns_mock {
namespace {

constexpr std::uint8_t kRefused = 2;
/// What real devices ask for is 64 to 512 octets.
constexpr std::size_t kMaxPadding = 512;

Effects answer(ConnectionId to, apns::Frame frame) {
  Effects effects;
  Effects::Send& send = effects.sends.emplace_back();
  send.to = to;
  send.frame = std::move(frame);
  return effects;
}

/// Field 1 is the wanted padding, field 2 of the answer the padding. Errors: apns::errc::malformed.
Result<apns::Frame> flush_response(const apns::Frame& request) {
  std::size_t wanted = 0;
  if (const apns::Field* field = request.find(0x01)) {
    if (field->value.size() != 2) {
      return fail(
          apns::errc::malformed,
          "flush: field 1 has " + std::to_string(field->value.size()) + " octets instead of 2");
    }
    wanted = static_cast<std::size_t>(field->value[0] << 8 | field->value[1]);
  }
  apns::Frame response;
  response.command = apns::Command::flush_response;
  apns::Field& padding = response.fields.emplace_back();
  padding.id = 0x02;
  padding.value.resize(std::min(wanted, kMaxPadding));
  return response;
}

}  // namespace

std::string_view transport_name(CourierPeer::Transport transport) {
  switch (transport) {
    case CourierPeer::Transport::v3:
      return "apns-security-v3";
    case CourierPeer::Transport::v2:
      return "apns-security-v2";
    case CourierPeer::Transport::light:
      return "light";
  }
  return "unknown";
}

/// The fingerprint of the certificate whose key the device has.
Result<std::string> CourierSession::prove(const apns::Connect& message, TimePoint now) const {
  if (peer_.transport == CourierPeer::Transport::v2) {
    if (peer_.certificate) return peer_.certificate->fingerprint();
    return fail(apns::errc::untrusted, "apns-security-v2 without a TLS client certificate");
  }
  UNDERSTUDY_TRY(const crypto::Certificate certificate,
                 crypto::Certificate::from_der(message.certificate));
  if (!check_identity_) return certificate.fingerprint();
  UNDERSTUDY_CHECK(apns::verify_nonce(certificate, message.nonce, message.signature));
  UNDERSTUDY_CHECK(apns::verify_nonce_time(message.nonce, now, nonce_window_));
  return certificate.fingerprint();
}

Effects CourierSession::refuse(std::uint8_t status, TimePoint now) const {
  apns::ConnectResponse refusal;
  refusal.status = status;
  refusal.server_time_ms = static_cast<std::uint64_t>(to_unix_us(now) / 1000);
  Effects effects = answer(connection_, to_frame(refusal));
  effects.closes.push_back(connection_);
  return effects;
}

Result<Effects> CourierSession::on_frame(const apns::Frame& frame, TimePoint now) {
  using apns::Command;
  switch (frame.command) {
    case Command::connect:
      return on_connect(frame, now);
    case Command::keepalive:
      UNDERSTUDY_CHECK(apns::parse_keepalive(frame));
      return answer(connection_, to_frame(apns::KeepAliveAck{}));
    case Command::flush: {
      UNDERSTUDY_TRY(apns::Frame response, flush_response(frame));
      return answer(connection_, std::move(response));
    }
    case Command::set_state:  // changes nothing here
      UNDERSTUDY_CHECK(apns::parse_set_state(frame));
      return Effects{};
    case Command::filter:
    case Command::app_token_request:
    case Command::ack:
      break;
    default:  // not for us, or unknown
      return Effects{};
  }
  if (!connected_) {
    return fail(apns::errc::malformed, "courier frame before Connect",
                "send Connect (0x07) first, and wait for status 0");
  }
  if (frame.command == Command::filter) {
    UNDERSTUDY_TRY(const apns::Filter filter, apns::parse_filter(frame));
    filtered_ = true;
    return broker_.filter(connection_, filter, now);
  }
  if (frame.command == Command::ack) {
    UNDERSTUDY_TRY(const apns::Ack ack, apns::parse_ack(frame));
    return broker_.ack(connection_, ack, now);
  }
  UNDERSTUDY_TRY(const apns::AppTokenRequest request, apns::parse_app_token_request(frame));
  return broker_.app_token(connection_, request);
}

Result<Effects> CourierSession::on_connect(const apns::Frame& frame, TimePoint now) {
  UNDERSTUDY_TRY(const apns::Connect message, apns::parse_connect(frame));
  const auto fingerprint = prove(message, now);
  if (!fingerprint) {
    log::warn("apns.connect.refused", {{"error", fingerprint.error().message()}});
    return refuse(kRefused, now);
  }
  Effects effects = broker_.connect(connection_, message.token, *fingerprint, now);
  const auto& closes = effects.closes;
  if (std::find(closes.begin(), closes.end(), connection_) == closes.end()) connected_ = true;
  return effects;
}

}  // namespace understudy::apns_mock
