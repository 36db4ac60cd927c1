#include "agent/push/courier.h"

#include "agent/push/deadline.h"

namespace understudy::agent {
namespace {

using StreamPtr = std::unique_ptr<net::Stream>;

// SNI without a number (docs/protocol/courier.md, Transport).
constexpr std::array<const char*, 2> kServiceNames = {"courier.push.apple.com",
                                                      "courier.sandbox.push.apple.com"};
constexpr const char* kProtocol = "apns-security-v3";
constexpr std::string_view kLight = "light:";
constexpr std::chrono::seconds kTimeout{15};
constexpr std::size_t kHandshakesAtOnce = 64;

}  // namespace

Result<CourierAddress> CourierAddress::parse(std::string_view text) {
  CourierAddress address;
  address.light = text.starts_with(kLight);
  if (address.light) text.remove_prefix(kLight.size());
  UNDERSTUDY_TRY(address.at, net::HostPort::parse(text));
  return address;
}

std::string CourierAddress::text() const {
  return (light ? std::string(kLight) : std::string()) + at.text();
}

Result<std::shared_ptr<Courier>> Courier::make(const asio::any_io_executor& executor,
                                               const Clock& clock, CourierAddress address,
                                               const std::vector<crypto::Certificate>& anchors) {
  Contexts contexts;
  for (const char* name : kServiceNames) {
    if (address.light) break;
    net::TlsClientOptions options;
    options.anchors = anchors;
    options.alpn = {kProtocol};
    options.server_name = name;
    options.verify_host = name;
    UNDERSTUDY_TRY(auto by_service_name, net::TlsContext::client(options));
    options.verify_host = address.at.host;
    UNDERSTUDY_TRY(auto by_host, net::TlsContext::client(options));
    contexts.by_service_name.push_back(std::move(by_service_name));
    contexts.by_host.push_back(std::move(by_host));
  }
  return std::shared_ptr<Courier>(
      new Courier(executor, clock, std::move(address), std::move(contexts)));
}

Courier::Courier(const asio::any_io_executor& executor, const Clock& clock, CourierAddress address,
                 Contexts contexts)
    : clock_(clock),
      address_(std::move(address)),
      contexts_(std::move(contexts)),
      handshakes_(executor, kHandshakesAtOnce),
      deadlines_(executor, clock) {}

Task<Result<StreamPtr>> Courier::connect(bool sandbox) {
  if (!address_.light) co_return co_await connect_tls(sandbox);
  UNDERSTUDY_CO_TRY(auto socket, co_await net::connect(address_.at, kTimeout));
  co_return StreamPtr(std::make_unique<net::PlainStream>(std::move(socket)));
}

Task<Result<StreamPtr>> Courier::connect_tls(bool sandbox) {
  const bool first_choice = use_host_;
  bool handshake_failed = false;
  auto stream = co_await attempt(sandbox, first_choice, handshake_failed);
  if (handshake_failed) {
    // Perhaps only the name: once more with the other one. The first failure is the one to report.
    auto other = co_await attempt(sandbox, !first_choice, handshake_failed);
    if (!handshake_failed) {
      use_host_ = !first_choice;
      co_return other;
    }
  }
  co_return stream;
}

Task<Result<StreamPtr>> Courier::attempt(bool sandbox, bool by_host, bool& handshake_failed) {
  UNDERSTUDY_CO_TRY(auto socket, co_await net::connect(address_.at, kTimeout));
  const auto& contexts = by_host ? contexts_.by_host : contexts_.by_service_name;
  auto stream = std::make_unique<net::TlsStream>(std::move(socket), contexts.at(sandbox ? 1 : 0));
  const auto until = clock_.now() + kTimeout;
  auto shaken = co_await within(clock_, until, stream->handshake(), "courier: TLS handshake");
  handshake_failed = !shaken;
  if (!shaken) {
    Error error = std::move(shaken).error();
    if (error.hint.empty()) {
      error.hint =
          "check the address, and that --ca has the courier's CA too: one file may hold both";
    }
    co_return fail_in("courier " + address_.text(), std::move(error));
  }
  if (stream->alpn() != kProtocol) {
    co_return fail(errc::unsupported,
                   "courier " + address_.text() + ": it does not negotiate " + kProtocol,
                   "give --courier the address of the courier, not of another TLS server");
  }
  co_return StreamPtr(std::move(stream));
}

}  // namespace understudy::agent
