#include "server-mock/apns_server.h"

#include <nlohmann/json.hpp>

#include "server-mock/apns/connect_proxy.h"
#include "server-mock/apns/service.h"
#include "server-mock/console/apns_routes.h"
#include "server-mock/console/basic_auth.h"
#include "server-mock/console/clock_routes.h"
#include "server-mock/console/fault_routes.h"
#include "server-mock/console/metrics_route.h"
#include "server-mock/console/portal_routes.h"
#include "server-mock/data_dir.h"
#include "server-mock/listening.h"
#include "shared/core/errc.h"

namespace understudy::server {
namespace {

Task<net::HttpResponse> refused() {
  co_return unauthorized();
}

}  // namespace

/// In the order of construction; each may refer to those above it.
struct ApnsServer::Parts {
  Parts(asio::any_io_executor where, ApnsServerOptions how, const Clock& by_clock,
        VirtualClock* settable, DataDir folder)
      : executor(std::move(where)),
        options(std::move(how)),
        clock(by_clock),
        virtual_clock(settable),
        dir(std::move(folder)) {}

  asio::any_io_executor executor;
  ApnsServerOptions options;
  const Clock& clock;
  VirtualClock* virtual_clock;
  DataDir dir;
  std::string api_key;
  std::uint64_t seed = 0;
  std::unique_ptr<apns_mock::ApnsService> service;
  std::unique_ptr<apns_mock::ConnectProxy> proxy;
  Router router;
  std::unique_ptr<net::HttpServer> api;

  Result<void> prepare();
  Result<void> start_service();
  Result<void> start_proxy();
  void add_routes();
  Result<void> start_api();
  Task<net::HttpResponse> handle(net::IncomingRequest request) const;

