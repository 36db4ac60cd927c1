#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>

#include "server-mock/console/metrics_route.h"

namespace understudy::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

struct CounterText {
  const char* name;
  const char* help;
};

/// Shown from the start: a script need not know that absent means none, and a rate over a series
/// that begins at 1 misses the first.
constexpr std::array kCounters = {
    CounterText{"empty_wakes", "A device came for a command that was not stored yet."},
    CounterText{"push_certificate_refusals",
                "Pushes that APNs refused for the sake of the push certificate."},
    CounterText{"push_certificate_reminders",
                "Notifications that a push certificate runs out, or ran out."},
    CounterText{"pushes_failed", "Pushes that were given up."},
    CounterText{"pushes_repeated", "Pushes sent again, as their command had no answer."},
    CounterText{"pushes_retried", "Attempts to push that failed and are made again later."},
    CounterText{"results_of_unknown_commands", "Results of commands that were never sent."},
    CounterText{"results_repeated", "Results that a device sent again."},
    CounterText{"schema_problems", "What Apple's schema has against messages of devices."},
};

/// Empty for a counter that the table leaves out.
std::string help_of(const std::string& name) {
  const auto* const text = std::find_if(kCounters.begin(), kCounters.end(),
                                        [&](const CounterText& one) { return one.name == name; });
  return text == kCounters.end() ? "" : text->help;
}

MetricFamily counter_family(const std::string& name, std::int64_t value) {
  MetricFamily family{
      "understudy_server_" + name + "_total", help_of(name), MetricType::Counter, {}};
  family.metric.emplace_back().counter.value = static_cast<double>(value);
  return family;
}

/// As a time, not as days left: that is `... - time()` in PromQL.
Result<MetricFamily> expiry_family(Store& store) {
  MetricFamily family{"understudy_push_certificate_expires_timestamp_seconds",
                      "When the push certificate in use runs out, in Unix time.",
                      MetricType::Gauge,
                      {}};
  for (const char* environment : kPushEnvironments) {
    UNDERSTUDY_TRY(const auto record, store.push_certificate(environment));
    if (!record) continue;
    ClientMetric& metric = family.metric.emplace_back();
    metric.label.push_back({"environment", environment});
    const auto runs_out = std::chrono::floor<std::chrono::seconds>(record->not_after);
    metric.gauge.value = static_cast<double>(runs_out.time_since_epoch().count());
  }
  return family;
}

}  // namespace

Result<std::map<std::string, std::int64_t>> server_counters(Store& store) {
  UNDERSTUDY_TRY(auto counters, store.counters());
  for (const CounterText& text : kCounters) counters.try_emplace(text.name, 0);
  return counters;
}

MetricsSource server_metrics(Store& store) {
  return [&store]() -> Result<std::string> {
    UNDERSTUDY_TRY(const auto counters, server_counters(store));
    std::vector<MetricFamily> families;
    families.reserve(counters.size() + 1);
    for (const auto& [name, value] : counters) families.push_back(counter_family(name, value));
    UNDERSTUDY_TRY(MetricFamily expiry, expiry_family(store));
    families.push_back(std::move(expiry));
    return prometheus::TextSerializer().Serialize(families);
  };
}

}  // namespace understudy::server
