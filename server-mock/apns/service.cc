#include "server-mock/apns/service.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/system/system_error.hpp>

#include "shared/core/log.h"
#include "shared/io/file.h"
#include "shared/net/timer.h"

namespace understudy::apns_mock {
namespace {

/// By the service's clock. Lateness costs memory only: nothing expired is ever delivered.
constexpr auto kExpireEvery = std::chrono::seconds(30);

/// A TLS server certificate, as long-lived as its CA: it is made anew at each start.
Result<crypto::Identity> server_identity(const crypto::CertificateAuthority& ca,
                                         const std::string& apple_name,
                                         const std::vector<std::string>& host_names) {
  UNDERSTUDY_TRY(auto key, crypto::PrivateKey::generate(crypto::KeyType::p256));
  crypto::CertificateSpec spec;
  spec.subject = crypto::Name::of({{"CN", apple_name}, {"O", "Understudy"}});
  spec.alt_names.dns = {apple_name, "localhost"};
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

Task<void> expire_loop(const Clock& clock, std::weak_ptr<Hub> hub) {
  for (;;) {
    co_await net::sleep_for(clock, kExpireEvery);
    const auto alive = hub.lock();
    if (!alive) co_return;
    alive->expire();
  }
}

/// Its end by cancellation is the rule; anything else is a bug that must be seen.
void log_end(const std::exception_ptr& error) {
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& stopped) {
    if (stopped.code() == asio::error::operation_aborted) return;
    log::error("apns.expire_failed", {{"error", stopped.what()}});
  } catch (const std::exception& bug) {
    log::error("apns.expire_failed", {{"error", bug.what()}});
  }
}

/// Runs until the signal is emitted.
std::shared_ptr<asio::cancellation_signal> start_expiring(const asio::any_io_executor& executor,
                                                          const Clock& clock,
                                                          const std::shared_ptr<Hub>& hub) {
  auto signal = std::make_shared<asio::cancellation_signal>();
  auto on_end = [signal](const std::exception_ptr& error) { log_end(error); };
  asio::co_spawn(executor, expire_loop(clock, hub),
                 asio::bind_cancellation_slot(signal->slot(), std::move(on_end)));
  return signal;
}

}  // namespace

ApnsService::ApnsService(PushAuthority authority, std::shared_ptr<Hub> hub)
    : authority_(std::move(authority)), hub_(std::move(hub)) {}

Result<std::unique_ptr<ApnsService>> ApnsService::start(const asio::any_io_executor& executor,
                                                        const Clock& clock, const Rng& rng,
                                                        ApnsOptions options) {
  if (!options.server_ca) {
    return fail(errc::invalid_argument, "start the push service: no CA for its TLS certificates");
  }
  UNDERSTUDY_CHECK(io::make_directory(options.data_dir, true));
  UNDERSTUDY_TRY(auto authority, PushAuthority::open(options.data_dir, clock.now()));
  UNDERSTUDY_TRY(auto store, TokenStore::open(options.data_dir / "apns.db"));
  UNDERSTUDY_TRY(auto broker, Broker::open(std::move(store), rng, options.broker_limits));
  auto hub = std::make_shared<Hub>(std::move(broker), clock, rng, std::move(options.observer));
  std::unique_ptr<ApnsService> service(new ApnsService(std::move(authority), hub));

  CourierOptions courier = std::move(options.courier_options);
  courier.listener.address = options.courier;
  UNDERSTUDY_TRY(auto courier_identity,
                 server_identity(*options.server_ca, "courier.push.apple.com", options.host_names));
  UNDERSTUDY_TRY(service->courier_,
                 start_courier(executor, hub, std::move(courier_identity), std::move(courier)));

  ProviderOptions provider = std::move(options.provider_options);
  provider.listener.address = options.provider;
  UNDERSTUDY_TRY(auto provider_identity,
                 server_identity(*options.server_ca, "api.push.apple.com", options.host_names));
  UNDERSTUDY_TRY(service->provider_,
                 Provider::start(executor, hub, std::move(provider_identity),
                                 service->authority_.certificate(), std::move(provider)));
  service->expiring_ = start_expiring(executor, clock, hub);
  return service;
}

ApnsService::~ApnsService() {
  if (expiring_) expiring_->emit(asio::cancellation_type::terminal);
}

ApnsService::Ports ApnsService::ports() const {
  Ports ports;
  ports.provider = provider_->port();
  ports.courier = courier_->port();
  return ports;
}

void ApnsService::stop() {
  provider_->stop();
  courier_->stop();
  expiring_->emit(asio::cancellation_type::terminal);
}

}  // namespace understudy::apns_mock
