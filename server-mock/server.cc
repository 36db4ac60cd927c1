#include "server-mock/server.h"

#include <nlohmann/json.hpp>

#include "server-mock/apns/service.h"
#include "server-mock/console/console_api.h"
#include "server-mock/device_services/device_services.h"
#include "server-mock/foundation.h"
#include "server-mock/listening.h"
#include "server-mock/workflow/certificate_reminders.h"
#include "server-mock/workflow/messaging_service.h"
#include "server-mock/workflow/queue_monitor.h"
#include "server-mock/workflow/vital.h"
#include "shared/core/log.h"
#include "shared/io/file.h"

namespace understudy::server {
namespace {

/// PayloadIdentifier of every enrollment profile of ours.
constexpr const char* kEnrollmentIdentifier = "org.understudy.enrollment";
constexpr const char* kLoopback = "127.0.0.1";  // where the light courier listens, always
constexpr std::chrono::hours kIdentityValidity{24 * 365};

/// Which APNs to push to.
struct PushTarget {
  std::string url;
  std::string sandbox_url;  ///< empty: the same
  std::vector<crypto::Certificate> anchors;
};

MessagingOptions messaging_options(const ServerOptions& from) {
  MessagingOptions options;
  options.repush_after = from.repush_after;
  return options;
}

struct Workflow {
  Workflow(const asio::any_io_executor& executor, Foundation& base, const PushTarget& target)
      : http(executor),
        timeline(*base.store, base.clock),
        watch(executor),
        push_wake(executor, base.clock),
        event_wake(executor, base.clock),
        reminder_wake(executor, base.clock),
        pushes(*base.store, timeline, base.clock, base.rng, push_wake,
               base.options.workflow == ServerOptions::Workflow::safe),
        events(*base.store, timeline, event_wake),
        actions(*base.store, timeline, pushes, events, base.clock),
        push_client(*base.store, http, target.url, target.anchors, target.sandbox_url),
        messaging(*base.store, timeline, pushes, push_client, base.clock,
                  messaging_options(base.options)),
        monitor(*base.store, timeline, events, base.clock, base.options.monitor_delay, push_wake),
        reminders(*base.store, base.clock, reminder_wake) {}

  /// A push certificate in the store is another one now.
  void push_certificate_changed() {
    push_client.reload();
    reminders.certificate_changed();
    const Result<void> released = messaging.certificate_changed();
    if (!released) log::error("messaging.failed", {{"error", released.error().message()}});
  }

  net::HttpClient http;
  Timeline timeline;
  CommandWatch watch;
  Wake push_wake, event_wake, reminder_wake;
  OutboundPushQueue pushes;
  EventLogQueue events;
  ConsoleAction actions;
  PushClient push_client;
  MessagingService messaging;
  QueueMonitor monitor;
  CertificateReminders reminders;
};

EnrollmentOptions enrollment_options(const std::string& base_url, int pending) {
  EnrollmentOptions options;
  options.base_url = base_url;
  options.identifier = kEnrollmentIdentifier;
  options.identity_validity = kIdentityValidity;
  options.scep_retries = std::max(options.scep_retries, pending);
  return options;
}

Result<ScepOptions> scep_options(const Foundation& base) {
  ScepOptions options;
  options.validity = kIdentityValidity;
  options.get_only = base.options.scep_get_only;
  options.pending = base.options.scep_pending;
  if (!base.options.scep_ra) return options;
  UNDERSTUDY_TRY(options.ra,
                 make_registration_authority(base.device_ca, base.clock.now(), kIdentityValidity));
  return options;
}

struct Devices {
  Devices(Foundation& base, Workflow& workflow, const std::string& base_url,
          const ScepOptions& scep_options)
      : enrollments(*base.store, base.device_ca, base.identity, {base.root.certificate()},
                    base.clock, base.rng, enrollment_options(base_url, scep_options.pending)),
        tokens(base.service_token_key, base.dir.remembered().server_uuid, base.clock, base.rng),
        checkins(*base.store, workflow.timeline, workflow.pushes, workflow.watch, enrollments,
                 tokens, base.clock, kEnrollmentIdentifier),
        reports(*base.store, workflow.timeline, workflow.watch, base.clock, kEnrollmentIdentifier),
        scep(*base.store, base.device_ca, base.clock, scep_options),
        witness(*base.store),
        services(Authenticator({base.device_ca.certificate()}, base.clock), checkins, reports,
                 enrollments, scep, witness, base.clock, base.transcript) {}

