#include <boost/asio/error.hpp>

#include "shared/core/errc.h"
#include "shared/net/stream.h"

namespace understudy::net {
namespace {

tl::unexpected<Error> failed(const char* doing, const boost::system::error_code& ec) {
  const bool stopped = ec == asio::error::operation_aborted || ec == asio::error::bad_descriptor;
  return fail(stopped ? errc::cancelled : errc::io,
              std::string("plain stream: ") + doing + ": " + ec.message());
}

bool must_wait(const boost::system::error_code& ec) {
  return ec == asio::error::would_block || ec == asio::error::try_again;
}

}  // namespace

PlainStream::PlainStream(tcp::socket socket) : socket_(std::move(socket)) {
  boost::system::error_code ignored;  // a closed socket fails at its first use, with its reason
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
}

Task<Result<void>> PlainStream::handshake() {
  co_return Result<void>();
}

Result<std::optional<std::size_t>> PlainStream::read_now(std::span<std::uint8_t> buffer) {
  boost::system::error_code ec;
  const std::size_t size =
      socket_.read_some(asio::mutable_buffer(buffer.data(), buffer.size()), ec);
  if (!ec) return size;
  if (ec == asio::error::eof || ec == asio::error::connection_reset) return 0;
  if (must_wait(ec)) return std::nullopt;
  return failed("read", ec);
}

Result<std::size_t> PlainStream::write_now(BytesView data) {
  std::size_t written = 0;
  while (written < data.size()) {
    boost::system::error_code ec;
    const BytesView rest = data.subspan(written);
    written += socket_.write_some(asio::const_buffer(rest.data(), rest.size()), ec);
    if (must_wait(ec)) break;
    if (ec) return failed("write", ec);
  }
  return written;
}

void PlainStream::close() {
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  socket_.close(ignored);
}

}  // namespace understudy::net
