#pragma once

/// A connection that stays open, with TLS or without: what the courier's frames and HTTP/2 need of
/// it. TLS is in tls.h; PlainStream is for the light transport, where many thousand devices share
/// one machine.

#include <boost/asio/deferred.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "shared/core/bytes.h"
#include "shared/net/asio.h"

namespace understudy::net {

/// Who is at the other end, for logs: "127.0.0.1:50000"; "a closed connection" once it is closed.
std::string peer_text(const tcp::socket& socket);

/// Use from its executor only; one read and one write at a time.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  // Errors of all: errc::io; errc::cancelled when it was closed here, or the wait stopped.
  virtual Task<Result<void>> handshake() = 0;
  /// What can be read without waiting; 0 at the end of the stream, nullopt when nothing is there
  /// yet: wait until the socket is readable.
  virtual Result<std::optional<std::size_t>> read_now(std::span<std::uint8_t> buffer) = 0;
  /// At least one octet; 0 at the end of the stream. The buffer is not touched before octets are
  /// there, so connections of one thread may share it.
  Task<Result<std::size_t>> read_some(std::span<std::uint8_t> buffer);
  /// What can be written without waiting: from 0 octets to all of them. Only the socket may make
  /// either of the two wait.
  virtual Result<std::size_t> write_now(BytesView data) = 0;
  Task<Result<void>> write(BytesView data);
  virtual void close() = 0;
  virtual tcp::socket& socket() = 0;

 protected:
  Stream(Stream&&) noexcept = default;
  Stream& operator=(Stream&&) noexcept = default;
};

/// As kAsTuple, without a coroutine frame of its own: for the waits in which thousands of
/// connections spend their lives.
inline constexpr auto kInPlace = asio::as_tuple(asio::deferred);

/// No TLS; its handshake is done at once.
class PlainStream final : public Stream {
 public:
  explicit PlainStream(tcp::socket socket);

  Task<Result<void>> handshake() override;
  Result<std::optional<std::size_t>> read_now(std::span<std::uint8_t> buffer) override;
  Result<std::size_t> write_now(BytesView data) override;
  void close() override;
  tcp::socket& socket() override { return socket_; }

 private:
  tcp::socket socket_;
};

}  // namespace understudy::net