  EnrollmentService enrollments;
  ServiceTokens tokens;
  CheckinService checkins;
  ReportService reports;
  ScepEndpoint scep;
  SchemaWitness witness;
  DeviceServices services;
};

Result<PushTarget> other_apns(const ServerOptions& options) {
  const FaultFlags& faults = options.faults;
  if (!options.policies.empty() || !faults.rules.empty() || !faults.files.empty()) {
    return fail(errc::invalid_argument,
                "--push-host does not go with --policy, --fault or --faults",
                "these are about our own APNs, which another one replaces");
  }
  const auto address = net::HostPort::parse(options.push_host);
  if (!address) return fail_in("--push-host", address.error());
  PushTarget target;
  target.url = "https://" + address->text();
  if (options.push_ca.empty()) return target;
  UNDERSTUDY_TRY(const Bytes pem, io::read_file(options.push_ca));
  auto anchors = crypto::Certificate::all_from_pem(as_text(pem));
  if (!anchors) {
    return fail_in("--push-ca " + options.push_ca.string(), std::move(anchors).error());
  }
  target.anchors = std::move(*anchors);
  return target;
}

/// At the first start: a certificate by the mock's own portal.
Result<void> make_push_certificate(Foundation& base, apns_mock::PushPortal& portal) {
  UNDERSTUDY_TRY(const auto known, base.store->push_certificate("production"));
  if (known) return {};
  PushCertificateRecord record;
  apns_mock::CertificateOrder order;
  order.requester = "reference server, at its first start";
  UNDERSTUDY_TRY(const crypto::Identity push, portal.issue_identity(order, base.clock.now()));
  record.topic = push.certificate.subject().find(crypto::kUidOid).value_or("");
  record.pem = push.pem();
  record.not_after = push.certificate.not_after();
  return base.store->put_push_certificate(record);
}

}  // namespace

/// In the order of construction; each may refer to those above it.
struct Server::Parts {
  asio::any_io_executor executor;
  std::unique_ptr<Foundation> base;
  std::unique_ptr<apns_mock::ApnsService> apns;  ///< null when pushing to another one
  PushTarget target;
  std::unique_ptr<Workflow> workflow;
  std::unique_ptr<net::HttpServer> device_listener;
  std::unique_ptr<Devices> devices;
  std::unique_ptr<ConsoleApi> api;
  std::unique_ptr<net::HttpServer> api_listener;

