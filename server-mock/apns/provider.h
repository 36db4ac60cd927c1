#pragma once

/// The provider API: HTTP/2 over TLS 1.2 or 1.3, POST /3/device/<token>. Its executor only.
/// Source: docs/protocol/provider-api.md.

#include "server-mock/apns/h2_session.h"
#include "server-mock/apns/listener.h"

namespace understudy::apns_mock {

struct ProviderOptions {
  ListenerOptions listener{"apns.provider", {"127.0.0.1", 0}, 10'000, std::chrono::seconds(10)};
  H2Limits limits;
  std::chrono::milliseconds request_timeout{std::chrono::seconds(10)};  ///< however it trickles in
};

class Provider {
 public:
  /// `identity` is what the TLS server shows; the portal says whose certificate may push here. By
  /// policy one that may not gets a readable 403, or a TLS alert. Once it is revoked its
  /// connections hear GOAWAY and close. Errors: errc::io, crypto::errc.
  static Result<std::unique_ptr<Provider>> start(const asio::any_io_executor& executor,
                                                 const std::shared_ptr<Hub>& hub,
                                                 crypto::Identity identity,
                                                 const std::shared_ptr<PushPortal>& portal,
                                                 ProviderOptions options);
  ~Provider();
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;

  std::uint16_t port() const { return listener_->port(); }
  /// Those whose TLS handshake is done.
  std::size_t connections() const;
  /// GOAWAY with reason Shutdown to everybody; the connections close once it is written.
  void stop();

 private:
  struct State;
  Provider(std::shared_ptr<State> state, std::unique_ptr<Listener> listener);
  static Task<void> serve(std::shared_ptr<State> state, std::shared_ptr<StreamLink> link);
  std::shared_ptr<State> state_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace understudy::apns_mock
