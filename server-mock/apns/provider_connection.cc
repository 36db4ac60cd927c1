#include "server-mock/apns/provider_connection.h"

#include <array>

#include "shared/core/log.h"

namespace understudy::apns_mock {
namespace {

/// Of the adaptive policy (seen in 2016): before and after a refused push.
constexpr std::uint32_t kManyStreams = 500;
constexpr std::uint32_t kOneStream = 1;
constexpr int kHeadersTooLarge = 431;

H2Limits with_policy(H2Limits limits, const Policies& policies) {
  if (policies.adaptive_streams) limits.concurrent_streams = kManyStreams;
  limits.wanted = is_push_header;
  return limits;
}

}  // namespace

ProviderConnection::ProviderConnection(std::shared_ptr<Hub> hub, std::shared_ptr<StreamLink> link,
                                       ProviderCaller caller, const H2Limits& limits,
                                       const ProviderTerms& terms)
    : hub_(std::move(hub)),
      link_(std::move(link)),
      caller_(std::move(caller)),
      terms_(terms),
      session_(with_policy(limits, hub_->policies()),
               [this](H2Session::StreamId stream, H2Request request) {
                 on_request(stream, std::move(request));
               }),
      streams_(with_policy(limits, hub_->policies()).concurrent_streams) {}

void ProviderConnection::begin() {
  link_->send(session_.take_output());
}

Result<void> ProviderConnection::feed(BytesView octets) {
  auto fed = session_.feed(octets);
  follow_deadlines();
  // Durable before it is answered: one commit for all that these octets brought.
  UNDERSTUDY_CHECK(hub_->commit());
  flush();
  if (ending_) link_->finish();
  return fed;
}

void ProviderConnection::flush() {
  link_->send(session_.take_output());
}

void ProviderConnection::follow_deadlines() {
  if (!session_.started()) return;  // the handshake's deadline stands until the peer's SETTINGS
  const H2Session::StreamId oldest = session_.oldest_incomplete();
  if (oldest == 0) {
    link_->set_deadline(terms_.idle_timeout);
  } else if (oldest != incomplete_) {
    link_->set_deadline(terms_.request_timeout);
  }
  incomplete_ = oldest;
}

void ProviderConnection::go_away(apns::Reason reason) {
  session_.go_away(reason_body(reason));
  flush();
  link_->finish();
}

void ProviderConnection::on_request(H2Session::StreamId stream, H2Request request) {
  ++hub_->counters().received;
  if (request.headers_too_large) return answer_headers_too_large(stream);
  PushDecision decision = decide(request, caller_, hub_->new_id(), hub_->now(), hub_->policies());
  Pending pending{stream, std::move(decision), std::move(request.path)};
  if (const auto fault = strike(pending.decision)) return carry_out(*fault, std::move(pending));
  settle(pending);
}

/// Apple's table has no reason for it, so it is among the received, and not among the rejected.
void ProviderConnection::answer_headers_too_large(H2Session::StreamId stream) {
  const std::string apns_id = hub_->new_id();
  const H2Response::Header id{"apns-id", apns_id, true};
  H2Response response;
  response.status = kHeadersTooLarge;
  response.headers = std::span(&id, 1);
  session_.respond(stream, std::move(response));
}

void ProviderConnection::settle(const Pending& pending) {
  if (const auto* refusal = std::get_if<PushRefusal>(&pending.decision)) {
    return answer(pending, Hub::Refused{refusal->reason, {}, 0});
  }
  answer(pending, hub_->push(std::get<PushOrder>(pending.decision)));
}

void ProviderConnection::answer(const Pending& pending,
                                const std::optional<Hub::Refused>& refusal) {
  const std::string& apns_id = std::visit(
      [](const auto& decided) -> const std::string& { return decided.apns_id; }, pending.decision);
  H2Response response;
  std::array<H2Response::Header, 2> headers = {H2Response::Header{"apns-id", apns_id, true}, {}};
  std::string unique_id;
  if (refusal) {
    const std::string_view path = pending.path;
    const auto* order = std::get_if<PushOrder>(&pending.decision);
    hub_->note_refused(apns_id, *refusal, path.substr(path.rfind('/') + 1),
                       order == nullptr ? nullptr : &order->token);
    response.status = refusal->status != 0 ? refusal->status : apns::reason_status(refusal->reason);
    headers[1] = {"content-type", "application/json", false};
    response.body = refusal_body(refusal->reason, response.status, refusal->gone_since);
  } else if (hub_->environment() == Environment::sandbox && hub_->policies().unique_id) {
    unique_id = hub_->new_id();
    headers[1] = {"apns-unique-id", unique_id, true};
  }
  response.headers = std::span(headers).first(headers[1].name.empty() ? 1 : 2);
  session_.respond(pending.stream, std::move(response));
  if (!hub_->policies().adaptive_streams) return;
  const std::uint32_t wanted = refusal ? kOneStream : kManyStreams;
  if (std::exchange(streams_, wanted) != wanted) session_.set_concurrent_streams(wanted);
}

}  // namespace understudy::apns_mock
