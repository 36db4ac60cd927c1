#include "agent/push/courier.h"

#include "agent/push/deadline.h"

namespace understudy::agent {
namespace {

constexpr const char* kServiceName = "courier.push.apple.com";  // SNI without a number (apns.md A1)
constexpr const char* kProtocol = "apns-security-v3";
constexpr std::chrono::seconds kTimeout{15};
constexpr std::size_t kHandshakesAtOnce = 64;

}  // namespace

Result<std::shared_ptr<Courier>> Courier::make(const asio::any_io_executor& executor,
                                               const Clock& clock, net::HostPort address,
                                               std::vector<crypto::Certificate> anchors) {
  net::TlsClientOptions options;
  options.anchors = std::move(anchors);
  options.alpn = {kProtocol};
  options.server_name = kServiceName;
  options.verify_host = kServiceName;
  UNDERSTUDY_TRY(auto by_service_name, net::TlsContext::client(options));
  options.verify_host = address.host;
  UNDERSTUDY_TRY(auto by_host, net::TlsContext::client(options));
  return std::shared_ptr<Courier>(new Courier(executor, clock, std::move(address),
                                              std::move(by_service_name), std::move(by_host)));
}

Courier::Courier(const asio::any_io_executor& executor, const Clock& clock, net::HostPort address,
                 net::TlsContext by_service_name, net::TlsContext by_host)
    : clock_(clock),
      address_(std::move(address)),
      by_service_name_(std::move(by_service_name)),
      by_host_(std::move(by_host)),
      handshakes_(executor, kHandshakesAtOnce) {}

Task<Result<net::TlsStream>> Courier::connect() {
  const auto permit = co_await handshakes_.enter();
  const bool first_choice = use_host_;
  bool handshake_failed = false;
  auto stream = co_await attempt(first_choice, handshake_failed);
  if (handshake_failed) {
    // Perhaps only the name: once more with the other one. The first failure is the one to report.
    auto other = co_await attempt(!first_choice, handshake_failed);
    if (!handshake_failed) {
      use_host_ = !first_choice;
      co_return other;
    }
  }
  co_return stream;
}

Task<Result<net::TlsStream>> Courier::attempt(bool by_host, bool& handshake_failed) {
  UNDERSTUDY_CO_TRY(auto socket, co_await net::connect(address_, kTimeout));
  net::TlsStream stream(std::move(socket), by_host ? by_host_ : by_service_name_);
  const auto until = clock_.now() + kTimeout;
  auto shaken = co_await within(clock_, until, stream.handshake(), "courier: TLS handshake");
  handshake_failed = !shaken;
  if (!shaken) co_return fail_in("courier " + address_.text(), std::move(shaken).error());
  if (stream.alpn() != kProtocol) {
    co_return fail(errc::unsupported,
                   "courier " + address_.text() + ": it does not negotiate " + kProtocol,
                   "give --courier the address of the courier, not of another TLS server");
  }
  co_return stream;
}

}  // namespace understudy::agent
