#pragma once

/// The whole push service: provider API, courier, their memory and their push CA. Used by the
/// reference server and alone.
///
///   ApnsOptions options;
///   options.data_dir = state / "apns";
///   options.server_ca = ca;                       // signs both TLS server certificates
///   options.observer = [](const PushEvent& event) { ... Stage::acked: the device has it ... };
///   auto service = ApnsService::start(io.get_executor(), clock, rng, std::move(options));

#include <boost/asio/cancellation_signal.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "server-mock/apns/courier.h"
#include "server-mock/apns/environment.h"
#include "server-mock/apns/provider.h"
#include "server-mock/apns/push_portal.h"

namespace understudy::apns_mock {

struct ApnsOptions {
  std::filesystem::path data_dir;  ///< databases and push CAs; made when absent
  net::HostPort provider{"127.0.0.1", 0};
  std::optional<net::HostPort> sandbox;  ///< provider API of the sandbox; none: no listener
  net::HostPort courier{"127.0.0.1", 0};
  std::optional<net::HostPort> light;  ///< courier without TLS, loopback only; none: no listener
  std::optional<crypto::CertificateAuthority> server_ca;  ///< required
  /// Names and addresses besides localhost, 127.0.0.1 and Apple's, for both certificates.
  std::vector<std::string> host_names;
  Policies policies;
  /// With fault_points in its vocabulary; none: the service has its own, without rules.
  std::shared_ptr<faults::Engine> faults;
  PushObserver observer;  ///< runs on the executor; must not call back into the service
  /// Limits and timeouts; their addresses are filled in here.
  CourierOptions courier_options;
  ProviderOptions provider_options;
  BrokerLimits broker_limits;
  std::size_t journal_capacity = 10'000;  ///< pushes of an environment that stay known
};

/// Its executor only, `stop` and destruction included.
class ApnsService {
 public:
  struct Ports {
    std::uint16_t provider = 0, sandbox = 0;
    std::uint16_t courier = 0, light = 0;  ///< 0: not listening
  };

  /// `clock` outlives the service and the executor's pending work.
  /// Errors: errc::io, errc::corrupt, errc::invalid_argument (no server CA), crypto::errc.
  static Result<std::unique_ptr<ApnsService>> start(const asio::any_io_executor& executor,
                                                    const Clock& clock, const Rng& rng,
                                                    ApnsOptions options);
  ~ApnsService();
  ApnsService(const ApnsService&) = delete;
  ApnsService& operator=(const ApnsService&) = delete;

  Ports ports() const;
  PushPortal& portal() const { return *portal_; }
  const PushAuthority& authority() const { return portal_->authority(Environment::production); }
  Hub& hub(Environment environment) const;
  std::size_t provider_connections() const;
  std::size_t stored() const;
  /// GOAWAY to providers, then everybody is cut off while the executor runs on. Destruction does
  /// the same.
  void stop();

 private:
  ApnsService(std::shared_ptr<PushPortal> portal, CourierHubs hubs);
  Result<void> start_couriers(const asio::any_io_executor& executor, const ApnsOptions& options);
  Result<std::unique_ptr<Provider>> start_provider(const asio::any_io_executor& executor,
                                                   Environment environment,
                                                   const net::HostPort& address,
                                                   const ApnsOptions& options);
  std::shared_ptr<PushPortal> portal_;
  CourierHubs hubs_;
  std::unique_ptr<Listener> courier_, light_;
  std::unique_ptr<Provider> provider_, sandbox_;
  std::vector<std::shared_ptr<asio::cancellation_signal>> chores_;
};

}  // namespace understudy::apns_mock
