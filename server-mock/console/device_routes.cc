#include <nlohmann/json.hpp>

#include "server-mock/console/command_view.h"
#include "server-mock/console/console_api.h"
#include "server-mock/console/json_plist.h"
#include "server-mock/console/json_text.h"
#include "server-mock/witness/schema_witness.h"
#include "server-mock/workflow/console_commands.h"
#include "shared/core/errc.h"

namespace understudy::server {
namespace {

/// Enough of a push token to tell two apart in a log.
constexpr std::size_t kTokenLabelBytes = 4;

/// That one is in escrow, and never what it is.
nlohmann::json bootstrap_json(const DeviceRecord& device) {
  if (device.bootstrap_token.empty()) return nullptr;
  return {{"octets", device.bootstrap_token.size()},
          {"stored_at", format_time(device.bootstrap_token_at)}};
}

nlohmann::json device_json(const DeviceRecord& device) {
  const BytesView token(device.push_token);
  nlohmann::json json = {
      {"id", device.id},
      {"state", state_name(device.state)},
      {"serial_number", device.serial_number},
      {"model", device.model},
      {"model_name", device.model_name},
      {"product_name", device.product_name},
      {"device_name", device.device_name},
      {"os_version", device.os_version},
      {"build_version", device.build_version},
      {"imei", device.imei},
      {"meid", device.meid},
      {"topic", device.topic},
      {"push_token_label", hex_encode(token.first(std::min(token.size(), kTokenLabelBytes)))},
      {"has_unlock_token", !device.unlock_token.empty()},
      {"has_bootstrap_token", !device.bootstrap_token.empty()},
      {"bootstrap_token", bootstrap_json(device)},
      {"awaiting_configuration", device.awaiting_configuration},
      {"certificate", device.certificate},
      {"enrolled_at", format_time(device.enrolled_at)},
      {"last_seen_at", format_time(device.last_seen_at)}};
  if (device.id.find(':') == std::string::npos) return json;
  json["user_short_name"] = device.user_short_name;
  json["user_long_name"] = device.user_long_name;
  json["not_on_console"] = device.not_on_console;
  return json;
}

net::HttpResponse list_devices(const ConsoleParts& parts) {
  const Result<std::vector<DeviceRecord>> devices = parts.store.devices();
  if (!devices) return error_response(devices.error());
  nlohmann::json list = nlohmann::json::array();
  for (const DeviceRecord& device : *devices) list.push_back(device_json(device));
  return json_response(200, nlohmann::json{{"devices", std::move(list)}});
}

Result<DeviceRecord> find_device(const ConsoleParts& parts, const std::string& id) {
  UNDERSTUDY_TRY(std::optional<DeviceRecord> device, parts.store.device(id));
  if (device) return std::move(*device);
  return fail(errc::not_found, "device " + id + " is not known here",
              "GET /v1/devices lists those that are");
}

net::HttpResponse show_device(const ConsoleParts& parts, const RoutedRequest& request) {
  const Result<DeviceRecord> device = find_device(parts, request.arguments.at(0));
  if (!device) return error_response(device.error());
  return json_response(200, device_json(*device));
}

/// What POST .../actions says, checked.
struct Wish {
  Action action = Action::command;
  ActionParameters parameters;
  std::string command_uuid;
  bool push = true;
};

tl::unexpected<Error> wrong_type(const std::string& key, const char* wanted,
                                 const nlohmann::json& value) {
  return fail(errc::invalid_argument,
              "member '" + key + "' is " + wanted + ", here it is a " + value.type_name());
}

Result<void> take_member(Wish& wish, const std::string& key, const nlohmann::json& value) {
  if (key == "push") {
    if (!value.is_boolean()) return wrong_type(key, "true or false", value);
    wish.push = value.get<bool>();
    return {};
  }
  if (key == "command") {
    if (!value.is_object()) return wrong_type(key, "an object", value);
    UNDERSTUDY_TRY(plist::Value command, plist_from_json(value));
    if (plist::Dict* dict = command.if_dict()) wish.parameters.command = std::move(*dict);
    return {};
  }
  std::string* text = nullptr;
  if (key == "message") text = &wish.parameters.message;
  if (key == "phone_number") text = &wish.parameters.phone_number;
  if (key == "pin") text = &wish.parameters.pin;
  if (key == "command_uuid") text = &wish.command_uuid;
  if (text == nullptr) {
    return fail(errc::invalid_argument, "member '" + key + "' is unknown",
                "there are action, message, phone_number, pin, command, command_uuid and push");
  }
  if (!value.is_string()) return wrong_type(key, "a string", value);
  *text = value.get<std::string>();
  return {};
}

constexpr const char* kActions =
    "there are lock, clear_passcode, wipe, break_mdm and command: {\"action\": \"lock\"}";

Result<nlohmann::json> read_object(const std::string& body) {
  try {
    auto json = nlohmann::json::parse(body);
    if (json.is_object()) return json;
    return fail(errc::invalid_argument, "the body is no JSON object", kActions);
  } catch (const nlohmann::json::exception& e) {  // a number without a double is not a parse_error
    // What it says begins with a number of the library's: "[json.exception.parse_error.101] ...".
    const std::string why = e.what();
    return fail(errc::invalid_argument, "the body is not JSON: " + why.substr(why.find("] ") + 2),
                kActions);
  }
}

Result<Wish> read_wish(const std::string& body) {
  UNDERSTUDY_TRY(const nlohmann::json json, read_object(body));
  if (!json.contains("action") || !json["action"].is_string()) {
    return fail(errc::invalid_argument, "the body names no action", kActions);
  }
  const std::string name = json["action"].get<std::string>();
  const std::optional<Action> action = action_from_name(name);
  if (!action) {
    return fail(errc::invalid_argument, "action '" + name + "' is unknown", kActions);
  }
  Wish wish;
  wish.action = *action;
  for (const auto& [key, value] : json.items()) {
    if (key != "action") UNDERSTUDY_CHECK(take_member(wish, key, value));
  }
  return wish;
}

Result<net::HttpResponse> act(const ConsoleParts& parts, const RoutedRequest& request) {
  UNDERSTUDY_TRY(const DeviceRecord device, find_device(parts, request.arguments.at(0)));
  UNDERSTUDY_TRY(Wish wish, read_wish(request.http.body));
  UNDERSTUDY_CHECK(parts.actions.require_enrolled(device.id));
  UNDERSTUDY_TRY(plist::Dict command,
                 command_for(wish.action, wish.parameters, device, parts.enrollment_identifier));
  if (wish.command_uuid.empty()) wish.command_uuid = parts.rng.uuid();
  UNDERSTUDY_TRY(CommandText text, write_command(wish.command_uuid, std::move(command)));
  const Submission submission{text.command_uuid, text.request_type, std::move(text.body),
                              wish.push};
  UNDERSTUDY_TRY(auto problems,
                 SchemaWitness(parts.store).problems_of_command(device.id, submission.body));
  UNDERSTUDY_TRY(const Submitted submitted, parts.actions.submit(submission, device.id));
  // Asked for twice, it may be further on its way.
  UNDERSTUDY_TRY(const CommandView known,
                 find_command(parts.store, submission.command_uuid, device.id));
  nlohmann::json json = {{"command_uuid", known.uuid},
                         {"device_id", known.device_id},
                         {"request_type", known.request_type},
                         {"status", known.status}};
  if (!submitted.apns_id.empty()) json["apns_id"] = submitted.apns_id;
  if (submitted.known) json["already_queued"] = true;
  if (!problems.empty()) json["schema_problems"] = std::move(problems);
  return json_response(202, json);
}

}  // namespace

void add_device_routes(Router& router, const ConsoleParts& parts) {
  router.add_simple("GET", "/v1/devices",
                    [&parts](const RoutedRequest&) { return list_devices(parts); });
  router.add_simple("GET", "/v1/devices/{id}",
                    [&parts](const RoutedRequest& request) { return show_device(parts, request); });
  router.add_simple("POST", "/v1/devices/{id}/actions", [&parts](const RoutedRequest& request) {
    Result<net::HttpResponse> done = act(parts, request);
    return done ? std::move(*done) : error_response(done.error());
  });
}

}  // namespace understudy::server
