#pragma once

/// How long to wait before the next attempt: doubles from `first` to `cap`, each time shortened by
/// a random part of up to one half, so that many devices do not come back at the same moment.
/// Retry intervals of real devices are not published: these are ours
/// (docs/protocol/device-facts.md 6.9).

#include "shared/core/clock.h"
#include "shared/core/rng.h"

namespace understudy::agent {

class Backoff {
 public:
  Backoff(Duration first, Duration cap, const Rng& rng)
      : first_(first), cap_(cap), seed_(rng.seed()) {}

  /// Between half of the present step and the whole of it; the next step is twice as long.
  Duration next();
  /// After a success: begins again at `first`.
  void reset() { step_ = Duration{0}; }

 private:
  Duration first_, cap_;
  std::uint64_t seed_;  ///< of the generator, which would hold 2.5 KB in every waiting device
  std::uint64_t drawn_ = 0;
  Duration step_{0};
};

}  // namespace understudy::agent
