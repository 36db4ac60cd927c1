#include "shared/net/stream.h"

#include <boost/asio/error.hpp>

#include "shared/core/errc.h"

namespace understudy::net {
namespace {

/// Until the socket is ready, or closed: the next call says which.
Task<Result<void>> wait_for(tcp::socket& socket, tcp::socket::wait_type what, const char* doing) {
  auto [ec] = co_await socket.async_wait(what, kInPlace);
  if (!ec) co_return Result<void>();
  const bool stopped = ec == asio::error::operation_aborted || ec == asio::error::bad_descriptor;
  co_return fail(stopped ? errc::cancelled : errc::io,
                 std::string("stream ") + doing + ": " + (stopped ? "stopped" : ec.message()));
}

}  // namespace

std::string peer_text(const tcp::socket& socket) {
  boost::system::error_code ec;
  const auto peer = socket.remote_endpoint(ec);
  return ec ? "a closed connection" : HostPort{peer.address().to_string(), peer.port()}.text();
}

Task<Result<std::size_t>> Stream::read_some(std::span<std::uint8_t> buffer) {
  for (;;) {
    UNDERSTUDY_CO_TRY(const auto size, read_now(buffer));
    if (size) co_return *size;
    UNDERSTUDY_CO_CHECK(co_await wait_for(socket(), tcp::socket::wait_read, "read"));
  }
}

Task<Result<void>> Stream::write(BytesView data) {
  for (;;) {
    UNDERSTUDY_CO_TRY(const std::size_t size, write_now(data));
    data = data.subspan(size);
    if (data.empty()) co_return Result<void>();
    UNDERSTUDY_CO_CHECK(co_await wait_for(socket(), tcp::socket::wait_write, "write"));
  }
}

}  // namespace understudy::net
