/// The first octet says who asks and by which policies; the others are a provider's HTTP/2
/// connection, in one piece and in many, and each request that comes of it is judged: whatever
/// arrives, the memory is bounded, every request gets one answer with a status of the table, and
/// what is accepted is what may be.

#include <algorithm>
#include <array>
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

struct Setting {
  explicit Setting(std::uint8_t octet) {
    using Standing = PushCertificateStanding;
    constexpr std::array kWho = {Standing::good, Standing::good, Standing::revoked,
                                 Standing::other_environment};
    if ((octet & 0x20) == 0) caller.standing = kWho.at(octet & 3U);
    caller.topics = {kTopic};
    if ((octet & 3) == 1) caller.topics.emplace_back("com.apple.mgmt.External.other");
    caller.not_before = kNow - std::chrono::hours(1);
    caller.not_after = kNow + std::chrono::hours(1);
    policies.lenient_tokens = (octet & 4) != 0;
    if ((octet & 8) != 0) policies.jwt = apns::Reason::topic_disallowed;
    if ((octet & 16) != 0) policies.absent_expiration = {};
  }
  ProviderCaller caller;
  Policies policies;
};

void judge(H2Request request, const H2Limits& limits, const Setting& setting) {
  check(request.body.size() <= limits.body_bytes);
  if (request.headers_too_large) return;
  const ProviderCaller& caller = setting.caller;
  const PushDecision decision = decide(request, caller, "OWN", kNow, setting.policies);
  if (const auto* refusal = std::get_if<PushRefusal>(&decision)) {
    check(apns::reason_status(refusal->reason) >= 400);
    return;
  }
  const auto& order = std::get<PushOrder>(decision);
  check(caller.standing == PushCertificateStanding::good);
  check(std::ranges::find(caller.topics, order.topic) != caller.topics.end());
  check(setting.policies.lenient_tokens || !order.lenient_token);
  check(!order.payload.empty() && order.payload.size() <= apns::kMaxPayload);
  check(order.collapse_id.size() <= 64);
  check(order.expires_at <= kNow + kLongestStorage);
}

/// How many requests came.
std::size_t run(BytesView octets, std::size_t piece, const Setting& setting) {
  H2Limits limits;
  H2Session* answering = nullptr;
  std::size_t requests = 0;
  H2Session session(limits, [&](H2Session::StreamId stream, const H2Request& request) {
    ++requests;
    judge(request, limits, setting);
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
  if (size == 0) return 0;
  const Setting setting(data[0]);
  const BytesView octets(data + 1, size - 1);
  check(run(octets, size, setting) == run(octets, 7, setting));
  return 0;
}
