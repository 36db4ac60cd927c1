#pragma once

/// One timer for the deadlines of many connections: a device that only waits costs a place in a
/// list, not a timer and a coroutine of its own.

#include <functional>
#include <map>
#include <memory>

#include "shared/core/clock.h"
#include "shared/net/asio.h"

namespace understudy::agent {

/// Use from its executor only; outlives its deadlines.
class Deadlines {
 public:
  Deadlines(const asio::any_io_executor& executor, const Clock& clock);
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;
  ~Deadlines();

 private:
  struct Impl;

 public:
  /// Something that may fall due. Its end takes it back.
  class Deadline {
   public:
    /// `on_due` runs once for each `set`, when the clock has reached it.
    Deadline(Deadlines& all, std::function<void()> on_due);
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;
    ~Deadline();
    /// Takes the place of what was set before.
    void set(TimePoint when);

   private:
    friend struct Impl;
    std::shared_ptr<Impl> all_;
    std::function<void()> on_due_;
    std::multimap<TimePoint, Deadline*>::iterator place_;
    bool is_set_ = false;
  };

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace understudy::agent
