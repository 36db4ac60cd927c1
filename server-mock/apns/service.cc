#include "server-mock/apns/service.h"

#include <boost/asio/ip/address.hpp>

#include "server-mock/apns/fault_points.h"
#include "shared/core/log.h"
#include "shared/io/file.h"
#include "shared/net/timer.h"

namespace understudy::apns_mock {
namespace {

/// By the service's clock. Lateness costs memory only: nothing expired is ever delivered.
constexpr auto kExpireEvery = std::chrono::seconds(30);
/// How late a redelivery may be.
constexpr auto kTickEvery = std::chrono::seconds(1);
constexpr const char* kCourierName = "courier.push.apple.com";
constexpr const char* kSandboxCourierName = "courier.sandbox.push.apple.com";

/// By which MDM servers know the provider API: one certificate for all of them, whichever listener
/// a proxy or /etc/hosts leads a name to.
std::vector<std::string> provider_names() {
  return {"api.push.apple.com", "api.sandbox.push.apple.com", "api.development.push.apple.com"};
}

/// A TLS server certificate, as long-lived as its CA: it is made anew at each start.
Result<crypto::Identity> server_identity(const crypto::CertificateAuthority& ca,
                                         std::vector<std::string> apple_names,
                                         const std::vector<std::string>& host_names) {
  UNDERSTUDY_TRY(auto key, crypto::PrivateKey::generate(crypto::KeyType::p256));
  crypto::CertificateSpec spec;
  spec.subject = crypto::Name::of({{"CN", apple_names.front()}, {"O", "Understudy"}});
  spec.alt_names.dns = std::move(apple_names);
  spec.alt_names.dns.emplace_back("localhost");
  spec.alt_names.ip = {"127.0.0.1", "::1"};
  for (const std::string& name : host_names) {
    boost::system::error_code no_address;
    asio::ip::make_address(name, no_address);
    (no_address ? spec.alt_names.dns : spec.alt_names.ip).push_back(name);
  }
  spec.purpose = crypto::CertificateSpec::Purpose::tls_server;
  spec.not_before = ca.certificate().not_before();
  spec.not_after = ca.certificate().not_after();
  UNDERSTUDY_TRY(auto certificate, ca.issue(spec, key.public_key()));
  return crypto::Identity{std::move(key), std::move(certificate), {ca.certificate()}};
}

Task<void> chore_loop(const Clock& clock, std::weak_ptr<Hub> hub) {
  for (TimePoint expired = clock.now();;) {
    co_await net::sleep_for(clock, kTickEvery);
    const auto alive = hub.lock();
    if (!alive) co_return;
    alive->tick();
    if (clock.now() < expired + kExpireEvery) continue;
    alive->expire();
    expired = clock.now();
  }
}

/// Runs until the signal is emitted.
std::shared_ptr<asio::cancellation_signal> start_chores(const asio::any_io_executor& executor,
                                                        const Clock& clock,
                                                        const std::shared_ptr<Hub>& hub) {
  auto signal = std::make_shared<asio::cancellation_signal>();
  auto on_end = [signal](const std::exception_ptr& error) {
    net::log_coroutine_end("apns chores", error);
  };
  net::spawn(executor, chore_loop(clock, hub), *signal, std::move(on_end));
  return signal;
}

/// Each environment has a memory, tokens and ids of its own.
Result<std::shared_ptr<Hub>> open_hub(const asio::any_io_executor& executor, const Clock& clock,
                                      const Rng& rng, Environment environment,
                                      const ApnsOptions& options) {
  const bool is_sandbox = environment == Environment::sandbox;
  const auto file = options.data_dir / (is_sandbox ? "apns-sandbox.db" : "apns.db");
  const Rng own = is_sandbox ? rng.derive("sandbox") : rng;
  UNDERSTUDY_TRY(auto store, TokenStore::open(file));
  UNDERSTUDY_TRY(auto broker,
                 Broker::open(std::move(store), own, options.broker_limits, options.policies));
  HubSetup setup;
  setup.environment = environment;
  setup.policies = options.policies;
  setup.faults = options.faults;
  setup.observer = options.observer;
  setup.journal_capacity = options.journal_capacity;
  return std::make_shared<Hub>(executor, std::move(broker), clock, own, std::move(setup));
}

}  // namespace

ApnsService::ApnsService(std::shared_ptr<PushPortal> portal, CourierHubs hubs)
    : portal_(std::move(portal)), hubs_(std::move(hubs)) {}

Result<std::unique_ptr<ApnsService>> ApnsService::start(const asio::any_io_executor& executor,
                                                        const Clock& clock, const Rng& rng,
                                                        ApnsOptions options) {
  if (!options.server_ca) {
    return fail(errc::invalid_argument, "start the push service: no CA for its TLS certificates");
  }
  UNDERSTUDY_CHECK(io::make_directory(options.data_dir, true));
  UNDERSTUDY_TRY(auto portal, PushPortal::open(options.data_dir, rng, clock.now()));
  if (!options.faults) options.faults = std::make_shared<faults::Engine>(fault_points(), rng);
  CourierHubs hubs;
  UNDERSTUDY_TRY(hubs.production, open_hub(executor, clock, rng, Environment::production, options));
  UNDERSTUDY_TRY(hubs.sandbox, open_hub(executor, clock, rng, Environment::sandbox, options));
  std::unique_ptr<ApnsService> service(new ApnsService(std::move(portal), hubs));
  UNDERSTUDY_CHECK(service->start_couriers(executor, options));
  UNDERSTUDY_TRY(service->provider_, service->start_provider(executor, Environment::production,
                                                             options.provider, options));
  if (options.sandbox) {
    UNDERSTUDY_TRY(service->sandbox_, service->start_provider(executor, Environment::sandbox,
                                                              *options.sandbox, options));
  }
  service->chores_ = {start_chores(executor, clock, hubs.production),
                      start_chores(executor, clock, hubs.sandbox)};
  return service;
}

Result<void> ApnsService::start_couriers(const asio::any_io_executor& executor,
                                         const ApnsOptions& options) {
  CourierOptions courier = options.courier_options;
  courier.listener.address = options.courier;
  UNDERSTUDY_TRY(
      auto identity,
      server_identity(*options.server_ca, {kCourierName, kSandboxCourierName}, options.host_names));
  UNDERSTUDY_TRY(courier_, start_courier(executor, hubs_, std::move(identity), courier));
  if (!options.light) return {};
  courier.listener.address = *options.light;
  courier.listener.name = "apns.light";
  UNDERSTUDY_TRY(light_, start_light_courier(executor, hubs_.production, std::move(courier)));
  return {};
}

Result<std::unique_ptr<Provider>> ApnsService::start_provider(const asio::any_io_executor& executor,
                                                              Environment environment,
                                                              const net::HostPort& address,
                                                              const ApnsOptions& options) {
  ProviderOptions provider = options.provider_options;
  provider.listener.address = address;
  if (environment == Environment::sandbox) provider.listener.name = "apns.sandbox";
  UNDERSTUDY_TRY(auto identity,
                 server_identity(*options.server_ca, provider_names(), options.host_names));
  const auto& hub = environment == Environment::sandbox ? hubs_.sandbox : hubs_.production;
  return Provider::start(executor, hub, std::move(identity), portal_, std::move(provider));
}

ApnsService::~ApnsService() {
  for (const auto& chore : chores_) chore->emit(asio::cancellation_type::terminal);
}

ApnsService::Ports ApnsService::ports() const {
  Ports ports;
  ports.provider = provider_->port();
  ports.courier = courier_->port();
  if (sandbox_) ports.sandbox = sandbox_->port();
  if (light_) ports.light = light_->port();
  return ports;
}

Hub& ApnsService::hub(Environment environment) const {
  return environment == Environment::sandbox ? *hubs_.sandbox : *hubs_.production;
}

std::size_t ApnsService::provider_connections() const {
  return provider_->connections() + (sandbox_ ? sandbox_->connections() : 0);
}

std::size_t ApnsService::stored() const {
  return hubs_.production->stored() + hubs_.sandbox->stored();
}

void ApnsService::stop() {
  provider_->stop();
  if (sandbox_) sandbox_->stop();
  courier_->stop();
  if (light_) light_->stop();
  for (const auto& hub : {hubs_.production, hubs_.sandbox}) {
    const Result<void> committed = hub->commit();
    (void)committed;  // it logs
  }
  for (const auto& chore : chores_) chore->emit(asio::cancellation_type::terminal);
}

}  // namespace understudy::apns_mock
