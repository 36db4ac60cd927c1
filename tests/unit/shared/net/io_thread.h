#pragma once

/// An io_context running on a thread of its own, for tests that block on an outside program.

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>

#include "shared/net/asio.h"

namespace understudy::test {

class IoThread {
 public:
  IoThread() : work_(asio::make_work_guard(io_)), thread_([this] { io_.run(); }) {}
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;
  ~IoThread() {
    io_.stop();
    thread_.join();
  }

  asio::any_io_executor executor() { return io_.get_executor(); }

  /// Runs `call` on the thread and returns what it returns.
  template <class Call>
  auto on_thread(Call call) {
    std::packaged_task<decltype(call())()> task(std::move(call));
    auto result = task.get_future();
    asio::post(io_, [&task] { task(); });
    return result.get();
  }

 private:
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace understudy::test
