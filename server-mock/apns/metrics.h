#pragma once

/// What is counted, and its Prometheus text. Plain numbers, written on the service's thread only.
///
/// The states are those of Apple's Push Notifications Console (Metrics), with what Apple does not
/// show (acks, redeliveries, rejections) beside them.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "server-mock/apns/broker.h"
#include "shared/apns/provider.h"

namespace understudy::apns_mock {

/// How long it took from a push's acceptance to its device's ack.
class LatencyHistogram {
 public:
  /// Upper bounds, included; one more bucket has what is over the last.
  static constexpr std::array<double, 16> kBounds = {
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};

  /// A negative time counts as none.
  void observe(Duration latency);

  const std::array<std::uint64_t, kBounds.size() + 1>& buckets() const { return buckets_; }
  double sum_seconds() const { return sum_seconds_; }

 private:
  std::array<std::uint64_t, kBounds.size() + 1> buckets_{};  ///< each its own, not cumulated
  double sum_seconds_ = 0;
};

/// Of one environment.
struct Counters {
  static constexpr std::size_t kReasons = static_cast<std::size_t>(apns::Reason::shutdown) + 1;

  // Only grow.
  std::uint64_t received = 0;  ///< requests, whatever their answer
  std::uint64_t accepted = 0, delivered = 0, delivered_from_storage = 0, stored = 0, coalesced = 0,
                expired = 0, discarded = 0, acked = 0, refused_by_device = 0, redelivered = 0,
                faulted = 0;
  std::array<std::uint64_t, kReasons> rejected{};  ///< by apns::Reason
  LatencyHistogram push_to_ack;

  // How many there are now.
  std::uint64_t courier_tls = 0, courier_light = 0, provider = 0;

  /// The counter of the event's stage. `received`, rejections and latency are counted elsewhere.
  void count(const PushEvent& event);
  /// Those that only grow begin again at 0, as after a start.
  void restart();
  void reject(apns::Reason reason) { ++rejected[static_cast<std::size_t>(reason)]; }
};

struct EnvironmentCounters {
  std::string_view environment;  ///< label: "production", "sandbox"
  const Counters* counters = nullptr;
};
/// All families, version 0.0.4 of the text format.
std::string prometheus_text(std::span<const EnvironmentCounters> environments);

}  // namespace understudy::apns_mock
