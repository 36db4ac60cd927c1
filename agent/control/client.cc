#include <sys/socket.h>
#include <sys/time.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "agent/control/message.h"
#include "shared/core/errc.h"

namespace understudy::agent::control {
namespace {

using asio::local::stream_protocol;

constexpr std::size_t kLongestReply = std::size_t{1024} * 1024;
constexpr timeval kAnswerPatience{15, 0};

}  // namespace

Result<std::optional<Reply>> ask(const std::filesystem::path& path, const Request& request) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::optional<Reply>();
  asio::io_context io;
  stream_protocol::socket socket(io);
  boost::system::error_code error;
  socket.connect(stream_protocol::endpoint(path.string()), error);
  if (error == asio::error::connection_refused) return std::optional<Reply>();
  const std::string place = "control socket " + path.string() + ": ";
  if (error) return fail(errc::io, place + error.message());
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &kAnswerPatience,
               sizeof(kAnswerPatience));

  const std::string line = write(request) + "\n";
  if (line.size() > kLongestRequest) {
    return fail(errc::limit,
                place + "the request is longer than " + std::to_string(kLongestRequest) + " bytes");
  }
  asio::write(socket, asio::buffer(line), error);
  std::string answer;
  auto buffer = asio::dynamic_buffer(answer, kLongestReply);
  if (!error) asio::read_until(socket, buffer, '\n', error);
  if (error) return fail(errc::io, place + "no answer: " + error.message());
  auto reply = read_reply(answer);
  if (!reply) return fail_in(place, std::move(reply).error());
  return std::optional<Reply>(std::move(*reply));
}

}  // namespace understudy::agent::control
