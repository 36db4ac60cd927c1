#pragma once

/// "123 of 10000, 41.2 a second, 4 min left": one line on a terminal that is written over. Nothing
/// where standard error is none.

#include <cstddef>
#include <string>

#include "shared/core/clock.h"

namespace understudy::agent::cli {

/// The words of the line.
std::string progress_text(std::size_t done, std::size_t failed, std::size_t of, Duration elapsed);

class Progress {
 public:
  Progress(const Clock& clock, std::size_t of);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  /// Written at most ten times a second.
  void show(std::size_t done, std::size_t failed);
  void clear();
  /// Before a line goes to standard output, which may be the same terminal.
  void make_room();

 private:
  const Clock& clock_;
  std::size_t of_;
  TimePoint start_, next_;
  bool terminal_, shared_;
  bool shown_ = false;
};

}  // namespace understudy::agent::cli
