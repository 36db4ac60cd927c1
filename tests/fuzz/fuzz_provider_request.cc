/// Any octets as a provider's HTTP/2 connection, in one piece and in many, and each request that
/// comes of it judged: whatever arrives, the memory is bounded, every request gets one answer with
/// a status of the table, and what is accepted is what may be.

#include <algorithm>
#include <cstdlib>

#include "server-mock/apns/h2_session.h"
#include "server-mock/apns/provider_request.h"

namespace {

using namespace understudy;             // NOLINT(google-build-using-namespace)
using namespace understudy::apns_mock;  // NOLINT(google-build-using-namespace)

const TimePoint kNow = from_unix_us(1'700'000'000'000'000);
const std::string kTopic = "com.apple.mgmt.External.00000000-0000-0000-0000-000000000001";

void check(bool holds) {
  if (!holds) std::abort();
}

ProviderCaller caller() {
  ProviderCaller made;
  made.standing = PushCertificateStanding::good;
  made.topics = {kTopic};
  made.not_before = kNow - std::chrono::hours(1);
  made.not_after = kNow + std::chrono::hours(1);
  return made;
}

void judge(H2Request request, const H2Limits& limits) {
  check(request.body.size() <= limits.body_bytes);
  const PushDecision decision = decide(request, caller(), "OWN", kNow, Policies());
  if (const auto* refusal = std::get_if<PushRefusal>(&decision)) {
    check(apns::reason_status(refusal->reason) >= 400);
    return;
  }
  const auto& order = std::get<PushOrder>(decision);
  check(order.topic == kTopic);
  check(!order.payload.empty() && order.payload.size() <= apns::kMaxPayload);
  check(order.collapse_id.size() <= 64);
  check(order.expires_at <= kNow + kLongestStorage);
}

/// How many requests came.
std::size_t run(BytesView octets, std::size_t piece) {
  H2Limits limits;
  H2Session* answering = nullptr;
  std::size_t requests = 0;
  H2Session session(limits, [&](H2Session::StreamId stream, const H2Request& request) {
    ++requests;
    judge(request, limits);
    H2Response response;
    const H2Response::Header id{"apns-id", "OWN", true};
    response.headers = std::span(&id, 1);
    response.body = "{}";
    answering->respond(stream, std::move(response));
  });
  answering = &session;
  while (!octets.empty() && !session.finished()) {
    const BytesView next = octets.first(std::min(piece, octets.size()));
    octets = octets.subspan(next.size());
    const bool alive = session.feed(next).has_value();
    session.take_output();
    if (!alive) break;
  }
  return requests;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView octets(data, size);
  check(run(octets, size + 1) == run(octets, 7));
  return 0;
}
