#include <nlohmann/json.hpp>

#include "server-mock/console/console_api.h"
#include "server-mock/console/json_text.h"
#include "server-mock/workflow/console_commands.h"
#include "shared/apns/provider.h"
#include "shared/core/errc.h"
#include "shared/crypto/certificate.h"

/// NanoMDM's calls, in its shapes. Source: micromdm/nanomdm docs/openapi.yaml and
/// docs/operations-guide.md.

namespace understudy::server {
namespace {

constexpr const char* kEnvironment = "production";

std::vector<std::string> split_ids(const std::string& text) {
  std::vector<std::string> ids;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t comma = text.find(',', begin);
    ids.push_back(text.substr(begin, comma - begin));
    if (comma == std::string::npos) return ids;
    begin = comma + 1;
  }
}

/// All well 200, all failed 500, otherwise 207.
int status_of(std::size_t failed, std::size_t all) {
  if (failed == 0) return 200;
  return failed == all ? 500 : 207;
}

net::HttpResponse push(const ConsoleParts& parts, const RoutedRequest& request) {
  const std::vector<std::string> ids = split_ids(request.arguments.at(0));
  nlohmann::json status = nlohmann::json::object();
  std::size_t failed = 0;
  for (const std::string& id : ids) {
    const Result<std::string> apns_id = parts.actions.push_only(id);
    if (apns_id) {
      status[id] = {{"push_result", *apns_id}};
    } else {
      status[id] = {{"push_error", apns_id.error().message()}};
      ++failed;
    }
  }
  return json_response(status_of(failed, ids.size()),
                       nlohmann::json{{"status", std::move(status)}});
}

net::HttpResponse enqueue(const ConsoleParts& parts, const RoutedRequest& request) {
  Result<CommandText> command = read_command(request.http.body);
  if (!command) {
    return json_response(
        api_status(command.error()),
        nlohmann::json{{"command_error", "decoding command: " + command.error().message()}});
  }
  const bool no_push = !request.target.parameter("nopush").value_or("").empty();
  const Submission submission{command->command_uuid, command->request_type,
                              std::move(command->body), !no_push};
  const std::vector<std::string> ids = split_ids(request.arguments.at(0));
  nlohmann::json status = nlohmann::json::object();
  std::size_t failed = 0;
  for (const std::string& id : ids) {
    const Result<std::string> apns_id = parts.actions.submit(submission, id);
    if (!apns_id) {
      status[id] = {{"command_error", apns_id.error().message()}};
      ++failed;
    } else if (!apns_id->empty()) {
      status[id] = {{"push_result", *apns_id}};
    }
  }
  nlohmann::json json = {{"command_uuid", submission.command_uuid},
                         {"request_type", submission.request_type}};
  if (!status.empty()) json["status"] = std::move(status);
  if (no_push) json["no_push"] = true;
  return json_response(status_of(failed, ids.size()), json);
}

/// `cat cert.pem key.pem` of files without a last line break.
std::string with_line_breaks(std::string pem) {
  constexpr std::string_view kJoined = "----------";
  for (std::size_t at = pem.find(kJoined); at != std::string::npos; at = pem.find(kJoined, at)) {
    pem.replace(at, kJoined.size(), "-----\n-----");
  }
  return pem;
}

net::HttpResponse show_record(const PushCertificateRecord& record) {
  return json_response(
      200, nlohmann::json{{"topic", record.topic}, {"not_after", format_time(record.not_after)}});
}

Result<PushCertificateRecord> read_push_certificate(const std::string& body) {
  UNDERSTUDY_TRY(const crypto::Identity identity,
                 crypto::Identity::from_pem(with_line_breaks(body)));
  const std::string topic = identity.certificate.subject().find(crypto::kUidOid).value_or("");
  if (!topic.starts_with(apns::kMdmTopicPrefix)) {
    return fail(
        errc::invalid_argument, "the certificate's UID is '" + topic + "', no MDM push topic",
        "an MDM push certificate has a UID that begins " + std::string(apns::kMdmTopicPrefix));
  }
  PushCertificateRecord record;
  record.environment = kEnvironment;
  record.pem = identity.pem();
  record.topic = topic;
  record.not_after = identity.certificate.not_after();
  return record;
}

net::HttpResponse put_push_certificate(const ConsoleParts& parts, const RoutedRequest& request) {
  const Result<PushCertificateRecord> record = read_push_certificate(request.http.body);
  if (!record) return error_response(record.error());
  const Result<void> stored = parts.store.put_push_certificate(*record);
  if (!stored) return error_response(stored.error());
  parts.push_certificate_changed();
  return show_record(*record);
}

net::HttpResponse get_push_certificate(const ConsoleParts& parts, const RoutedRequest& request) {
  const auto read = parts.store.push_certificate(kEnvironment);
  if (!read) return error_response(read.error());
  const std::optional<PushCertificateRecord>& record = *read;
  const std::optional<std::string> topic = request.target.parameter("topic");
  if (!record || (topic && *topic != record->topic)) {
    return error_response(
        404, "there is no push certificate" + (topic ? " for topic " + *topic : std::string()));
  }
  return show_record(*record);
}

}  // namespace

void add_nanomdm_routes(Router& router, const ConsoleParts& parts) {
  const auto enqueued = [&parts](const RoutedRequest& request) { return enqueue(parts, request); };
  const auto pushed = [&parts](const RoutedRequest& request) { return push(parts, request); };
  router.add_simple("PUT", "/v1/enqueue/{ids}", enqueued);
  router.add_simple("POST", "/v1/enqueue/{ids}", enqueued);
  router.add_simple("GET", "/v1/push/{ids}", pushed);
  router.add_simple("PUT", "/v1/push/{ids}", pushed);
  router.add_simple("PUT", "/v1/pushcert", [&parts](const RoutedRequest& request) {
    return put_push_certificate(parts, request);
  });
  router.add_simple("GET", "/v1/pushcert", [&parts](const RoutedRequest& request) {
    return get_push_certificate(parts, request);
  });
}

}  // namespace understudy::server