  net::HostPort address(std::uint16_t wanted, std::uint16_t last) const {
    return choose_address(executor, options.listen, wanted, last);
  }
  std::string url(const std::string& scheme, std::uint16_t port) const {
    return scheme + "://" + net::HostPort{options.host, port}.text();
  }
};

Result<void> ApnsServer::Parts::prepare() {
  Remembered& last = dir.remembered();
  if (virtual_clock != nullptr) virtual_clock->advance(Duration(last.clock_offset));
  api_key = options.api_key;
  if (api_key.empty()) {
    UNDERSTUDY_TRY(api_key, dir.api_key());
  }
  seed = options.seed ? *options.seed : Rng::from_system().seed();
  ++last.starts;
  last.apns_host = options.host;
  return {};
}

Result<void> ApnsServer::Parts::start_service() {
  Remembered& last = dir.remembered();
  apns_mock::ApnsOptions from;
  UNDERSTUDY_TRY(from.policies, read_policies(options.policies));
  from.journal_capacity = options.journal;
  UNDERSTUDY_TRY(from.faults, read_faults(options.faults, Rng(seed)));
  UNDERSTUDY_TRY(from.server_ca, dir.server_root(clock.now()));
  from.data_dir = dir.apns_folder();
  from.host_names = {options.host};
  from.provider = address(options.apns_port, last.apns_port);
  from.sandbox = address(options.sandbox_port, last.sandbox_port);
  from.courier = address(options.courier_port, last.courier_port);
  from.light = choose_address(executor, "127.0.0.1", options.light_port, last.light_port);
  UNDERSTUDY_TRY(service,
                 apns_mock::ApnsService::start(executor, clock, Rng(seed), std::move(from)));
  const auto ports = service->ports();
  last.apns_port = ports.provider;
  last.sandbox_port = ports.sandbox;
  last.courier_port = ports.courier;
  last.light_port = ports.light;
  return {};
}

Result<void> ApnsServer::Parts::start_proxy() {
  Remembered& last = dir.remembered();
  apns_mock::ConnectProxyOptions from;
  from.address = address(options.proxy_port, last.proxy_port);
  // A tunnel is not to end before what it leads to.
  const auto& policies = service->hub(apns_mock::Environment::production).policies();
  from.idle_timeout = apns_mock::idle_limit(policies.provider_idle);
  const std::string here = own_address(options.listen);
  from.production = net::HostPort{here, last.apns_port};
  if (last.sandbox_port != 0) from.sandbox = net::HostPort{here, last.sandbox_port};
  UNDERSTUDY_TRY(proxy, apns_mock::ConnectProxy::start(executor, std::move(from)));
  last.proxy_port = proxy->port();
  return {};
}

/// Every route of this program's API.
void ApnsServer::Parts::add_routes() {
  ClockAccess clock_access{clock, virtual_clock, [this] { dir.remember_clock(clock.now()); }};
  add_version_route(router);
  add_clock_routes(router, clock_access);
  apns_mock::Hub& production = service->hub(apns_mock::Environment::production);
  const ApnsAccess access{production, service->hub(apns_mock::Environment::sandbox)};
  add_apns_routes(router, access);
  add_metrics_route(router, {apns_metrics(access)});
  add_fault_routes(router, production.faults());
  add_portal_routes(router, service->portal(), clock);
}

Result<void> ApnsServer::Parts::start_api() {
  add_routes();
  net::HttpServerOptions listener;
  listener.address = address(options.api_port, dir.remembered().api_port);
  auto handler = [this](net::IncomingRequest request) { return handle(std::move(request)); };
  UNDERSTUDY_TRY(api, net::HttpServer::start(executor, std::move(listener), std::move(handler)));
  dir.remembered().api_port = api->port();
  return {};
}

Task<net::HttpResponse> ApnsServer::Parts::handle(net::IncomingRequest request) const {
  const bool is_open = request.target == "/version";
  if (!is_open && !is_authorized(request, api_key)) return refused();
  return router.handle(std::move(request));
}

ApnsServer::ApnsServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

ApnsServer::~ApnsServer() = default;

Result<std::unique_ptr<ApnsServer>> ApnsServer::start(const asio::any_io_executor& executor,
                                                      const ApnsServerOptions& options,
                                                      const Clock& clock,
                                                      VirtualClock* virtual_clock) {
  UNDERSTUDY_CHECK(check_addresses(executor, options.listen, options.host));
  UNDERSTUDY_CHECK(check_push_setup(options.policies, options.faults));
  UNDERSTUDY_TRY(DataDir dir, DataDir::open(options.data_dir));
  auto parts = std::make_unique<Parts>(executor, options, clock, virtual_clock, std::move(dir));
  UNDERSTUDY_CHECK(parts->prepare());
  UNDERSTUDY_CHECK(parts->start_service());
  UNDERSTUDY_CHECK(parts->start_proxy());
  UNDERSTUDY_CHECK(parts->start_api());
  UNDERSTUDY_CHECK(parts->dir.save());
  return std::unique_ptr<ApnsServer>(new ApnsServer(std::move(parts)));
}

std::string ApnsServer::ready_line() const {
  const Parts& parts = *parts_;
  const auto ports = parts.service->ports();
  const auto host_port = [&parts](std::uint16_t port) {
    return net::HostPort{parts.options.host, port}.text();
  };
  nlohmann::ordered_json json = {{"event", "ready"}, {"apns", parts.url("https", ports.provider)}};
  if (ports.sandbox != 0) json["sandbox"] = parts.url("https", ports.sandbox);
  json["courier"] = host_port(ports.courier);
  if (ports.light != 0) json["light"] = net::HostPort{"127.0.0.1", ports.light}.text();
  json["proxy"] = parts.url("http", parts.proxy->port());
  json["api"] = parts.url("http", parts.api->port());
  json["api_key"] = parts.api_key;
  json["ca"] = parts.dir.root_certificate_file().string();
  json["push_ca"] = (parts.dir.apns_folder() / "push-ca.pem").string();
  json["seed"] = parts.seed;
  return json.dump();
}

void ApnsServer::stop() {
  parts_->api->stop();
  parts_->proxy->stop();
  parts_->service->stop();
}

}  // namespace understudy::server
