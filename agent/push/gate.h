#pragma once

/// Lets a bounded number of coroutines of one executor into a section at a time, in the order in
/// which they came. Use from its executor only; must outlive its permits.

#include <memory>

#include "shared/net/asio.h"

namespace understudy::agent {

class Gate {
 public:
  Gate(const asio::any_io_executor& executor, std::size_t limit);
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate();

  /// Leaves the section when it is destroyed.
  class Permit {
   public:
    Permit() = default;
    Permit(Permit&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept {
      std::swap(gate_, other.gate_);
      return *this;
    }
    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;
    ~Permit() {
      if (gate_ != nullptr) gate_->leave();
    }

   private:
    friend class Gate;
    explicit Permit(Gate* gate) : gate_(gate) {}
    Gate* gate_ = nullptr;
  };
  Task<Permit> enter();

 private:
  void leave();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy::agent
