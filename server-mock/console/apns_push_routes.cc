#include <algorithm>
#include <nlohmann/json.hpp>

#include "server-mock/console/apns_request.h"
#include "server-mock/console/apns_views.h"
#include "server-mock/console/json_text.h"
#include "server-mock/console/query.h"
#include "shared/core/errc.h"

namespace understudy::server {
namespace {

using apns_mock::Hub;
using apns_mock::PushJournal;
using apns_mock::PushRecord;
using apns_mock::Stage;
using Json = nlohmann::json;
using SteadyClock = std::chrono::steady_clock;

constexpr std::int64_t kDefaultPushes = 100;
/// Each holds a connection.
constexpr std::size_t kMaxPolls = 1000;

Result<Stage> parse_stage(const std::string& name) {
  std::string names;
  for (int i = 0; i <= static_cast<int>(Stage::discarded); ++i) {
    const auto stage = static_cast<Stage>(i);
    if (stage_name(stage) == name) return stage;
    names.append(names.empty() ? "" : ", ").append(stage_name(stage));
  }
  return fail(errc::invalid_argument, "stage=" + name + " is unknown", "there are " + names);
}

Result<PushJournal::Query> query_of(const net::Target& target) {
  PushJournal::Query query;
  UNDERSTUDY_TRY(query.token, query_token(target));
  query.topic = target.parameter("topic").value_or("");
  if (const auto name = target.parameter("stage")) {
    UNDERSTUDY_TRY(query.stage, parse_stage(*name));
  }
  UNDERSTUDY_TRY(const std::int64_t refused, query_number(target, "refused", 0, 1));
  query.refused_only = refused == 1;
  UNDERSTUDY_TRY(const std::int64_t limit, query_number(target, "limit", kDefaultPushes, kMaxList));
  query.limit = static_cast<std::size_t>(limit);
  return query;
}

net::HttpResponse list_pushes(Hub& hub, const RoutedRequest& request) {
  const Result<PushJournal::Query> query = query_of(request.target);
  if (!query) return error_response(query.error());
  return json_response(200, Json{{"pushes", pushes_json<Json>(hub.journal().newest(*query))},
                                 {"last_sequence", hub.journal().last_sequence()}});
}

net::HttpResponse show_push(Hub& hub, const RoutedRequest& request) {
  const PushRecord* record = hub.journal().find(request.arguments.at(0));
  if (record != nullptr) return json_response(200, push_json<Json>(*record));
  return error_response(404, "no push with this apns-id is among the newest " +
                                 std::to_string(hub.journal().size()) + " of this run");
}

net::HttpResponse list_pending(Hub& hub, const RoutedRequest& request) {
  const auto token = query_token(request.target);
  if (!token) return error_response(token.error());
  const auto limit = query_number(request.target, "limit", kDefaultList, kMaxList);
  if (!limit) return error_response(limit.error());
  const std::vector<apns_mock::Push> pushes = hub.broker().pending(*token);
  auto list =
      list_json<Json>(pushes, static_cast<std::size_t>(*limit),
                      [&](const apns_mock::Push& push) { return pending_json<Json>(hub, push); });
  return json_response(200, Json{{"pending", std::move(list)}, {"total", pushes.size()}});
}

/// What a long poll waits for.
struct Poll {
  Hub* hub = nullptr;
  apns::Token token{};
  std::uint64_t after = 0;
  SteadyClock::time_point until;
};

Result<Poll> poll_of(const ApnsAccess& access, const RoutedRequest& request) {
  Poll poll;
  UNDERSTUDY_TRY(poll.hub, hub_of(access, request.target));
  UNDERSTUDY_TRY(poll.token, parse_token(request.arguments.at(0)));
  UNDERSTUDY_TRY(const std::int64_t wait, query_number(request.target, "wait", 0, kMaxWaitSeconds));
  poll.until = SteadyClock::now() + std::chrono::seconds(wait);
  const auto last = static_cast<std::int64_t>(poll.hub->journal().last_sequence());
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  UNDERSTUDY_TRY(const std::int64_t after, query_number(request.target, "after", last, kMost));
  if (after > last) {
    return fail(errc::already_exists,
                "after=" + std::to_string(after) + ": the newest push of this run has the number " +
                    std::to_string(last),
                "the server was started anew; leave `after` out, or give 0");
  }
  poll.after = static_cast<std::uint64_t>(after);
  return poll;
}

/// One of the polls that wait, counted as long as it lives. The count may outlive the router.
class Seat {
 public:
  explicit Seat(std::shared_ptr<std::size_t> taken) : taken_(std::move(taken)) { ++*taken_; }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  ~Seat() { --*taken_; }

 private:
  std::shared_ptr<std::size_t> taken_;
};

/// The first push for the token after a sequence number, as soon as there is one.
Task<net::HttpResponse> next_push(ApnsAccess access, std::shared_ptr<std::size_t> taken,
                                  RoutedRequest request) {
  if (*taken >= kMaxPolls) {
    co_return error_response(429, std::to_string(kMaxPolls) + " requests wait already");
  }
  const Seat seat(std::move(taken));
  Result<Poll> poll = poll_of(access, request);
  if (!poll) co_return error_response(poll.error());
  PushJournal& journal = poll->hub->journal();
  for (;;) {
    if (const PushRecord* record = journal.next_after(poll->token, poll->after)) {
      co_return json_response(200, push_json<Json>(*record));
    }
    poll->after = std::max(poll->after, journal.last_sequence());  // looked at all those
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(poll->until - SteadyClock::now());
    if (left.count() <= 0) break;
    co_await poll->hub->wait_for_push(left);
  }
  co_return no_content();
}

}  // namespace

void add_apns_push_routes(Router& router, const ApnsAccess& access) {
  router.add_simple("GET", "/v1/apns/pushes", on_hub(access, list_pushes));
  router.add_simple("GET", "/v1/apns/pushes/{apns_id}", on_hub(access, show_push));
  router.add_simple("GET", "/v1/apns/pending", on_hub(access, list_pending));
  router.add("GET", "/v1/apns/tokens/{token}/next",
             [access, taken = std::make_shared<std::size_t>(0)](RoutedRequest request) {
               return next_push(access, taken, std::move(request));
             });
}

}  // namespace understudy::server
