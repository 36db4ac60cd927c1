#include "server-mock/apns/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace understudy::apns_mock {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Environments = std::span<const EnvironmentCounters>;

struct CounterText {
  const char* name;
  const char* help;
  std::uint64_t Counters::* value;
};

// Where the console has a word for it, the text begins with that word.
constexpr std::array kCounters = {
    CounterText{"received", "Received by APNs: push requests of providers, whatever the answer.",
                &Counters::received},
    CounterText{"accepted", "Push requests answered 200.", &Counters::accepted},
    CounterText{
        "delivered",
        "Delivered to Device: written at once to the device's connection. Not one that a fault "
        "rule kept from it.",
        &Counters::delivered},
    CounterText{"delivered_from_storage",
                "Delivered to Device (From Storage): written after the push had been stored.",
                &Counters::delivered_from_storage},
    CounterText{"stored",
                "Stored - Device Offline: kept until the device connects and wants the topic. "
                "Delivery is counted apart.",
                &Counters::stored},
    CounterText{"coalesced",
                "Coalesced: replaced in storage by a newer push for the same token and topic.",
                &Counters::coalesced},
    CounterText{"expired", "Discarded - Expired: the expiration passed before delivery.",
                &Counters::expired},
    CounterText{"discarded",
                "Discarded - Disabled or Token Unregistered: the device ignores the topic, or the "
                "token ended.",
                &Counters::discarded},
    CounterText{"acked", "Acknowledged by the device. The console does not show it.",
                &Counters::acked},
    CounterText{"refused_by_device",
                "Acknowledged with an error: the device did not take it. The console does not show "
                "it.",
                &Counters::refused_by_device},
    CounterText{"redelivered",
                "Written again for want of an acknowledgment. The console does not show it.",
                &Counters::redelivered},
    CounterText{"faulted",
                "Struck by a fault rule on the way to the device, once for each time. The console "
                "does not show it.",
                &Counters::faulted},
};

struct ConnectionsText {
  const char* label;
  std::uint64_t Counters::* value;
};
constexpr std::array kCouriers = {ConnectionsText{"tls", &Counters::courier_tls},
                                  ConnectionsText{"light", &Counters::courier_light}};

/// What a counter of this stage is; nullptr for none.
std::uint64_t Counters::* counter_of(const PushEvent& event) {
  switch (event.stage) {
    case Stage::accepted:
      return &Counters::accepted;
    case Stage::stored:
      return &Counters::stored;
    case Stage::replaced:
      return &Counters::coalesced;
    case Stage::delivered:
      return event.from_storage ? &Counters::delivered_from_storage : &Counters::delivered;
    case Stage::redelivered:
      return &Counters::redelivered;
    case Stage::faulted:
      return &Counters::faulted;
    case Stage::acked:
      return &Counters::acked;
    case Stage::refused:
      return &Counters::refused_by_device;
    case Stage::expired:
      return &Counters::expired;
    case Stage::discarded:
      return &Counters::discarded;
  }
  return nullptr;
}

MetricFamily family(std::string name, std::string help, MetricType type) {
  return {"understudy_apns_" + std::move(name), std::move(help), type, {}};
}

ClientMetric& add(MetricFamily& to, const EnvironmentCounters& environment) {
  ClientMetric& metric = to.metric.emplace_back();
  metric.label.push_back({"environment", std::string(environment.environment)});
  return metric;
}

MetricFamily counter_family(const CounterText& text, Environments environments) {
  MetricFamily pushes =
      family("pushes_" + std::string(text.name) + "_total", text.help, MetricType::Counter);
  for (const auto& environment : environments) {
    add(pushes, environment).counter.value = static_cast<double>(environment.counters->*text.value);
  }
  return pushes;
}

MetricFamily rejected_family(Environments environments) {
  MetricFamily pushes =
      family("pushes_rejected_total", "Push requests refused, by the reason in the answer.",
             MetricType::Counter);
  for (const auto& environment : environments) {
    // Those never seen too: a rate over a series that begins at 1 misses the first.
    for (std::size_t reason = 0; reason < Counters::kReasons; ++reason) {
      ClientMetric& metric = add(pushes, environment);
      const auto name = apns::reason_name(static_cast<apns::Reason>(reason));
      metric.label.push_back({"reason", std::string(name)});
      metric.counter.value = static_cast<double>(environment.counters->rejected[reason]);
    }
  }
  return pushes;
}

MetricFamily courier_family(Environments environments) {
  MetricFamily couriers =
      family("courier_connections", "Open courier connections of devices.", MetricType::Gauge);
  for (const auto& environment : environments) {
    for (const ConnectionsText& transport : kCouriers) {
      ClientMetric& metric = add(couriers, environment);
      metric.label.push_back({"transport", transport.label});
      metric.gauge.value = static_cast<double>(environment.counters->*transport.value);
    }
  }
  return couriers;
}

MetricFamily provider_family(Environments environments) {
  MetricFamily providers =
      family("provider_connections", "Open HTTP/2 connections of providers.", MetricType::Gauge);
  for (const auto& environment : environments) {
    add(providers, environment).gauge.value = static_cast<double>(environment.counters->provider);
  }
  return providers;
}

MetricFamily latency_family(Environments environments) {
  MetricFamily latency =
      family("push_to_ack_seconds", "From the acceptance of a push to the device's acknowledgment.",
             MetricType::Histogram);
  for (const auto& environment : environments) {
    const LatencyHistogram& observed = environment.counters->push_to_ack;
    ClientMetric::Histogram& histogram = add(latency, environment).histogram;
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < LatencyHistogram::kBounds.size(); ++i) {
      count += observed.buckets()[i];
      histogram.bucket.push_back({count, LatencyHistogram::kBounds[i]});
    }
    histogram.sample_count = count + observed.buckets().back();
    histogram.sample_sum = observed.sum_seconds();
  }
  return latency;
}

}  // namespace

void LatencyHistogram::observe(Duration latency) {
  const double seconds = std::max(std::chrono::duration<double>(latency).count(), 0.0);
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin();
  ++buckets_[static_cast<std::size_t>(bucket)];
  sum_seconds_ += seconds;
}

void Counters::count(const PushEvent& event) {
  if (const auto counter = counter_of(event)) ++(this->*counter);
}

void Counters::restart() {
  Counters fresh;
  fresh.courier_tls = courier_tls;
  fresh.courier_light = courier_light;
  fresh.provider = provider;
  *this = fresh;
}

std::string prometheus_text(Environments environments) {
  std::vector<MetricFamily> families;
  families.reserve(kCounters.size() + 4);
  for (const CounterText& text : kCounters) {
    families.push_back(counter_family(text, environments));
  }
  families.push_back(rejected_family(environments));
  families.push_back(courier_family(environments));
  families.push_back(provider_family(environments));
  families.push_back(latency_family(environments));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace understudy::apns_mock
