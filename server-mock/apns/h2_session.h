#pragma once

/// The server's side of one HTTP/2 connection on nghttp2, which is sans-I/O as we are: octets in,
/// whole requests out, octets to send. Requests may be answered at once or later, in any order.
/// Its own thread only. Source: RFC 9113.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "shared/core/bytes.h"
#include "shared/core/result.h"

namespace understudy::apns_mock {

/// Everything a peer can make a connection hold is bounded by these.
struct H2Limits {
  std::uint32_t concurrent_streams = 1000;            ///< more: REFUSED_STREAM
  std::size_t header_bytes = std::size_t{16} * 1024;  ///< of one request; more are not kept
  std::size_t body_bytes = 5120;  ///< kept of one request; the rest is thrown away
  /// Which header fields (in lower case) the request is to have; null: all. The rest counts, and
  /// is thrown away.
  bool (*wanted)(std::string_view name) = nullptr;
};

struct H2Request {
  std::string method;
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;  ///< without pseudo headers
  Bytes body;
  bool headers_too_large = false;  ///< what there is of them means nothing; passed on when they end
  bool body_too_large = false;     ///< passed on when the limit is crossed, not when the body ends
};

struct H2Response {
  struct Header {
    std::string_view name;  ///< in lower case
    std::string_view value;
    bool unique = false;  ///< never the same again: not worth a place in HPACK's table
  };
  static constexpr std::size_t kMaxHeaders = 4;
  int status = 200;
  std::span<const Header> headers;  ///< at most kMaxHeaders; read during the call
  std::string body;
};

class H2Session {
 public:
  using StreamId = std::int32_t;
  using OnRequest = std::function<void(StreamId, H2Request)>;

  /// `on_request` runs inside `feed` and may call `respond`.
  H2Session(const H2Limits& limits, OnRequest on_request);
  H2Session(const H2Session&) = delete;
  H2Session& operator=(const H2Session&) = delete;
  ~H2Session();

  /// Errors: errc::io when the peer speaks no HTTP/2: send what take_output has, and close.
  Result<void> feed(BytesView octets);
  /// What is to be sent now; empty when nothing is.
  Bytes take_output();
  /// Does nothing when the stream is gone.
  void respond(StreamId stream, H2Response response);
  /// RST_STREAM with REFUSED_STREAM: the peer may send the request again.
  void refuse(StreamId stream);
  /// A new SETTINGS_MAX_CONCURRENT_STREAMS.
  void set_concurrent_streams(std::uint32_t most);
  /// Whether the peer's SETTINGS came: from then on it may be silent for long.
  bool started() const;
  /// The oldest stream whose request is still arriving; 0: none.
  StreamId oldest_incomplete() const;
  /// GOAWAY with NO_ERROR and this debug data: streams under way end, no new ones begin.
  void go_away(std::string_view debug_data);
  /// Nothing more will be read or written: close.
  bool finished() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy::apns_mock
