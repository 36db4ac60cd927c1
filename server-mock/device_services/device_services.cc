#include "server-mock/device_services/device_services.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "shared/core/log.h"
#include "shared/plist/plist.h"

namespace understudy::server {
namespace {

/// A device's own text may hold line breaks; a refusal is one line.
std::string one_line(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text + "\n";
}

/// By which a device unenrolls, since iOS 17 and macOS 14; to older ones it is a 403 like any
/// other. Source: mdm/errors/unrecognized.device.yaml.
net::HttpResponse unrecognized(const std::string& why) {
  const nlohmann::json body = {{"code", "com.apple.unrecognized.device"}, {"description", why}};
  using Json = nlohmann::json;
  return net::HttpResponse::of(403, "application/json",
                               body.dump(-1, ' ', false, Json::error_handler_t::replace));
}

net::HttpResponse refusal(const Error& error, const std::string& remote) {
  const int status = http_status(error);
  if (status >= 500) {
    log::error("device_services.failed", {{"remote", remote}, {"error", error.message()}});
  } else {
    log::warn("device_services.refused",
              {{"remote", remote}, {"status", std::to_string(status)}, {"why", error.message()}});
  }
  if (error.code == device_errc::unrecognized) return unrecognized(error.message());
  return net::HttpResponse::text(status, one_line(error.message()));
}

net::HttpResponse wrong_method(const std::string& allowed) {
  net::HttpResponse response =
      net::HttpResponse::text(405, "this URL takes " + allowed + " only\n");
  response.headers.set("Allow", allowed);
  return response;
}

bool says_checkin(const net::IncomingRequest& request) {
  const std::string type = request.headers.find("Content-Type").value_or("");
  return type.starts_with(mdm::kCheckinContentType);
}

plist::ReadOptions reading() {
  plist::ReadOptions options;
  options.mode = plist::Mode::tolerant;
  return options;
}

/// Without its secrets, as text; a body that is no property list is left out.
std::string shown(const plist::Value& message) {
  return plist::write_xml(mdm::redacted(message)).value_or("");
}

std::string kind_of(const plist::Value& message) {
  return message.string_at("MessageType").value_or(message.string_at("Status").value_or("unknown"));
}

}  // namespace

DeviceServices::DeviceServices(Authenticator authenticator, CheckinService& checkins,
                               ReportService& reports, EnrollmentService& enrollments,
                               ScepEndpoint& scep, const SchemaWitness& witness, const Clock& clock,
                               io::Transcript transcript)
    : authenticator_(std::move(authenticator)),
      checkins_(checkins),
      reports_(reports),
      enrollments_(enrollments),
      scep_(scep),
      witness_(witness),
      clock_(clock),
      transcript_(std::move(transcript)) {}

std::vector<std::pair<std::string, std::string>> DeviceServices::routes() {
  return {{"PUT", "/mdm"},
          {"PUT", "/checkin"},
          {"GET", "/enroll"},
          {"GET", "/scep"},
          {"POST", "/scep"}};
}

Task<net::HttpResponse> DeviceServices::handle(net::IncomingRequest request) {
  net::Target target = net::Target::parse(request.target);
  return dispatch(std::move(request), std::move(target));
}

Task<net::HttpResponse> DeviceServices::dispatch(net::IncomingRequest request, net::Target target) {
  const std::string path = target.path;
  if (path == "/mdm" || path == "/checkin") {
    if (request.method != "PUT") co_return wrong_method("PUT");
    co_return mdm(request, path == "/checkin");
  }
  if (path == "/scep") co_return scep_.handle(request, target);
  if (path == "/enroll") {
    if (request.method != "GET") co_return wrong_method("GET");
    Result<net::HttpResponse> profile = co_await enrollments_.profile(std::move(target));
    if (!profile) co_return refusal(profile.error(), request.remote);
    co_return std::move(*profile);
  }
  co_return net::HttpResponse::text(404, "no such URL; devices use /enroll, /scep, /mdm\n");
}

net::HttpResponse DeviceServices::mdm(const net::IncomingRequest& request, bool checkin_only) {
  const Result<plist::Value> message = plist::read(as_bytes(request.body), reading());
  if (!message) {
    return refusal(fail_in("the request's body", message.error()).value(), request.remote);
  }
  Result<net::HttpResponse> answered = answer(request, *message, checkin_only);
  net::HttpResponse response =
      answered ? std::move(*answered) : refusal(answered.error(), request.remote);
  if (response.status == 200) witness_.hear(*message);
  if (transcript_.enabled()) record(*message, response);
  return response;
}

Result<net::HttpResponse> DeviceServices::answer(const net::IncomingRequest& request,
                                                 const plist::Value& message, bool checkin_only) {
  UNDERSTUDY_TRY(const crypto::Certificate certificate, authenticator_.certificate_of(request));
  if (checkin_only || says_checkin(request) || mdm::is_checkin(message)) {
    return checkins_.handle(message, certificate);
  }
  return reports_.handle(message, request.body, certificate);
}

void DeviceServices::record(const plist::Value& message, const net::HttpResponse& response) const {
  const std::string device =
      message.string_at("UDID").value_or(message.string_at("EnrollmentID").value_or(""));
  const std::string kind = kind_of(message);
  io::Transcript::Entry entry;
  entry.time = clock_.now();
  entry.lane = "server";
  entry.device = device;
  entry.kind = kind;
  entry.request = shown(message);
  entry.status = response.status;
  entry.response = response.status == 200 ? "" : response.body;
  if (const auto uuid = message.string_at("CommandUUID")) {
    entry.ids.emplace_back("command_uuid", *uuid);
  }
  const Result<plist::Value> reply = plist::read(as_bytes(response.body));
  if (reply) {
    entry.response = shown(*reply);
    if (const auto uuid = reply->string_at("CommandUUID")) {
      entry.ids.emplace_back("next_command_uuid", *uuid);
    }
  }
  transcript_.write(entry);
}

}  // namespace understudy::server
