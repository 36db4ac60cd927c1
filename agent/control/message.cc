#include "agent/control/message.h"

#include <nlohmann/json.hpp>

#include "shared/core/errc.h"

namespace understudy::agent::control {
namespace {

using Json = nlohmann::ordered_json;

std::string one_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Absent reads as empty.
bool take(const Json& json, const char* key, std::string& out) {
  const auto member = json.find(key);
  if (member == json.end()) return true;
  if (!member->is_string()) return false;
  out = member->get<std::string>();
  return true;
}

}  // namespace

std::string write(const Request& request) {
  Json json;
  json["device"] = request.device;
  json["action"] = request.action;
  if (!request.argument.empty()) json["argument"] = request.argument;
  return one_line(json);
}

std::string write(const Reply& reply) {
  Json json;
  json["ok"] = reply.ok;
  if (!reply.ok) json["usage"] = reply.usage;
  json["text"] = reply.text;
  return one_line(json);
}

Result<Request> read_request(std::string_view line) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  Request request;
  const bool is_well_formed = json.is_object() && take(json, "device", request.device) &&
                              take(json, "action", request.action) &&
                              take(json, "argument", request.argument);
  if (!is_well_formed || request.device.empty() || request.action.empty()) {
    return fail(errc::invalid_argument, "the request is no control request",
                R"(one line: {"device": "d1", "action": "unlock"})");
  }
  return request;
}

Result<Reply> read_reply(std::string_view line) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  Reply reply;
  const auto ok = json.is_object() ? json.find("ok") : json.end();
  if (!json.is_object() || ok == json.end() || !ok->is_boolean() ||
      !take(json, "text", reply.text)) {
    return fail(errc::invalid_argument, "the answer is no control reply");
  }
  reply.ok = ok->get<bool>();
  const auto usage = json.find("usage");
  reply.usage = usage != json.end() && usage->is_boolean() && usage->get<bool>();
  return reply;
}

}  // namespace understudy::agent::control
