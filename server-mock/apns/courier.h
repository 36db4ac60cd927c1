#pragma once

/// The device's side of the mock: TLS, ALPN apns-security-v3, one coroutine a connection.

#include "server-mock/apns/listener.h"

namespace understudy::apns_mock {

struct CourierOptions {
  ListenerOptions listener{"apns.courier", {"127.0.0.1", 0}, 100'000, std::chrono::seconds(10)};
  std::chrono::milliseconds connect_timeout{std::chrono::seconds(10)};  ///< until Connect
  /// Above the longest keepalive interval of real devices (20 minutes).
  std::chrono::milliseconds idle_timeout{std::chrono::minutes(30)};
  std::size_t max_frame = apns::FrameParser::kDefaultMaxLength;
};

/// `identity` is what the TLS server shows. Errors: errc::io, crypto::errc.
Result<std::unique_ptr<Listener>> start_courier(const asio::any_io_executor& executor,
                                                std::shared_ptr<Hub> hub, crypto::Identity identity,
                                                CourierOptions options);

}  // namespace understudy::apns_mock
