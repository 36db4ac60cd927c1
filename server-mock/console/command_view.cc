#include "server-mock/console/command_view.h"

#include <nlohmann/json.hpp>

#include "server-mock/console/json_text.h"
#include "shared/core/errc.h"

namespace understudy::server {
namespace {

CommandView view_of(CommandRecord&& command) {
  CommandView view;
  view.finished = command.finished();
  view.status = std::string(status_name(command.status));
  view.uuid = std::move(command.uuid);
  view.device_id = std::move(command.device_id);
  view.request_type = std::move(command.request_type);
  view.result = std::move(command.result);
  return view;
}

CommandView view_of(EventEntry&& event) {
  CommandView view;
  view.status = "queued";
  view.uuid = std::move(event.command_uuid);
  view.device_id = std::move(event.device_id);
  view.request_type = std::move(event.request_type);
  return view;
}

Result<std::vector<CommandView>> all_with_uuid(Store& store, const std::string& uuid) {
  std::vector<CommandView> views;
  UNDERSTUDY_TRY(std::vector<CommandRecord> stored, store.commands_with_uuid(uuid));
  views.reserve(stored.size());
  for (CommandRecord& command : stored) views.push_back(view_of(std::move(command)));
  UNDERSTUDY_TRY(std::vector<EventEntry> coming, store.not_stored_yet(uuid));
  for (EventEntry& event : coming) views.push_back(view_of(std::move(event)));
  return views;
}

}  // namespace

Result<CommandView> find_command(Store& store, const std::string& uuid,
                                 const std::optional<std::string>& device_id) {
  UNDERSTUDY_TRY(std::vector<CommandView> views, all_with_uuid(store, uuid));
  if (device_id) {
    std::erase_if(views, [&](const CommandView& view) { return view.device_id != *device_id; });
  }
  if (views.size() == 1) return std::move(views.front());
  if (views.empty()) {
    return fail(
        errc::not_found,
        "command " + uuid + (device_id ? " for device " + *device_id : "") + " is not known here");
  }
  std::string devices;
  for (const CommandView& view : views) {
    devices += (devices.empty() ? "" : ", ") + view.device_id;
  }
  return fail(errc::already_exists, "command " + uuid + " was given to " + devices,
              "name one with ?device=");
}

Result<std::string> command_json(Store& store, const CommandView& command) {
  UNDERSTUDY_TRY(const std::vector<TimelineEntry> entries,
                 store.timeline(command.uuid, command.device_id));
  nlohmann::json timeline = nlohmann::json::array();
  for (const TimelineEntry& entry : entries) {
    timeline.push_back(
        {{"hop", entry.hop}, {"at", format_time(entry.at)}, {"detail", entry.detail}});
  }
  const nlohmann::json json = {{"command_uuid", command.uuid},
                               {"device_id", command.device_id},
                               {"request_type", command.request_type},
                               {"status", command.status},
                               {"timeline", std::move(timeline)}};
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace understudy::server
