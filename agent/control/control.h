#pragma once

/// How a command line reaches the process that holds a state directory: a Unix socket in it, one
/// line of JSON each way, one request a connection.
///
///   {"device": "d1", "action": "unlock", "argument": "1234"}
///   {"ok": true, "text": "d1 is unlocked"}
///   {"ok": false, "usage": true, "text": "..."}

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "shared/net/asio.h"

namespace understudy::agent::control {

/// Longer lines are refused.
inline constexpr std::size_t kLongestRequest = 4096;

struct Request {
  std::string device, action, argument;
};
struct Reply {
  bool ok = false;
  bool usage = false;  ///< not ok, and the one who asked can put it right
  std::string text;    ///< what became of it; for people
};

std::filesystem::path socket_path(const std::filesystem::path& state_directory);

/// Use from its executor only. The socket is its owner's only (mode 0600) and goes with the object.
class Server {
 public:
  using Handler = std::function<Reply(const Request&)>;

  /// A socket that a dead process left behind is replaced: the caller holds the directory.
  /// Errors: errc::limit (the path is longer than a socket's may be), errc::io.
  static Result<std::unique_ptr<Server>> start(const asio::any_io_executor& executor,
                                               std::filesystem::path path, Handler handler);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

 private:
  struct Impl;
  explicit Server(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

/// Blocks until the answer is there. nullopt: nobody listens there. Errors: errc::io.
Result<std::optional<Reply>> ask(const std::filesystem::path& path, const Request& request);

}  // namespace understudy::agent::control
