#pragma once

/// The device's side of the mock: one coroutine a connection, over TLS (ALPN apns-security-v3 or
/// -v2) or, for very large fleets on one machine, over the light transport: the same frames without
/// TLS.

#include "server-mock/apns/listener.h"

namespace understudy::apns_mock {

struct CourierOptions {
  ListenerOptions listener{"apns.courier", {"127.0.0.1", 0}, 100'000, std::chrono::seconds(10)};
  std::chrono::milliseconds connect_timeout{std::chrono::seconds(10)};  ///< until Connect
  std::chrono::milliseconds frame_timeout{std::chrono::seconds(10)};  ///< for one that trickles in
  std::size_t max_frame = apns::FrameParser::kDefaultMaxLength;
};

/// The environments a device can belong to. Over TLS the name it asks for tells which: Apple's
/// sandbox couriers are N-courier.sandbox.push.apple.com. Without TLS there is no name, and it is
/// production.
struct CourierHubs {
  std::shared_ptr<Hub> production, sandbox;
};

/// `identity` is what the TLS server shows. Errors: errc::io, crypto::errc.
Result<std::unique_ptr<Listener>> start_courier(const asio::any_io_executor& executor,
                                                CourierHubs hubs, crypto::Identity identity,
                                                CourierOptions options);
/// Errors: errc::io; errc::invalid_argument for an address that is not loopback.
Result<std::unique_ptr<Listener>> start_light_courier(const asio::any_io_executor& executor,
                                                      std::shared_ptr<Hub> hub,
                                                      CourierOptions options);

}  // namespace understudy::apns_mock
