#pragma once

/// Many devices in one process: a push channel and a session loop for each, on one executor.

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "agent/push/courier.h"
#include "agent/push/deadlines.h"
#include "agent/session/courier_inquiry.h"
#include "agent/session/device_session.h"
#include "shared/net/timer.h"

namespace understudy::agent {

/// Use from its executor only. The context must outlive it; it must outlive its loops: call stop()
/// before it is destroyed.
class Runner {
 public:
  Runner(const asio::any_io_executor& executor, AgentContext& context);
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  ~Runner();

  /// Starts the loops of every enrolled device of the store; returns their number. What was owed
  /// when the last process ended (a push, a result, a TokenUpdate) is said at once.
  /// Errors: those of DeviceStore; a courier that cannot be set up.
  Result<std::size_t> start();
  /// Returns when every push channel is listening, or after `timeout`. The number that listens.
  Task<std::size_t> wait_until_listening(std::chrono::milliseconds timeout);
  /// Devices whose push channel runs; those that were enrolled without a courier have none, nor do
  /// those that no push can reach at present.
  std::size_t channels() const;
  /// Devices that were enrolled without a courier.
  std::size_t without_courier() const;
  /// The shortcuts by which their keys were made, "pool:8"; empty: every device has its own.
  const std::set<std::string>& key_shortcuts() const { return key_shortcuts_; }
  /// What a person does to a device, enrolled or not. Errors: those of DeviceSession::lay_hands;
  /// errc::not_found.
  Result<std::string> lay_hands(const std::string& device_id, const Hand& hand);
  /// Ends the push channels at once, and each session loop after its conversation. False when
  /// some did not end within `grace`.
  Task<bool> stop(std::chrono::milliseconds grace);

 private:
  struct Unit;
  Result<void> add(const std::string& device_id);
  Result<std::shared_ptr<Courier>> courier_for(const PushState& push);
  void ask_why(const Unit& unit, bool listens);
  void start_channel(Unit& unit);
  void channel_ended(Unit& unit, bool may_go_on);
  void settle_channel(Unit& unit);
  void settle(Unit& unit);
  void settle_removal(Unit& unit);
  Task<void> serve(Unit& unit);
  void keep(Unit& unit);
  void report(const Unit& unit, const DeviceSession::WorkEnd& end) const;
  std::size_t running() const;

  asio::any_io_executor executor_;
  AgentContext& context_;
  std::map<std::string, std::shared_ptr<Courier>> couriers_;  ///< by address and anchors
  std::map<const Courier*, std::shared_ptr<CourierInquiry>> inquiries_;
  std::vector<std::unique_ptr<Unit>> units_;
  Deadlines removals_;  ///< of profiles
  std::set<std::string> key_shortcuts_;
  std::deque<Unit*> kept_;  ///< units that keep a session, oldest first
  net::Event changed_;      ///< a channel listens, or a loop ended
  bool stopping_ = false;
};

}  // namespace understudy::agent
