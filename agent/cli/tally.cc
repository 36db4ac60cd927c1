#include "agent/cli/tally.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <tuple>

namespace understudy::agent::cli {
namespace {

/// With which the contexts of Enroller and DeviceSession begin.
constexpr std::array<std::string_view, 5> kSteps = {"enrollment profile", "identity", "push token",
                                                    "Authenticate", "TokenUpdate"};

std::string step_of(const Error& error, std::string_view otherwise) {
  const std::string_view begin = std::string_view(error.context).substr(0, error.context.find(':'));
  const auto known = std::ranges::find(kSteps, begin);
  return std::string(known == kSteps.end() ? otherwise : *known);
}

/// "HTTP 503" as describe_answer (agent/session) writes it: no code of ours says as much.
std::string kind_of(const Error& error) {
  constexpr std::string_view kHttp = "HTTP ";
  constexpr std::size_t kDigits = 3;
  const std::string_view text = error.context;
  for (auto at = text.find(kHttp); at != std::string_view::npos; at = text.find(kHttp, at + 1)) {
    const auto digits = text.substr(at + kHttp.size(), kDigits);
    const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
    if (digits.size() == kDigits && std::ranges::all_of(digits, is_digit)) {
      return std::string(text.substr(at, kHttp.size() + kDigits));
    }
  }
  return error.code.message();
}

}  // namespace

const FailureKind& Tally::failed(const Error& error, std::string_view step) {
  ++failed_;
  const std::pair key{step_of(error, step), kind_of(error)};
  FailureKind& failure = failures_[key];
  if (failure.count++ == 0) {
    failure.step = key.first;
    failure.kind = key.second;
    failure.example = error.message();
  }
  return failure;
}

std::vector<FailureKind> Tally::failures() const {
  std::vector<FailureKind> all;
  all.reserve(failures_.size());
  for (const auto& [key, failure] : failures_) all.push_back(failure);
  // The most frequent first; of as many, by name.
  std::ranges::sort(all, [](const FailureKind& a, const FailureKind& b) {
    return std::tie(b.count, a.step, a.kind) < std::tie(a.count, b.step, b.kind);
  });
  return all;
}

std::optional<Times> Tally::times() const {
  if (times_.empty()) return std::nullopt;
  std::vector<Duration> sorted = times_;
  std::ranges::sort(sorted);
  const auto at = [&sorted](double share) {
    const auto rank =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
    return sorted[std::max<std::size_t>(rank, 1) - 1];
  };
  return Times{sorted.front(), at(0.5), at(0.95), at(0.99), sorted.back()};
}

}  // namespace understudy::agent::cli
