#include "server-mock/apns/provider.h"

#include <unordered_map>

#include "server-mock/apns/provider_connection.h"
#include "shared/core/log.h"

namespace understudy::apns_mock {
namespace {

constexpr std::size_t kReadSize = std::size_t{16} * 1024;

}  // namespace

struct Provider::State {
  State(std::shared_ptr<Hub> where, crypto::Certificate anchor)
      : hub(std::move(where)), push_ca(std::move(anchor)) {}
  std::shared_ptr<Hub> hub;
  crypto::Certificate push_ca;
  H2Limits limits;
  ProviderTerms terms;
  /// Who must hear GOAWAY.
  std::unordered_map<StreamLink*, std::shared_ptr<ProviderConnection>> connections;
};

Task<void> Provider::serve(std::shared_ptr<State> state, std::shared_ptr<StreamLink> link) {
  auto& stream = static_cast<net::TlsStream&>(link->stream());
  auto connection = std::make_shared<ProviderConnection>(
      state->hub, link,
      judge_certificate(stream.peer_certificate(), state->push_ca, state->hub->now()),
      state->limits, state->terms);

  struct Registration {
    Registration(State& where, StreamLink& who, const std::shared_ptr<ProviderConnection>& what)
        : state(where), link(who) {
      state.connections.emplace(&link, what);
    }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
    ~Registration() {
      link.set_farewell(nullptr);
      state.connections.erase(&link);
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
                                                  std::shared_ptr<Hub> hub,
                                                  crypto::Identity identity,
                                                  crypto::Certificate push_ca,
                                                  ProviderOptions options) {
  net::TlsServerOptions tls_options{std::move(identity), {}, {}, {}};
  tls_options.client_certificate = net::TlsServerOptions::ClientCertificate::optional;
  tls_options.alpn = {"h2"};
  UNDERSTUDY_TRY(net::TlsContext tls, net::TlsContext::server(tls_options));
  auto state = std::make_shared<State>(std::move(hub), std::move(push_ca));
  state->limits = options.limits;
  state->terms = {options.idle_timeout, options.request_timeout};
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
