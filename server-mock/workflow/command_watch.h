#pragma once

/// Lets callers wait for the end of a command.

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "shared/net/asio.h"
#include "shared/net/timer.h"

namespace understudy::server {

/// Use from its executor only.
class CommandWatch {
 public:
  explicit CommandWatch(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// Wakes whoever waits for that command, on whichever device it changed.
  void changed(const std::string& command_uuid);
  /// Ends at `changed`, or after `timeout` of real time; look at the command again then.
  Task<void> wait(std::string command_uuid, std::chrono::milliseconds timeout);

 private:
  asio::any_io_executor executor_;
  std::map<std::string, std::weak_ptr<net::Event>> waiting_;
};

}  // namespace understudy::server
