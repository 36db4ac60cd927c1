#pragma once

/// The push service alone, with no MDM server: provider APIs, couriers, CONNECT proxy and a REST
/// API on one executor, in a folder that keeps keys, tokens and ports. `understudy-server apns`.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server-mock/push_setup.h"
#include "shared/core/clock.h"
#include "shared/core/result.h"
#include "shared/net/asio.h"

namespace understudy::server {

/// Port 0 everywhere: the one of the data directory's last start if it is free, else a free one.
struct ApnsServerOptions {
  std::filesystem::path data_dir = "understudy-apns.d";
  std::string listen = "127.0.0.1";  ///< every listener binds it, but for `light`: loopback only
  std::string host = "127.0.0.1";    ///< stands in URLs and certificates, beside localhost
  std::uint16_t apns_port = 0, sandbox_port = 0, courier_port = 0, light_port = 0;
  std::uint16_t proxy_port = 0, api_port = 0;
  std::string api_key;                ///< empty: the data directory's
  std::optional<std::uint64_t> seed;  ///< none: from the system
  std::vector<std::string> policies;  ///< "name=value"
  FaultFlags faults;
  std::size_t journal = 10'000;  ///< pushes of an environment that the API remembers
};

/// Its executor only.
class ApnsServer {
 public:
  /// Everything listens when this returns. `clock` outlives the server; give it as `virtual_clock`
  /// too when the API may set it forward. Errors: errc::io, errc::corrupt, errc::invalid_argument
  /// (a policy, a fault or the host), crypto::errc.
  static Result<std::unique_ptr<ApnsServer>> start(const asio::any_io_executor& executor,
                                                   const ApnsServerOptions& options,
                                                   const Clock& clock,
                                                   VirtualClock* virtual_clock = nullptr);
  ~ApnsServer();
  ApnsServer(const ApnsServer&) = delete;
  ApnsServer& operator=(const ApnsServer&) = delete;

  /// {"event": "ready", ...}: every URL and port, one line, with the API key.
  std::string ready_line() const;
  /// Closes every listener and connection; let the executor run on for a moment.
  void stop();

 private:
  struct Parts;
  explicit ApnsServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace understudy::server
