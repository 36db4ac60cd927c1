#include "server-mock/server.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "server-mock/apns/service.h"
#include "server-mock/console/console_api.h"
#include "server-mock/data_dir.h"
#include "server-mock/device_services/device_services.h"
#include "server-mock/store/sqlite_store.h"
#include "server-mock/workflow/messaging_service.h"
#include "server-mock/workflow/queue_monitor.h"
#include "shared/core/log.h"
#include "shared/io/file.h"

namespace understudy::server {
namespace {

/// PayloadIdentifier of every enrollment profile of ours.
constexpr const char* kEnrollmentIdentifier = "org.understudy.enrollment";
constexpr std::chrono::hours kIdentityValidity{24 * 365};

bool is_free(const asio::any_io_executor& executor, const net::HostPort& address) {
  return net::listen(executor, address).has_value();
}

/// The wanted port; for 0 the one of the last start if nobody took it meanwhile.
net::HostPort choose(const asio::any_io_executor& executor, const std::string& listen,
                     std::uint16_t wanted, std::uint16_t last) {
  net::HostPort address{listen, wanted};
  if (wanted != 0 || last == 0) return address;
  address.port = last;
  if (!is_free(executor, address)) address.port = 0;
  return address;
}

Result<std::vector<crypto::Certificate>> read_certificates(const std::filesystem::path& file) {
  if (file.empty()) return std::vector<crypto::Certificate>();
  UNDERSTUDY_TRY(const Bytes pem, io::read_file(file));
  auto certificates = crypto::Certificate::all_from_pem(as_text(pem));
  if (!certificates) return fail_in("--push-ca " + file.string(), std::move(certificates).error());
  return certificates;
}

}  // namespace

/// In the order of construction; each may refer to those above it.
struct Server::Parts {
  Parts(const asio::any_io_executor& on, const ServerOptions& with, const Clock& clock_in,
        VirtualClock* virtual_clock_in, DataDir dir_in)
      : executor(on),
        options(with),
        clock(clock_in),
        virtual_clock(virtual_clock_in),
        dir(std::move(dir_in)) {}

  const asio::any_io_executor executor;
  const ServerOptions options;
  const Clock& clock;
  VirtualClock* const virtual_clock;
  DataDir dir;
  std::uint64_t seed = 0;
  std::string api_key;
  std::optional<Rng> rng;
  std::optional<crypto::CertificateAuthority> root, device_ca;
  std::optional<crypto::Identity> identity;
  io::Transcript transcript;
  std::unique_ptr<SqliteStore> store;

  std::unique_ptr<apns_mock::ApnsService> apns;
  std::string apns_url;
  std::vector<crypto::Certificate> apns_anchors;

  std::optional<net::HttpClient> http;
  std::optional<Timeline> timeline;
  std::optional<CommandWatch> watch;
  std::optional<Wake> push_wake, event_wake;
  std::optional<OutboundPushQueue> pushes;
  std::optional<EventLogQueue> events;
  std::optional<ConsoleAction> actions;
  std::optional<PushClient> push_client;
  std::optional<MessagingService> messaging;
  std::optional<QueueMonitor> monitor;

  std::optional<CheckinService> checkins;
  std::optional<ReportService> reports;
  std::optional<EnrollmentService> enrollments;
  std::optional<ScepEndpoint> scep;
  std::optional<DeviceServices> devices;
  std::optional<ConsoleApi> api;
  std::unique_ptr<net::HttpServer> device_listener, api_listener;

