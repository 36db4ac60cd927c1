#include "server-mock/device_services/enrollment_end.h"

#include "shared/plist/plist.h"

namespace understudy::server {

Result<std::vector<std::string>> cancel_unfinished(Store& store, Timeline& timeline,
                                                   const std::string& device_id,
                                                   const EndOfWork& end) {
  std::vector<std::string> all;
  UNDERSTUDY_TRY(const std::vector<DeviceRecord> channels, store.device_and_users(device_id));
  for (const DeviceRecord& channel : channels) {
    UNDERSTUDY_TRY(const std::vector<std::string> uuids, store.cancel_commands(channel.id, end.at));
    for (const std::string& uuid : uuids) {
      UNDERSTUDY_CHECK(timeline.add_at(end.at, uuid, channel.id, hop::kCancelled, end.why));
    }
    all.insert(all.end(), uuids.begin(), uuids.end());
  }
  return all;
}

Result<std::vector<std::string>> end_enrollment(Store& store, Timeline& timeline,
                                                const std::string& id, DeviceRecord::State state,
                                                const EndOfWork& end) {
  UNDERSTUDY_TRY(std::vector<DeviceRecord> channels, store.device_and_users(id));
  for (DeviceRecord& channel : channels) {
    channel.state = state;
    if (state == DeviceRecord::State::erased) {  // what it opens is gone
      channel.unlock_token.clear();
      channel.bootstrap_token.clear();
    }
    UNDERSTUDY_CHECK(store.put_device(channel));
  }
  return cancel_unfinished(store, timeline, id, end);
}

bool removes_enrollment(const CommandRecord& command, const std::string& enrollment_identifier) {
  if (command.request_type != "RemoveProfile") return false;
  const Result<plist::Value> value = plist::read(as_bytes(command.body));
  if (!value) return false;
  const plist::Value* body = value->find("Command");
  return body != nullptr && body->string_at("Identifier") == enrollment_identifier;
}

}  // namespace understudy::server
