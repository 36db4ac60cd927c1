#include "server-mock/listening.h"

#include <algorithm>
#include <cctype>

#include "shared/core/errc.h"

namespace understudy::server {
namespace {

bool is_host(const std::string& text) {
  boost::system::error_code is_name;
  static_cast<void>(asio::ip::make_address(text, is_name));
  return !is_name || std::ranges::all_of(text, [](unsigned char character) {
    return std::isalnum(character) != 0 || character == '-' || character == '.' || character == '_';
  });
}

}  // namespace

net::HostPort choose_address(const asio::any_io_executor& executor, const std::string& listen,
                             std::uint16_t wanted, std::uint16_t last) {
  net::HostPort address{listen, wanted};
  if (wanted != 0 || last == 0) return address;
  address.port = last;
  if (!net::listen(executor, address)) address.port = 0;
  return address;
}

Result<void> check_addresses(const asio::any_io_executor& executor, const std::string& listen,
                             const std::string& host) {
  constexpr const char* kHint = "give the name or address that devices reach this server at";
  if (host.empty()) return fail(errc::invalid_argument, "--host is empty", kHint);
  if (!is_host(host)) {
    return fail(errc::invalid_argument, "--host '" + host + "' is no name and no address", kHint);
  }
  const auto listening = net::listen(executor, {listen, 0});
  if (!listening) return fail_in("--listen", listening.error());
  return {};
}

std::string own_address(const std::string& listen) {
  boost::system::error_code is_name;
  const auto address = asio::ip::make_address(listen, is_name);
  if (is_name || !address.is_unspecified()) return listen;
  return address.is_v6() ? "::1" : "127.0.0.1";
}

}  // namespace understudy::server
