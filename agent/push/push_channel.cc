#include "agent/push/push_channel.h"

#include <algorithm>
#include <array>

#include "shared/apns/nonce.h"
#include "shared/core/crash_point.h"
#include "shared/core/log.h"
#include "shared/net/timer.h"

namespace understudy::agent {
namespace {

constexpr std::chrono::seconds kFirstRetry{1}, kLongestRetry{60};

std::optional<apns::Token> as_token(const Bytes& stored) {
  apns::Token token{};
  if (stored.size() != token.size()) return std::nullopt;
  std::copy(stored.begin(), stored.end(), token.begin());
  return token;
}

Bytes as_stored(const std::optional<apns::Token>& token) {
  return token ? Bytes(token->begin(), token->end()) : Bytes();
}

/// A push is 145 octets. Thousands of devices wait at once, and nothing is read before it is there
/// (see net::Stream): they share it.
std::span<std::uint8_t> read_buffer() {
  thread_local std::array<std::uint8_t, 4096> buffer{};
  return buffer;
}

}  // namespace

struct PushChannel::Connection {
  Connection(std::unique_ptr<net::Stream> connected, CourierSession fresh, Deadlines& deadlines)
      : stream(std::move(connected)), session(std::move(fresh)), deadline(deadlines, [this] {
          overdue = true;
          boost::system::error_code ignored;
          stream->socket().cancel(ignored);  // ends the wait in read_some
        }) {}

