#pragma once

/// libcurl's multi handle, with its sockets and its timer watched by Asio. Private to net/.

#include <curl/curl.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <unordered_map>

#include "shared/net/asio.h"

namespace understudy::net {

/// What a transfer hears of its end; the easy handle's CURLOPT_PRIVATE points to it.
class CurlListener {
 public:
  virtual void finished(CURLcode code) = 0;

 protected:
  ~CurlListener() = default;
};

/// Lives in a shared_ptr: its waits hold it weakly. Use from its executor only.
class CurlMulti : public std::enable_shared_from_this<CurlMulti> {
 public:
  explicit CurlMulti(const asio::any_io_executor& executor);
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;
  ~CurlMulti();

  /// Nothing happens before the executor runs. False: libcurl refused, which only a bug explains.
  bool add(CURL* easy);
  /// Ends the transfer if it is under way. Never from within a callback of libcurl.
  void remove(CURL* easy);

 private:
  /// One of libcurl's descriptors, which libcurl opens and closes.
  struct Watch {
    Watch(const asio::any_io_executor& executor, curl_socket_t socket)
        : number(socket), descriptor(executor, socket) {}
    curl_socket_t number;
    asio::posix::stream_descriptor descriptor;
    int wanted = CURL_POLL_NONE;
    bool reading = false;
    bool writing = false;
  };
  using WatchPtr = std::shared_ptr<Watch>;

  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* watch);
  static int on_timer(CURLM* multi, long timeout_ms, void* self);
  void wake_at(std::chrono::steady_clock::time_point when);
  void timer_expired();
  void watch(curl_socket_t socket, int what);
  void unwatch(curl_socket_t socket);
  void arm(const WatchPtr& watch);
  void arm_direction(const WatchPtr& watch, int event);
  void act(curl_socket_t socket, int events);

  asio::any_io_executor executor_;
  asio::steady_timer timer_;
  std::optional<std::chrono::steady_clock::time_point> wanted_;  ///< by libcurl
  std::optional<std::chrono::steady_clock::time_point> armed_;   ///< of timer_; never later
  std::unordered_map<curl_socket_t, WatchPtr> watches_;
  CURLM* multi_;
};

}  // namespace understudy::net
