#pragma once

/// Private to the runner: what it holds for each device, and how it hears of pushes.

#include <boost/asio/cancellation_signal.hpp>

#include "agent/push/push_channel.h"
#include "agent/session/runner.h"

namespace understudy::agent {

/// One device. While nothing is owed it is its push channel only: the device's state stays in the
/// store, for thousands of them wait here.
struct Runner::Unit final : PushListener {
  Unit(Runner& owner, std::string device_id);

  /// Loads the session unless it is there.
  Result<void> load();
  Result<ChannelSetup> setup();
  Result<void> tokens_changed(const CourierTokens& tokens, mdm::Channel whose) override;
  /// Where a push becomes a conversation: durable first, then the session's loop hears of it.
  Result<void> woken(mdm::Channel whose) override;
  void refused(const RefusedPush& push) override;
  void listening(bool yes) override;

  Runner& runner;
  std::string id;
  std::optional<DeviceSession> session;  ///< while something is owed, or while it is kept
  bool is_kept = false;
  net::Event work;
  Backoff backoff;
  std::shared_ptr<Courier> courier;
  bool sandbox = false;
  std::unique_ptr<PushChannel> channel;
  asio::cancellation_signal stop_channel;
  bool listens_at_start = false, is_listening = false;
  bool channel_runs = false, session_runs = false;
  std::unique_ptr<Deadlines::Deadline> removal;  ///< of its next profile
  std::size_t mark = 0;                          ///< push_mark() at the last settle_channel()
};

}  // namespace understudy::agent
