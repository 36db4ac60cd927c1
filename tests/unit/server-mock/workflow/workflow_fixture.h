#pragma once

/// The workflow on a frozen clock, with a pusher that answers as told. `restart` is what a killed
/// and restarted process would find.

#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <optional>

#include "server-mock/workflow/console_action.h"
#include "server-mock/workflow/messaging_service.h"
#include "server-mock/workflow/queue_monitor.h"
#include "tests/support/run_task.h"
#include "tests/unit/server-mock/store/store_fixture.h"

namespace understudy::server {

/// Answers from the list, then 200.
class FakePusher final : public Pusher {
 public:
  Task<PushAnswer> push(PushRequest request) override {
    requests.push_back(request);
    PushAnswer answer;
    answer.status = 200;
    if (!answers.empty()) {
      answer = answers.front();
      answers.pop_front();
    }
    co_return answer;
  }
  std::vector<PushRequest> requests;
  std::deque<PushAnswer> answers;
};

/// All parts of one process.
struct Workflow {
  Workflow(asio::io_context& io, Store& store, const Clock& clock, Rng& rng, Pusher& pusher,
           bool only_stored, Duration monitor_delay = Duration(0))
      : timeline(store, clock),
        push_wake(io.get_executor(), clock),
        event_wake(io.get_executor(), clock),
        pushes(store, timeline, clock, rng, push_wake, only_stored),
        events(store, timeline, event_wake),
        actions(store, timeline, pushes, events, clock),
        messaging(store, timeline, pushes, pusher, clock, MessagingOptions()),
        monitor(store, timeline, events, clock, monitor_delay, push_wake) {}

  Timeline timeline;
  Wake push_wake, event_wake;
  OutboundPushQueue pushes;
  EventLogQueue events;
  ConsoleAction actions;
  MessagingService messaging;
  QueueMonitor monitor;
};

class WorkflowTest : public StoreTest {
 protected:
  WorkflowTest() {
    DeviceRecord device;
    device.id = "D1";
    device.state = DeviceRecord::State::enrolled;
    device.topic = "com.apple.mgmt.x";
    device.push_magic = "magic";
    device.push_token = Bytes(32, 0xab);
    must(store_->put_device(device));
    restart();
  }

  /// Forgets everything that is not in the store.
  void restart(bool only_stored = true, Duration monitor_delay = Duration(0)) {
    parts_.reset();
    reopen();
    parts_.emplace(io_, *store_, *clock_, rng_, pusher_, only_stored, monitor_delay);
  }
  static Submission lock(const std::string& uuid) { return {uuid, "DeviceLock", "<plist/>", true}; }
  std::string submit(const std::string& uuid) {
    return must(parts_->actions.submit(lock(uuid), "D1")).apns_id;
  }
  /// Runs the messaging service's loop until nothing is left to do at this time.
  void run_messaging() {
    net::spawn(io_.get_executor(), "messaging", parts_->messaging.run());
    io_.restart();
    while (io_.poll() > 0) {
    }
  }
  void advance(Duration step) {
    clock_->advance(step);
    io_.restart();
    while (io_.poll() > 0) {
    }
  }
  std::vector<std::string> hops(const std::string& uuid) {
    std::vector<std::string> names;
    for (const TimelineEntry& entry : must(store_->timeline(uuid, "D1"))) {
      names.push_back(entry.hop);
    }
    return names;
  }

  asio::io_context io_;
  std::unique_ptr<VirtualClock> clock_ = VirtualClock::frozen_at(at(100));
  Rng rng_{1};
  FakePusher pusher_;
  std::optional<Workflow> parts_;
};

using Hops = std::vector<std::string>;

}  // namespace understudy::server
