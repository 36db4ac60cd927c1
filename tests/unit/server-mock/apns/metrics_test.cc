#include "server-mock/apns/metrics.h"

#include <gtest/gtest.h>

#include <sstream>

namespace understudy::apns_mock {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

Counters some_counters() {
  Counters counters;
  counters.received = 12;
  counters.reject(apns::Reason::bad_device_token);
  counters.reject(apns::Reason::bad_device_token);
  counters.courier_tls = 3;
  counters.courier_light = 15'000;
  counters.provider = 1;
  return counters;
}

PushEvent event_at(Stage stage, bool from_storage = false) {
  PushEvent made;
  made.stage = stage;
  made.from_storage = from_storage;
  return made;
}

/// The lines of one family, HELP and TYPE included.
std::string family(const std::string& text, const std::string& name) {
  std::istringstream lines(text);
  std::string found;
  for (std::string line; std::getline(lines, line);) {
    if (line.find(name) != std::string::npos) found += line + "\n";
  }
  return found;
}

std::string text_of(const Counters& counters) {
  const std::array environments = {EnvironmentCounters{"production", &counters}};
  return prometheus_text(environments);
}

TEST(Metrics, CountsEachStage) {
  Counters counters;
  for (const Stage stage :
       {Stage::accepted, Stage::stored, Stage::replaced, Stage::redelivered, Stage::acked,
        Stage::expired, Stage::discarded, Stage::faulted, Stage::refused}) {
    counters.count(event_at(stage));
  }
  counters.count(event_at(Stage::delivered));
  counters.count(event_at(Stage::delivered));
  counters.count(event_at(Stage::delivered, true));
  EXPECT_EQ(counters.accepted, 1U);
  EXPECT_EQ(counters.stored, 1U);
  EXPECT_EQ(counters.coalesced, 1U);
  EXPECT_EQ(counters.redelivered, 1U);
  EXPECT_EQ(counters.acked, 1U);
  EXPECT_EQ(counters.refused_by_device, 1U);
  EXPECT_EQ(counters.expired, 1U);
  EXPECT_EQ(counters.discarded, 1U);
  EXPECT_EQ(counters.faulted, 1U);
  EXPECT_EQ(counters.delivered, 2U);
  EXPECT_EQ(counters.delivered_from_storage, 1U);
  EXPECT_EQ(counters.received, 0U);
}

TEST(Metrics, WritesBothEnvironmentsInOneFamily) {
  const Counters production = some_counters();
  const Counters sandbox;
  const std::array environments = {EnvironmentCounters{"production", &production},
                                   EnvironmentCounters{"sandbox", &sandbox}};
  EXPECT_EQ(family(prometheus_text(environments), "pushes_received_total"),
            "# HELP understudy_apns_pushes_received_total Received by APNs: push requests of "
            "providers, whatever the answer.\n"
            "# TYPE understudy_apns_pushes_received_total counter\n"
            "understudy_apns_pushes_received_total{environment=\"production\"} 12\n"
            "understudy_apns_pushes_received_total{environment=\"sandbox\"} 0\n");
}

TEST(Metrics, WritesEveryReason) {
  const std::string rejected = family(text_of(some_counters()), "pushes_rejected_total");
  EXPECT_NE(rejected.find("understudy_apns_pushes_rejected_total{environment=\"production\","
                          "reason=\"BadDeviceToken\"} 2\n"),
            std::string::npos)
      << rejected;
  EXPECT_NE(rejected.find("understudy_apns_pushes_rejected_total{environment=\"production\","
                          "reason=\"Shutdown\"} 0\n"),
            std::string::npos)
      << rejected;
  EXPECT_EQ(std::count(rejected.begin(), rejected.end(), '\n'), 2 + 32);
}

TEST(Metrics, WritesConnections) {
  const std::string text = text_of(some_counters());
  EXPECT_EQ(family(text, "courier_connections"),
            "# HELP understudy_apns_courier_connections Open courier connections of devices.\n"
            "# TYPE understudy_apns_courier_connections gauge\n"
            "understudy_apns_courier_connections{environment=\"production\",transport=\"tls\"} 3\n"
            "understudy_apns_courier_connections{environment=\"production\",transport=\"light\"} "
            "15000\n");
  EXPECT_EQ(family(text, "provider_connections"),
            "# HELP understudy_apns_provider_connections Open HTTP/2 connections of providers.\n"
            "# TYPE understudy_apns_provider_connections gauge\n"
            "understudy_apns_provider_connections{environment=\"production\"} 1\n");
}

TEST(Metrics, BeginsAgainButForWhatIsThereNow) {
  Counters counters = some_counters();
  counters.push_to_ack.observe(seconds(1));
  counters.restart();
  EXPECT_EQ(counters.received, 0U);
  EXPECT_EQ(counters.rejected, Counters().rejected);
  EXPECT_EQ(counters.push_to_ack.buckets(), Counters().push_to_ack.buckets());
  EXPECT_EQ(counters.courier_tls, 3U);
  EXPECT_EQ(counters.courier_light, 15'000U);
  EXPECT_EQ(counters.provider, 1U);
}

TEST(Metrics, WritesTheLatencyHistogram) {
  Counters counters;
  counters.push_to_ack.observe(microseconds(-5));   // clocks
  counters.push_to_ack.observe(microseconds(500));  // a bound belongs to its bucket
  counters.push_to_ack.observe(microseconds(501));
  counters.push_to_ack.observe(milliseconds(20));
  counters.push_to_ack.observe(seconds(100));
  const std::string start = "understudy_apns_push_to_ack_seconds_bucket{environment=\"production\"";
  std::string expected =
      "# HELP understudy_apns_push_to_ack_seconds From the acceptance of a push to the device's "
      "acknowledgment.\n"
      "# TYPE understudy_apns_push_to_ack_seconds histogram\n"
      "understudy_apns_push_to_ack_seconds_count{environment=\"production\"} 5\n"
      "understudy_apns_push_to_ack_seconds_sum{environment=\"production\"} 100.021001\n";
  for (const char* bucket :
       {"0.0005\"} 2", "0.001\"} 3", "0.0025\"} 3", "0.005\"} 3", "0.01\"} 3", "0.025\"} 4",
        "0.05\"} 4", "0.1\"} 4", "0.25\"} 4", "0.5\"} 4", "1\"} 4", "2.5\"} 4", "5\"} 4", "10\"} 4",
        "30\"} 4", "60\"} 4", "+Inf\"} 5"}) {
    expected += start + ",le=\"" + bucket + "\n";
  }
  EXPECT_EQ(family(text_of(counters), "push_to_ack"), expected);
}

TEST(Metrics, WritesAFamilyForEachState) {
  const std::string text = text_of(Counters{});
  for (const char* name :
       {"received", "accepted", "rejected", "delivered", "delivered_from_storage", "stored",
        "coalesced", "expired", "discarded", "acked", "redelivered", "faulted"}) {
    const std::string type =
        "# TYPE understudy_apns_pushes_" + std::string(name) + "_total counter\n";
    EXPECT_NE(text.find(type), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace understudy::apns_mock
