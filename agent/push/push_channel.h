#pragma once

/// One device's push channel: connects to the courier, runs a CourierSession on the stream, and
/// connects again whenever it breaks.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/device/device.h"
#include "agent/push/backoff.h"
#include "agent/push/courier.h"
#include "agent/push/courier_session.h"
#include "shared/core/rng.h"
#include "shared/net/asio.h"

namespace understudy::agent {

/// Whose channel it is. Called on the channel's executor.
class PushListener {
 public:
  PushListener() = default;
  PushListener(const PushListener&) = delete;
  PushListener& operator=(const PushListener&) = delete;
  virtual ~PushListener() = default;
  /// To be stored before it returns; a failure closes the connection.
  virtual Result<void> tokens_changed(const CourierTokens& tokens, mdm::Channel channel) = 0;
  /// A push. Durable before it returns, for the courier is then told that it arrived; a failure
  /// closes the connection, and the courier sends the push again.
  virtual Result<void> woken(mdm::Channel channel) = 0;
  virtual void refused(const RefusedPush& push) = 0;
  /// True: pushes arrive from now on. False: the connection ended, another one will be tried.
  virtual void listening(bool yes) = 0;
};

struct ChannelSetup {
  CourierSettings settings;
  CourierTokens tokens;
  Bytes certificate_der;
  Bytes key_der;         ///< parsed when it signs: a key that was used holds 10 KB
  bool sandbox = false;  ///< UseDevelopmentAPNS in the MDM payload
};
/// From the device's push state, and that of its user channel when that is up. Errors:
/// errc::not_found when it has no key.
Result<ChannelSetup> channel_setup(const Device& device, const std::string& topic,
                                   const std::string& push_magic);
/// Stored form of tokens, and back; a stored token that is no token counts as none.
CourierTokens stored_tokens(const PushState& push);
void store_tokens(const CourierTokens& tokens, PushState& push);
void store_tokens(const CourierTokens& tokens, UserChannel& channel);

/// Use from its executor only. Listener and clock must outlive it.
class PushChannel {
 public:
  /// Asked before each connection, so that a device that only waits holds no key and no
  /// certificate. The tokens of the first answer are the ones to begin with.
  using SetupSource = std::function<Result<ChannelSetup>()>;

  PushChannel(std::shared_ptr<Courier> courier, const Clock& clock, const Rng& rng,
              SetupSource setup, PushListener& listener);

  /// Holds the channel for ever; ends by cancellation only.
  Task<void> run();
  /// One connection until all tokens are known, then it is closed. Those of the device; the
  /// listener has been told of all.
  Task<Result<CourierTokens>> fetch_tokens();

 private:
  struct Connection;
  enum class Until { tokens_known, broken };
  Task<Result<std::unique_ptr<Connection>>> establish();
  Task<Result<void>> hold(Connection& connection, Until until);
  Task<Result<void>> turn(Connection& connection);
  Duration pause_after(const Error& loss);
  Task<Result<void>> feed(Connection& connection, BytesView octets);
  Task<Result<void>> step(Connection& connection, CourierSession::Event event);
  Result<void> apply(Connection& connection, CourierSession::Effect& effect, Bytes& out);
  Result<CourierSession::Opened> proof(const ChannelSetup& setup);

  std::shared_ptr<Courier> courier_;
  const Clock& clock_;
  std::uint64_t nonce_seed_, connections_ = 0;
  SetupSource setup_;
  std::optional<CourierTokens> tokens_;  ///< the device's newest
  PushListener& listener_;
  Backoff backoff_;
};

}  // namespace understudy::agent
