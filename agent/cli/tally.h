#pragma once

/// What became of many devices, counted: how long they took, and what went wrong by kind.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/clock.h"
#include "shared/core/result.h"

namespace understudy::agent::cli {

/// Failures that are the same but for the device.
struct FailureKind {
  std::string step;  ///< "Authenticate"
  std::string kind;  ///< "HTTP 503", or the words of the error's code
  std::size_t count = 0;
  std::string example;  ///< the first of them, whole
};

struct Times {
  Duration min{}, median{}, p95{}, p99{}, max{};
};

class Tally {
 public:
  void succeeded(Duration took) { times_.push_back(took); }
  /// `step` where the error's context does not begin with one. What it was counted under.
  const FailureKind& failed(const Error& error, std::string_view step);

  std::size_t succeeded() const { return times_.size(); }
  std::size_t failed() const { return failed_; }
  /// The most frequent first.
  std::vector<FailureKind> failures() const;
  /// Of those that came through; nullopt when none did. A percentile is the smallest time that so
  /// many did not exceed.
  std::optional<Times> times() const;

 private:
  std::vector<Duration> times_;
  std::map<std::pair<std::string, std::string>, FailureKind> failures_;
  std::size_t failed_ = 0;
};

}  // namespace understudy::agent::cli
