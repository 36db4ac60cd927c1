#include "server-mock/console/metrics_route.h"

#include "tests/unit/server-mock/console/api_fixture.h"

namespace understudy::server {
namespace {

class MetricsRouteTest : public ApiTest {
 protected:
  std::string metrics() {
    const auto answer = call("GET", "/metrics");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.find("Content-Type"), "text/plain; version=0.0.4");
    return answer.body;
  }
  void put_certificate(const std::string& environment, std::int64_t runs_out) {
    PushCertificateRecord record;
    record.environment = environment;
    record.not_after = TimePoint(std::chrono::seconds(runs_out) + std::chrono::milliseconds(5));
    must(store_->put_push_certificate(record));
  }
};

bool has(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST_F(MetricsRouteTest, NeedsTheKey) {
  net::IncomingRequest without = request("GET", "/metrics");
  without.headers = {};
  EXPECT_EQ(support::run_task(io_, api_->handle(std::move(without))).status, 401);
}

TEST_F(MetricsRouteTest, ShowsTheServersOwnBesideThePushServices) {
  PushedDevice device(*hubs_.production);
  ASSERT_TRUE(device.push("A"));
  must(store_->count("pushes_retried"));
  must(store_->count("pushes_retried"));
  const std::string text = metrics();
  EXPECT_TRUE(has(text, "understudy_apns_pushes_delivered_total{environment=\"production\"} 1"));
  EXPECT_TRUE(has(text,
                  "# HELP understudy_server_pushes_retried_total Attempts to push that failed and "
                  "are made again later.\n"
                  "# TYPE understudy_server_pushes_retried_total counter\n"
                  "understudy_server_pushes_retried_total 2"))
      << text;
}

TEST_F(MetricsRouteTest, ShowsEveryCounterOfTheApi) {
  must(store_->count("one_of_a_later_version"));
  const auto counters = json(200, "GET", "/v1/counters");
  EXPECT_EQ(counters["one_of_a_later_version"], 1);
  EXPECT_EQ(counters["empty_wakes"], 0);
  const std::string text = metrics();
  for (const auto& [name, value] : counters.items()) {
    EXPECT_TRUE(has(text, "understudy_server_" + name + "_total " + value.dump())) << name << text;
  }
}

TEST_F(MetricsRouteTest, ShowsWhenEachPushCertificateRunsOut) {
  const std::string name = "understudy_push_certificate_expires_timestamp_seconds";
  put_certificate("production", 1'999'999'999);
  EXPECT_TRUE(has(metrics(), name + "{environment=\"production\"} 1999999999")) << metrics();
  EXPECT_EQ(metrics().find(name + "{environment=\"sandbox\"}"), std::string::npos);
  put_certificate("sandbox", 1'800'000'000);
  put_certificate("production", 2'031'535'999);  // renewed
  EXPECT_TRUE(has(metrics(), "# TYPE " + name + " gauge\n" + name +
                                 "{environment=\"production\"} 2031535999\n" + name +
                                 "{environment=\"sandbox\"} 1800000000"))
      << metrics();
}

TEST_F(MetricsRouteTest, HasOnlyTheServersOwnWhenAnotherApnsIsPushedTo) {
  ConsoleParts parts{*store_, parts_->actions, watch_, *clock_, nullptr, rng_,
                     "",      [] {},           [] {},  "key"};
  api_.emplace(std::move(parts));
  EXPECT_TRUE(has(metrics(), "understudy_server_pushes_failed_total 0"));
  EXPECT_EQ(metrics().find("understudy_apns_"), std::string::npos);
}

TEST(MetricsRoute, FailsWhereASourceDoes) {
  Router router;
  add_metrics_route(router, {[]() -> Result<std::string> { return "a 1\n"; },
                             []() -> Result<std::string> { return fail(errc::io, "the disk"); }});
  asio::io_context io;
  net::IncomingRequest incoming;
  incoming.method = "GET";
  incoming.target = "/metrics";
  const auto answer = support::run_task(io, router.handle(std::move(incoming)));
  EXPECT_EQ(answer.status, 500);
  EXPECT_NE(answer.body.find("the disk"), std::string::npos);
}

}  // namespace
}  // namespace understudy::server