  Result<void> load();
  Result<void> start_apns();
  Result<void> make_push_certificate();
  Result<void> start_workflow();
  Result<void> start_device_services();
  Result<void> start_api();
  void observe(const apns_mock::PushEvent& event);
  void remember_clock();
  std::string url(const std::string& scheme, std::uint16_t port) const;
};

Result<void> Server::Parts::load() {
  if (virtual_clock != nullptr) virtual_clock->advance(Duration(dir.remembered().clock_offset));
  const TimePoint now = clock.now();
  UNDERSTUDY_TRY(root, dir.server_root(now));
  UNDERSTUDY_TRY(device_ca, dir.device_ca(now));
  UNDERSTUDY_TRY(identity, dir.server_identity(*root, options.host, now));
  api_key = options.api_key;
  if (api_key.empty()) {
    UNDERSTUDY_TRY(api_key, dir.api_key());
  }
  if (!options.transcript.empty()) {
    UNDERSTUDY_TRY(transcript, io::Transcript::open(options.transcript));
  }
  UNDERSTUDY_TRY(store, SqliteStore::open(dir.path() / "server.db"));

  seed = options.seed ? *options.seed : Rng::from_system().seed();
  // Every start has numbers of its own, or the second would give out the uuids of the first.
  const std::uint64_t start = ++dir.remembered().starts;
  rng.emplace(Rng(seed).derive("server.start." + std::to_string(start)));
  return {};
}

Result<void> Server::Parts::start_apns() {
  if (!options.push_host.empty()) {
    UNDERSTUDY_TRY(const net::HostPort address, net::HostPort::parse(options.push_host));
    UNDERSTUDY_TRY(apns_anchors, read_certificates(options.push_ca));
    apns_url = "https://" + address.text();
    return {};
  }
  Remembered& last = dir.remembered();
  apns_mock::ApnsOptions apns_options;
  apns_options.data_dir = dir.path() / "apns";
  apns_options.provider = choose(executor, options.listen, options.apns_port, last.apns_port);
  apns_options.courier = choose(executor, options.listen, options.courier_port, last.courier_port);
  apns_options.server_ca = *root;
  apns_options.host_names = {options.host};
  apns_options.observer = [this](const apns_mock::PushEvent& event) { observe(event); };
  UNDERSTUDY_TRY(
      apns, apns_mock::ApnsService::start(executor, clock, Rng(seed), std::move(apns_options)));
  last.apns_port = apns->ports().provider;
  last.courier_port = apns->ports().courier;
  apns_url = url("https", last.apns_port);
  apns_anchors = {root->certificate()};
  return make_push_certificate();
}

Result<void> Server::Parts::make_push_certificate() {
  UNDERSTUDY_TRY(const auto known, store->push_certificate("production"));
  if (known) return {};
  PushCertificateRecord record;
  record.topic = apns_mock::PushAuthority::new_topic(*rng);
  UNDERSTUDY_TRY(const crypto::Identity push,
                 apns->authority().issue_identity(record.topic, clock.now()));
  record.pem = push.pem();
  record.not_after = push.certificate.not_after();
  return store->put_push_certificate(record);
}

Result<void> Server::Parts::start_workflow() {
  http.emplace(executor);
  timeline.emplace(*store, clock);
  watch.emplace(executor);
  push_wake.emplace(executor, clock);
  event_wake.emplace(executor, clock);
  const bool only_stored = options.workflow == ServerOptions::Workflow::safe;
  pushes.emplace(*store, *timeline, clock, *rng, *push_wake, only_stored);
  events.emplace(*store, *timeline, *event_wake);
  actions.emplace(*store, *timeline, *pushes, *events, clock);
  push_client.emplace(*store, *http, apns_url, apns_anchors);
  MessagingOptions messaging_options;
  messaging_options.repush_after = options.repush_after;
  messaging.emplace(*store, *timeline, *pushes, *push_client, clock, messaging_options);
  monitor.emplace(*store, *timeline, *events, clock, options.monitor_delay, *push_wake);
  UNDERSTUDY_CHECK(actions->resume());
  net::spawn(executor, "queue_monitor", monitor->run());
  net::spawn(executor, "messaging_service", messaging->run());
  return {};
}

Result<void> Server::Parts::start_device_services() {
  net::HttpServerOptions listener;
  listener.address = choose(executor, options.listen, options.port, dir.remembered().port);
  listener.tls.emplace(net::TlsServerOptions{*identity, {}, {}, {}});
  listener.tls->client_certificate = net::TlsServerOptions::ClientCertificate::optional;
  UNDERSTUDY_TRY(
      device_listener,
      net::HttpServer::start(executor, std::move(listener), [this](net::IncomingRequest request) {
        return devices->handle(std::move(request));
      }));
  dir.remembered().port = device_listener->port();

  EnrollmentOptions enrollment;
  enrollment.base_url = url("https", device_listener->port());
  enrollment.identifier = kEnrollmentIdentifier;
  enrollment.identity_validity = kIdentityValidity;
  checkins.emplace(*store, *timeline, *watch, clock, kEnrollmentIdentifier);
  reports.emplace(*store, *timeline, *watch, clock, kEnrollmentIdentifier);
  enrollments.emplace(*store, *device_ca, *identity,
                      std::vector<crypto::Certificate>{root->certificate()}, clock, *rng,
                      std::move(enrollment));
  scep.emplace(*store, *device_ca, clock, kIdentityValidity);
  devices.emplace(Authenticator({device_ca->certificate()}, clock), *checkins, *reports,
                  *enrollments, *scep, clock, transcript);
  return {};
}

Result<void> Server::Parts::start_api() {
  ConsoleParts parts{*store,
                     *actions,
                     *watch,
                     clock,
                     virtual_clock,
                     *rng,
                     kEnrollmentIdentifier,
                     [this] { push_client->reload(); },
                     [this] { remember_clock(); },
                     api_key};
  api.emplace(std::move(parts));
  net::HttpServerOptions listener;
  listener.address = choose(executor, options.listen, options.api_port, dir.remembered().api_port);
  UNDERSTUDY_TRY(api_listener, net::HttpServer::start(executor, std::move(listener),
                                                      [this](net::IncomingRequest request) {
                                                        return api->handle(std::move(request));
                                                      }));
  dir.remembered().api_port = api_listener->port();
  return {};
}

void Server::Parts::observe(const apns_mock::PushEvent& event) {
  if (event.stage == apns_mock::Stage::acked && messaging) messaging->delivered(event.apns_id);
}

/// A certificate of tomorrow must not meet a server of today after a restart.
void Server::Parts::remember_clock() {
  dir.remembered().clock_offset = (clock.now() - SystemClock().now()).count();
  const Result<void> saved = dir.save();
  if (!saved) log::error("clock.not_saved", {{"error", saved.error().message()}});
}

std::string Server::Parts::url(const std::string& scheme, std::uint16_t port) const {
  return scheme + "://" + net::HostPort{options.host, port}.text();
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(const asio::any_io_executor& executor,
                                              const ServerOptions& options, const Clock& clock,
                                              VirtualClock* virtual_clock) {
  UNDERSTUDY_TRY(DataDir dir, DataDir::open(options.data_dir));
  auto parts = std::make_unique<Parts>(executor, options, clock, virtual_clock, std::move(dir));
  UNDERSTUDY_CHECK(parts->load());
  UNDERSTUDY_CHECK(parts->start_apns());
  UNDERSTUDY_CHECK(parts->start_workflow());
  UNDERSTUDY_CHECK(parts->start_device_services());
  UNDERSTUDY_CHECK(parts->start_api());
  UNDERSTUDY_CHECK(parts->dir.save());
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

std::string Server::ready_line() const {
  const Parts& parts = *parts_;
  const std::string devices = parts.url("https", parts.device_listener->port());
  const auto certificate = parts.store->push_certificate("production");
  const bool has_topic = certificate && *certificate;
  nlohmann::ordered_json json = {{"event", "ready"},
                                 {"device_services", devices},
                                 {"enroll", devices + "/enroll"},
                                 {"api", parts.url("http", parts.api_listener->port())},
                                 {"api_key", parts.api_key},
                                 {"apns", parts.apns_url}};
  if (parts.apns) {
    json["courier"] = net::HostPort{parts.options.host, parts.apns->ports().courier}.text();
  }
  json["ca"] = parts.dir.root_certificate_file().string();
  json["topic"] = has_topic ? (*certificate)->topic : "";
  json["seed"] = parts.seed;
  return json.dump();
}

void Server::stop() {
  parts_->messaging->stop();
  parts_->monitor->stop();
  parts_->api_listener->stop();
  parts_->device_listener->stop();
  if (parts_->apns) parts_->apns->stop();
}

}  // namespace understudy::server