  std::unique_ptr<net::Stream> stream;
  CourierSession session;
  apns::FrameParser parser;
  Deadlines::Deadline deadline;
  bool overdue = false;
  bool ready = false;
  bool wake_stored = false;  ///< in this step: the octets to send acknowledge it
};

Result<ChannelSetup> channel_setup(const Device& device, const std::string& topic,
                                   const std::string& push_magic) {
  if (device.push.key_der.empty()) {
    return fail(errc::not_found, "device " + device.id + " has no courier identity",
                "enroll it with --courier");
  }
  CourierSettings settings;
  settings.topic = topic;
  settings.push_magic = push_magic;
  settings.os_version = device.hardware.os_version;
  settings.os_build = device.hardware.build_version;
  settings.model = device.hardware.product_name;
  if (user_on_channel(device) != nullptr) {
    const UserChannel& user = *device.enrollment->user_channel;
    settings.user =
        CourierUser{user.push_magic, {as_token(user.base_token), as_token(user.topic_token)}};
  }
  const bool sandbox = device.enrollment && device.enrollment->mdm.use_development_apns;
  return ChannelSetup{std::move(settings), stored_tokens(device.push), device.push.certificate_der,
                      device.push.key_der, sandbox};
}

CourierTokens stored_tokens(const PushState& push) {
  return CourierTokens{as_token(push.base_token), as_token(push.topic_token)};
}

void store_tokens(const CourierTokens& tokens, PushState& push) {
  push.base_token = as_stored(tokens.base);
  push.topic_token = as_stored(tokens.topic);
}

void store_tokens(const CourierTokens& tokens, UserChannel& channel) {
  channel.base_token = as_stored(tokens.base);
  channel.topic_token = as_stored(tokens.topic);
}

PushChannel::PushChannel(std::shared_ptr<Courier> courier, const Clock& clock, const Rng& rng,
                         SetupSource setup, PushListener& listener)
    : courier_(std::move(courier)),
      clock_(clock),
      nonce_seed_(rng.derive("nonce").seed()),
      setup_(std::move(setup)),
      listener_(listener),
      backoff_(kFirstRetry, kLongestRetry, rng.derive("courier backoff")) {}

Task<void> PushChannel::run() {
  for (;;) {
    Result<void> ended;
    auto connection = co_await establish();
    if (connection) {
      ended = co_await hold(**connection, Until::broken);
      connection->reset();
    } else {
      ended = tl::unexpected(std::move(connection).error());
    }
    listener_.listening(false);
    const Duration pause = pause_after(ended.error());
    co_await net::sleep_for(clock_, pause);
  }
}

Duration PushChannel::pause_after(const Error& loss) {
  const Duration pause = backoff_.next();
  log::info("push.reconnecting", {{"courier", courier_->address().text()},
                                  {"error", loss.message()},
                                  {"in_ms", std::to_string(pause / std::chrono::milliseconds(1))}});
  return pause;
}

Task<Result<CourierTokens>> PushChannel::fetch_tokens() {
  UNDERSTUDY_CO_TRY(const auto connection, co_await establish());
  UNDERSTUDY_CO_CHECK(co_await hold(*connection, Until::tokens_known));
  connection->stream->close();
  co_return tokens_.value_or(CourierTokens());
}

/// What is needed only to connect lives here, and not for as long as the connection.
Task<Result<std::unique_ptr<PushChannel::Connection>>> PushChannel::establish() {
  const auto turn = co_await courier_->take_turn();
  UNDERSTUDY_CO_TRY(ChannelSetup setup, setup_());
  if (!tokens_) tokens_ = setup.tokens;
  UNDERSTUDY_CO_TRY(auto stream, co_await courier_->connect(setup.sandbox));
  UNDERSTUDY_CO_TRY(CourierSession::Event opened, proof(setup));
  auto connection = std::make_unique<Connection>(
      std::move(stream), CourierSession(std::move(setup.settings), *tokens_),
      courier_->deadlines());
  UNDERSTUDY_CO_CHECK(co_await step(*connection, std::move(opened)));
  co_return connection;
}

/// Where a device spends its life: this frame and the connection are what it costs meanwhile.
Task<Result<void>> PushChannel::hold(Connection& connection, Until until) {
  for (;;) {
    auto turned = co_await turn(connection);
    if (!turned) co_return turned;
    if (connection.ready && until == Until::tokens_known) co_return turned;
    co_await connection.stream->socket().async_wait(net::tcp::socket::wait_read, net::kInPlace);
  }
}

/// Everything that has arrived, and a deadline that has passed.
Task<Result<void>> PushChannel::turn(Connection& connection) {
  if (std::exchange(connection.overdue, false)) {
    CourierSession::Event passed = CourierSession::DeadlinePassed();
    UNDERSTUDY_CO_CHECK(co_await step(connection, std::move(passed)));
  }
  for (;;) {
    const auto buffer = read_buffer();
    auto size = connection.stream->read_now(buffer);
    if (!size) co_return fail_in("courier", std::move(size).error());
    if (!*size) break;
    UNDERSTUDY_CO_CHECK(co_await feed(connection, BytesView(buffer).first(**size)));
  }
  connection.deadline.set(connection.session.deadline().value_or(TimePoint::max()));
  co_return Result<void>();
}

Task<Result<void>> PushChannel::feed(Connection& connection, BytesView octets) {
  if (octets.empty()) co_return fail(errc::io, "courier: it closed the connection");
  connection.parser.feed(octets);
  for (;;) {
    UNDERSTUDY_CO_TRY(auto frame, connection.parser.next());
    if (!frame) co_return Result<void>();
    CourierSession::Received received;
    received.frame = std::move(*frame);
    CourierSession::Event event = std::move(received);
    UNDERSTUDY_CO_CHECK(co_await step(connection, std::move(event)));
  }
}

Task<Result<void>> PushChannel::step(Connection& connection, CourierSession::Event event) {
  Bytes out;
  connection.wake_stored = false;
  for (auto& effect : connection.session.step(event, clock_.now())) {
    UNDERSTUDY_CO_CHECK(apply(connection, effect, out));
  }
  if (out.empty()) co_return Result<void>();
  UNDERSTUDY_CO_CHECK(co_await connection.stream->write(out));
  if (connection.wake_stored) crash_point("agent.push_acked");
  co_return Result<void>();
}

Result<void> PushChannel::apply(Connection& connection, CourierSession::Effect& effect,
                                Bytes& out) {
  if (const auto* send = std::get_if<CourierSession::Send>(&effect)) {
    out.insert(out.end(), send->octets.begin(), send->octets.end());
  } else if (const auto* store = std::get_if<CourierSession::StoreTokens>(&effect)) {
    if (store->channel == mdm::Channel::device) tokens_ = store->tokens;
    return listener_.tokens_changed(store->tokens, store->channel);
  } else if (const auto* wake = std::get_if<CourierSession::StoreWake>(&effect)) {
    UNDERSTUDY_CHECK(listener_.woken(wake->channel));
    connection.wake_stored = true;
    crash_point("agent.push_stored");
  } else if (const auto* refuse = std::get_if<CourierSession::Refuse>(&effect)) {
    listener_.refused(refuse->push);
  } else if (std::holds_alternative<CourierSession::Ready>(effect)) {
    connection.ready = true;
    backoff_.reset();
    listener_.listening(true);
  } else if (auto* close = std::get_if<CourierSession::Close>(&effect)) {
    return tl::unexpected(std::move(close->error));
  }
  return {};
}

Result<CourierSession::Opened> PushChannel::proof(const ChannelSetup& setup) {
  CourierSession::Opened opened;
  opened.certificate = setup.certificate_der;
  Rng rng = Rng(nonce_seed_).derive(std::to_string(++connections_));
  opened.nonce = apns::make_nonce(clock_.now(), rng);
  UNDERSTUDY_TRY(const auto key, crypto::PrivateKey::from_der(setup.key_der));
  UNDERSTUDY_TRY(opened.signature, apns::sign_nonce(key, opened.nonce));
  return opened;
}

}  // namespace understudy::agent
