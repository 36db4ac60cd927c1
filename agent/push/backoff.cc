#include "agent/push/backoff.h"

#include <algorithm>

namespace understudy::agent {

Duration Backoff::next() {
  step_ = step_ == Duration{0} ? first_ : std::min(cap_, step_ * 2);
  const auto half = static_cast<std::uint64_t>(step_.count() / 2);
  return step_ - Duration(static_cast<std::int64_t>(half == 0 ? 0 : rng_.below(half + 1)));
}

}  // namespace understudy::agent