  Result<void> start_apns();
  Result<void> start_workflow();
  Result<void> start_device_services();
  Result<void> start_api();
  net::HostPort address(std::uint16_t wanted, std::uint16_t last) const {
    return choose_address(executor, base->options.listen, wanted, last);
  }
};

Result<void> Server::Parts::start_apns() {
  const ServerOptions& options = base->options;
  if (!options.push_host.empty()) {
    UNDERSTUDY_TRY(target, other_apns(options));
    return {};
  }
  Remembered& last = base->dir.remembered();
  apns_mock::ApnsOptions apns_options;
  UNDERSTUDY_TRY(apns_options.policies, read_policies(options.policies));
  UNDERSTUDY_TRY(apns_options.faults, read_faults(options.faults, Rng(base->seed)));
  apns_options.data_dir = base->dir.apns_folder();
  apns_options.provider = address(options.apns_port, last.apns_port);
  apns_options.sandbox = address(options.sandbox_port, last.sandbox_port);
  apns_options.courier = address(options.courier_port, last.courier_port);
  apns_options.light = choose_address(executor, kLoopback, options.light_port, last.light_port);
  apns_options.server_ca = base->root;
  apns_options.host_names = {options.host};
  apns_options.observer = [this](const apns_mock::PushEvent& event) {
    const bool is_taken = event.stage == apns_mock::Stage::acked;
    if (is_taken && workflow) workflow->messaging.delivered(event.apns_id);
  };
  UNDERSTUDY_TRY(apns, apns_mock::ApnsService::start(executor, base->clock, Rng(base->seed),
                                                     std::move(apns_options)));
  last.apns_port = apns->ports().provider;
  last.sandbox_port = apns->ports().sandbox;
  last.courier_port = apns->ports().courier;
  last.light_port = apns->ports().light;
  target.sandbox_url = base->url("https", last.sandbox_port);
  target.url = base->url("https", last.apns_port);
  target.anchors = {base->root.certificate()};
  return make_push_certificate(*base, apns->portal());
}

Result<void> Server::Parts::start_workflow() {
  workflow = std::make_unique<Workflow>(executor, *base, target);
  UNDERSTUDY_CHECK(workflow->actions.resume());
  spawn_vital(executor, "queue_monitor", workflow->monitor.run());
  spawn_vital(executor, "messaging_service", workflow->messaging.run());
  net::spawn(executor, "certificate_reminders", workflow->reminders.run());
  return {};
}

Result<void> Server::Parts::start_device_services() {
  Remembered& last = base->dir.remembered();
  net::HttpServerOptions listener;
  listener.address = address(base->options.port, last.port);
  listener.tls.emplace(net::TlsServerOptions{base->identity, {}, {}, {}});
  listener.tls->client_certificate = net::TlsServerOptions::ClientCertificate::optional;
  auto handler = [this](net::IncomingRequest request) {
    return devices->services.handle(std::move(request));
  };
  UNDERSTUDY_TRY(device_listener,
                 net::HttpServer::start(executor, std::move(listener), std::move(handler)));
  last.port = device_listener->port();
  UNDERSTUDY_TRY(const ScepOptions scep, scep_options(*base));
  devices = std::make_unique<Devices>(*base, *workflow, base->url("https", last.port), scep);
  return {};
}

Result<void> Server::Parts::start_api() {
  ConsoleParts parts{*base->store,
                     workflow->actions,
                     workflow->watch,
                     base->clock,
                     base->virtual_clock,
                     base->rng,
                     kEnrollmentIdentifier,
                     [this] { workflow->push_certificate_changed(); },
                     [this] { base->remember_clock(); },
                     base->api_key};
  if (apns) {
    using apns_mock::Environment;
    parts.apns.emplace(
        ApnsAccess{apns->hub(Environment::production), apns->hub(Environment::sandbox)});
    parts.portal = &apns->portal();
  }
  api = std::make_unique<ConsoleApi>(std::move(parts));
  net::HttpServerOptions listener;
  listener.address = address(base->options.api_port, base->dir.remembered().api_port);
  auto handler = [this](net::IncomingRequest request) { return api->handle(std::move(request)); };
  UNDERSTUDY_TRY(api_listener,
                 net::HttpServer::start(executor, std::move(listener), std::move(handler)));
  base->dir.remembered().api_port = api_listener->port();
  return {};
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(const asio::any_io_executor& executor,
                                              const ServerOptions& options, const Clock& clock,
                                              VirtualClock* virtual_clock) {
  UNDERSTUDY_CHECK(check_addresses(executor, options.listen, options.host));
  UNDERSTUDY_CHECK(check_push_setup(options.policies, options.faults));
  auto parts = std::make_unique<Parts>();
  parts->executor = executor;
  UNDERSTUDY_TRY(parts->base, Foundation::load(options, clock, virtual_clock));
  UNDERSTUDY_CHECK(parts->start_apns());
  UNDERSTUDY_CHECK(parts->start_workflow());
  UNDERSTUDY_CHECK(parts->start_device_services());
  UNDERSTUDY_CHECK(parts->start_api());
  UNDERSTUDY_CHECK(parts->base->dir.save());
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

std::string Server::ready_line() const {
  const Parts& parts = *parts_;
  const Foundation& base = *parts.base;
  const std::string devices = base.url("https", parts.device_listener->port());
  std::string topic;
  if (const auto certificate = base.store->push_certificate("production")) {
    topic = certificate->value_or(PushCertificateRecord()).topic;
  }
  nlohmann::ordered_json json = {{"event", "ready"},
                                 {"device_services", devices},
                                 {"enroll", devices + "/enroll"},
                                 {"api", base.url("http", parts.api_listener->port())},
                                 {"api_key", base.api_key},
                                 {"apns", parts.target.url}};
  if (parts.apns) {
    const auto ports = parts.apns->ports();
    json["sandbox"] = base.url("https", ports.sandbox);
    json["courier"] = net::HostPort{base.options.host, ports.courier}.text();
    json["light"] = net::HostPort{kLoopback, ports.light}.text();
  }
  json["ca"] = base.dir.root_certificate_file().string();
  json["topic"] = topic;
  json["seed"] = base.seed;
  return json.dump();
}

void Server::stop() {
  parts_->workflow->messaging.stop();
  parts_->workflow->monitor.stop();
  parts_->workflow->reminders.stop();
  parts_->api_listener->stop();
  parts_->device_listener->stop();
  if (parts_->apns) parts_->apns->stop();
}

}  // namespace understudy::server
