#include "server-mock/workflow/timeline.h"

namespace understudy::server {

Result<void> Timeline::add(const std::string& command_uuid, const std::string& device_id,
                           const char* hop_name, std::string detail) {
  return add_at(clock_.now(), command_uuid, device_id, hop_name, std::move(detail));
}

Result<void> Timeline::add_at(TimePoint at, const std::string& command_uuid,
                              const std::string& device_id, const char* hop_name,
                              std::string detail) {
  return store_.add_timeline(command_uuid, device_id,
                             TimelineEntry{hop_name, at, std::move(detail)});
}

Result<void> Timeline::add_to_waiting(const std::string& device_id, const char* hop_name,
                                      std::string detail) {
  return store_.add_timeline_waiting(device_id,
                                     TimelineEntry{hop_name, clock_.now(), std::move(detail)});
}

}  // namespace understudy::server
