#include "server-mock/apns/provider.h"

#include <array>
#include <unordered_map>

#include "server-mock/apns/fault_points.h"
#include "server-mock/apns/provider_connection.h"
#include "shared/core/log.h"

namespace understudy::apns_mock {
namespace {

constexpr std::size_t kReadSize = std::size_t{16} * 1024;

net::CertificateAlert alert_of(const std::string& name) {
  using Alert = net::CertificateAlert;
  if (name == "unknown_ca") return Alert::unknown_ca;
  if (name == "certificate_expired") return Alert::certificate_expired;
  if (name == "certificate_revoked") return Alert::certificate_revoked;
  if (name == "bad_certificate") return Alert::bad_certificate;
  return Alert::internal_error;
}

/// Fault point `provider.handshake`.
std::optional<net::CertificateAlert> handshake_fault(Hub& hub) {
  if (!hub.faults().armed(hop::kHandshake)) return std::nullopt;
  const std::array<faults::Attribute, 1> provider = {
      faults::Attribute{"environment", environment_name(hub.environment())}};
  const auto strike = hub.faults().strike(hop::kHandshake, provider, hub.now());
  if (!strike) return std::nullopt;
  return alert_of(strike->text("alert"));
}

/// By policy provider.certificate-trouble; nullopt leaves it to the answer of each request.
std::optional<net::CertificateAlert> policy_alert(const Hub& hub, const PushPortal& portal,
                                                  const crypto::Certificate& certificate) {
  using Alert = net::CertificateAlert;
  const Policies& policies = hub.policies();
  if (policies.certificate_trouble == Policies::CertificateTrouble::answer) return std::nullopt;
  switch (portal.judge(certificate, hub.environment(), hub.now())) {
    case PushCertificateStanding::good:
      return std::nullopt;
    case PushCertificateStanding::revoked:
      return Alert::certificate_revoked;
    case PushCertificateStanding::expired:
      return policies.expired_as_internal_error ? Alert::internal_error
                                                : Alert::certificate_expired;
    case PushCertificateStanding::foreign:
    case PushCertificateStanding::other_environment:
      return Alert::unknown_ca;
    case PushCertificateStanding::no_topic:
    case PushCertificateStanding::not_yet_valid:
      break;
  }
  return Alert::bad_certificate;
}

}  // namespace

struct Provider::State {
  State(std::shared_ptr<Hub> where, std::shared_ptr<PushPortal> accounts)
      : hub(std::move(where)), portal(std::move(accounts)) {}
  ProviderCaller caller(const std::optional<crypto::Certificate>& certificate) const {
    return caller_of(certificate, *portal, hub->environment(), hub->now());
  }
  void cut_revoked(const std::string& serial);

  std::shared_ptr<Hub> hub;
  std::shared_ptr<PushPortal> portal;
  H2Limits limits;
  ProviderTerms terms;
  /// Who must hear GOAWAY.
  std::unordered_map<StreamLink*, std::shared_ptr<ProviderConnection>> connections;
};

/// Apple: after a revocation, close all connections. What is under way gets its 403 first.
void Provider::State::cut_revoked(const std::string& serial) {
  for (const auto& [link, connection] : connections) {
    const auto certificate = static_cast<net::TlsStream&>(link->stream()).peer_certificate();
    if (!certificate || certificate->serial_hex() != serial) continue;
    connection->set_caller(caller(certificate));
    connection->go_away(apns::Reason::bad_certificate);
  }
}

Task<void> Provider::serve(std::shared_ptr<State> state, std::shared_ptr<StreamLink> link) {
  auto& stream = static_cast<net::TlsStream&>(link->stream());
  auto connection = std::make_shared<ProviderConnection>(
      state->hub, link, state->caller(stream.peer_certificate()), state->limits, state->terms);

  struct Registration {
    Registration(State& where, StreamLink& who, const std::shared_ptr<ProviderConnection>& what)
        : state(where), link(who) {
      state.connections.emplace(&link, what);
      ++state.hub->counters().provider;
    }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
    ~Registration() {
      link.set_farewell(nullptr);
      state.connections.erase(&link);
      --state.hub->counters().provider;
    }
    State& state;
    StreamLink& link;
  };
  const Registration registration(*state, *link, connection);
  link->set_farewell(
      [&connection = *connection] { connection.go_away(apns::Reason::idle_timeout); });

  std::vector<std::uint8_t> buffer(kReadSize);
  connection->begin();
  while (!connection->finished()) {
    const auto size = co_await stream.read_some(buffer);
    if (!size || *size == 0) co_return;
    const auto fed = connection->feed(BytesView(buffer).first(*size));
    if (!fed) {
      log::info("apns.provider.closed", {{"error", fed.error().message()}});
      co_return;
    }
  }
}

Result<std::unique_ptr<Provider>> Provider::start(const asio::any_io_executor& executor,
                                                  const std::shared_ptr<Hub>& hub,
                                                  crypto::Identity identity,
                                                  const std::shared_ptr<PushPortal>& portal,
                                                  ProviderOptions options) {
  net::TlsServerOptions tls_options{std::move(identity), {}, {}, {}};
  tls_options.client_certificate = net::TlsServerOptions::ClientCertificate::optional;
  tls_options.alpn = {"h2"};
  tls_options.judge = [hub, portal](const crypto::Certificate& certificate) {
    const auto fault = handshake_fault(*hub);
    return fault ? fault : policy_alert(*hub, *portal, certificate);
  };
  UNDERSTUDY_TRY(net::TlsContext tls, net::TlsContext::server(tls_options));
  auto state = std::make_shared<State>(hub, portal);
  state->limits = options.limits;
  state->terms = {idle_limit(hub->policies().provider_idle), options.request_timeout};
  portal->on_revocation([weak = std::weak_ptr(state)](const std::string& serial) {
    if (const auto alive = weak.lock()) alive->cut_revoked(serial);
  });
  auto wrap = Listener::with_tls(std::move(tls));
  UNDERSTUDY_TRY(auto listener,
                 Listener::start(executor, std::move(wrap), std::move(options.listener),
                                 [state](std::shared_ptr<StreamLink> link) {
                                   return serve(state, std::move(link));
                                 }));
  return std::unique_ptr<Provider>(new Provider(std::move(state), std::move(listener)));
}

Provider::Provider(std::shared_ptr<State> state, std::unique_ptr<Listener> listener)
    : state_(std::move(state)), listener_(std::move(listener)) {}

Provider::~Provider() {
  stop();
}

std::size_t Provider::connections() const {
  return state_->connections.size();
}

void Provider::stop() {
  for (const auto& [link, connection] : state_->connections) {
    connection->go_away(apns::Reason::shutdown);
  }
  listener_->stop();
}

}  // namespace understudy::apns_mock
