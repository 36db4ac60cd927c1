#pragma once

/// The reference server, all parts of it put together on one executor.

#include <memory>
#include <string>

#include "server-mock/options.h"
#include "shared/core/clock.h"
#include "shared/net/asio.h"

namespace understudy::server {

class Server {
 public:
  /// Everything listens when this returns. `clock` outlives the server; give it as `virtual_clock`
  /// too when the API may set it forward. Errors: errc::io, errc::corrupt, crypto::errc. When the
  /// messaging service or the queue monitor breaks, running the executor throws PartFailed.
  static Result<std::unique_ptr<Server>> start(const asio::any_io_executor& executor,
                                               const ServerOptions& options, const Clock& clock,
                                               VirtualClock* virtual_clock = nullptr);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// {"event": "ready", ...}: every URL and port, one line, with the API key.
  std::string ready_line() const;
  /// Closes every listener and connection; let the executor run on for a moment.
  void stop();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace understudy::server
