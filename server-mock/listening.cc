#include "server-mock/listening.h"

#include "shared/core/errc.h"

namespace understudy::server {

net::HostPort choose_address(const asio::any_io_executor& executor, const std::string& listen,
                             std::uint16_t wanted, std::uint16_t last) {
  net::HostPort address{listen, wanted};
  if (wanted != 0 || last == 0) return address;
  address.port = last;
  if (!net::listen(executor, address)) address.port = 0;
  return address;
}

Result<void> check_host(const std::string& host) {
  if (!host.empty()) return {};
  return fail(errc::invalid_argument, "--host is empty",
              "give the name or address that devices reach this server at");
}

std::string own_address(const std::string& listen) {
  boost::system::error_code is_name;
  const auto address = asio::ip::make_address(listen, is_name);
  if (is_name || !address.is_unspecified()) return listen;
  return address.is_v6() ? "::1" : "127.0.0.1";
}

}  // namespace understudy::server
