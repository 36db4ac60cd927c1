#pragma once

/// The same work on many devices: so many at once, so many new ones a second, with what a person
/// sees of it meanwhile.

#include <functional>

#include "agent/cli/arguments.h"
#include "agent/cli/progress.h"
#include "agent/cli/tally.h"
#include "shared/net/asio.h"
#include "shared/net/timer.h"

namespace understudy::agent::cli {

/// When each of a row may start: evenly spaced, never caught up with in a burst.
class Pace {
 public:
  /// `rate` a second; 0: at once.
  explicit Pace(double rate);
  TimePoint next(TimePoint now);

 private:
  Duration interval_{};
  TimePoint free_;
};

/// One load. Use from its executor only; the clock must outlive it.
class Load {
 public:
  /// On the device at that place of the list. Its error is counted, and the first of each kind are
  /// printed.
  using Work = std::function<Task<Result<void>>(std::size_t place)>;

  /// `step` is what failures are counted under that name none. `printed` is written before an
  /// error.
  Load(asio::any_io_executor executor, const Clock& clock, const LoadArguments& arguments,
       std::string step, std::size_t count);

  Task<void> run(Work work);

  const Tally& tally() const { return tally_; }
  Duration elapsed() const { return elapsed_; }
  /// To be called before something is printed while the load is under way.
  Progress& progress() { return progress_; }

 private:
  Task<void> worker();
  void complain_of(const Error& error);

  asio::any_io_executor executor_;
  const Clock& clock_;
  std::size_t workers_;
  std::string step_;
  std::size_t count_;
  Pace pace_;
  Tally tally_;
  Progress progress_;
  net::Event ended_;
  Work work_;
  std::size_t next_ = 0, working_ = 0;
  Duration elapsed_{};
};

}  // namespace understudy::agent::cli
