#include "agent/push/backoff.h"

#include <algorithm>
#include <string>

namespace understudy::agent {

Duration Backoff::next() {
  step_ = step_ == Duration{0} ? first_ : std::min(cap_, step_ * 2);
  const auto half = static_cast<std::uint64_t>(step_.count() / 2);
  Rng rng = Rng(seed_).derive(std::to_string(++drawn_));
  return step_ - Duration(static_cast<std::int64_t>(half == 0 ? 0 : rng.below(half + 1)));
}

}  // namespace understudy::agent
