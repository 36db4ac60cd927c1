#include "server-mock/apns/provider.h"

#include <array>
#include <unordered_map>

#include "shared/core/log.h"

namespace understudy::apns_mock {
namespace {

constexpr std::size_t kReadSize = std::size_t{16} * 1024;

H2Response answer(const std::string& apns_id, std::optional<apns::Reason> refusal) {
  H2Response response;
  response.headers.emplace_back("apns-id", apns_id);
  if (!refusal) return response;
  response.status = apns::reason_status(*refusal);
  response.headers.emplace_back("content-type", "application/json");
  response.body = reason_body(*refusal);
  return response;
}

ProviderRequest to_provider(H2Request request) {
  ProviderRequest result;
  result.method = std::move(request.method);
  result.path = std::move(request.path);
  result.headers = std::move(request.headers);
  result.body = std::move(request.body);
  result.body_too_large = request.body_too_large;
  return result;
}

H2Response handle(Hub& hub, const ProviderCaller& caller, H2Request h2_request) {
  const ProviderRequest request = to_provider(std::move(h2_request));
  const PushDecision decision = decide(request, caller, hub.new_id(), hub.now());
  if (const auto* refusal = std::get_if<PushRefusal>(&decision)) {
    log::info("apns.push.refused", {{"apns_id", refusal->apns_id},
                                    {"reason", std::string(apns::reason_name(refusal->reason))}});
    return answer(refusal->apns_id, refusal->reason);
  }
  const auto& order = std::get<PushOrder>(decision);
  const auto refusal = hub.push(order);
  log::info("apns.push", {{"apns_id", order.apns_id},
                          {"token", apns::token_label(order.token)},
                          {"topic", order.topic},
                          {"answer", refusal ? std::string(apns::reason_name(*refusal)) : "200"}});
  return answer(order.apns_id, refusal);
}

}  // namespace

struct Provider::State {
  State(std::shared_ptr<Hub> where, crypto::Certificate anchor)
      : hub(std::move(where)), push_ca(std::move(anchor)) {}
  std::shared_ptr<Hub> hub;
  crypto::Certificate push_ca;
  H2Limits limits;
  std::chrono::milliseconds idle_timeout{};
  /// Who must hear GOAWAY.
  std::unordered_map<TlsLink*, H2Session*> sessions;
};

Task<void> Provider::serve(std::shared_ptr<State> state, std::shared_ptr<TlsLink> link) {
  const ProviderCaller caller =
      judge_certificate(link->stream().peer_certificate(), state->push_ca, state->hub->now());
  H2Session* answering = nullptr;
  H2Session session(state->limits, [&](H2Session::StreamId stream, H2Request request) {
    answering->respond(stream, handle(*state->hub, caller, std::move(request)));
  });
  answering = &session;

  struct Registration {
    Registration(State& where, TlsLink& who, H2Session& what) : state(where), link(who) {
      state.sessions.emplace(&link, &what);
    }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
    ~Registration() { state.sessions.erase(&link); }
    State& state;
    TlsLink& link;
  };
  const Registration registration(*state, *link, session);

  std::vector<std::uint8_t> buffer(kReadSize);
  link->send(session.take_output());
  while (!session.finished()) {
    const auto size = co_await link->stream().read_some(buffer);
    if (!size || *size == 0) co_return;
    link->set_deadline(state->idle_timeout);
    const auto fed = session.feed(BytesView(buffer).first(*size));
    link->send(session.take_output());
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
  net::TlsServerOptions tls_options{
      .identity = std::move(identity),
      .client_certificate = net::TlsServerOptions::ClientCertificate::optional,
      .client_anchors = {},
      .alpn = {"h2"}};
  UNDERSTUDY_TRY(net::TlsContext tls, net::TlsContext::server(tls_options));
  auto state = std::make_shared<State>(std::move(hub), std::move(push_ca));
  state->limits = options.limits;
  state->idle_timeout = options.idle_timeout;
  UNDERSTUDY_TRY(auto listener,
                 Listener::start(executor, std::move(tls), std::move(options.listener),
                                 [state](std::shared_ptr<TlsLink> link) {
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
  return state_->sessions.size();
}

void Provider::stop() {
  for (const auto& [link, session] : state_->sessions) {
    session->go_away(reason_body(apns::Reason::shutdown));
    link->send(session->take_output());
  }
  listener_->stop();
}

}  // namespace understudy::apns_mock
