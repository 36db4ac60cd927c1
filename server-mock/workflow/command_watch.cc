#include "server-mock/workflow/command_watch.h"

namespace understudy::server {

void CommandWatch::changed(const std::string& command_uuid) {
  const auto found = waiting_.find(command_uuid);
  if (found == waiting_.end()) return;
  if (const auto event = found->second.lock()) event->notify();
}

Task<void> CommandWatch::wait(std::string command_uuid, std::chrono::milliseconds timeout) {
  // Those of waits that are over, whichever way they ended.
  std::erase_if(waiting_, [](const auto& entry) { return entry.second.expired(); });
  std::shared_ptr<net::Event> event = waiting_[command_uuid].lock();
  if (!event) {
    event = std::make_shared<net::Event>(executor_);
    waiting_[command_uuid] = event;
  }
  const bool notified = co_await event->wait_for(timeout);
  static_cast<void>(notified);
}

}  // namespace understudy::server
