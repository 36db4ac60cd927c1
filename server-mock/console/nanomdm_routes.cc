#include <nlohmann/json.hpp>

#include "server-mock/console/command_view.h"
#include "server-mock/console/console_api.h"
#include "server-mock/console/json_text.h"
#include "server-mock/witness/schema_witness.h"
#include "server-mock/workflow/console_commands.h"

/// NanoMDM's calls, in its shapes; /v1/pushcert is in push_certificate_routes.cc. Source:
/// micromdm/nanomdm docs/openapi.yaml and docs/operations-guide.md.

namespace understudy::server {
namespace {

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

/// Empty: nothing is to be said. NanoMDM has no word for a command that is there already.
Result<nlohmann::json> enqueue_one(const ConsoleParts& parts, const Submission& submission,
                                   const std::string& id) {
  UNDERSTUDY_TRY(auto problems,
                 SchemaWitness(parts.store).problems_of_command(id, submission.body));
  UNDERSTUDY_TRY(const Submitted submitted, parts.actions.submit(submission, id));
  nlohmann::json said = nlohmann::json::object();
  if (!submitted.apns_id.empty()) said["push_result"] = submitted.apns_id;
  if (!problems.empty()) said["schema_problems"] = std::move(problems);
  if (!submitted.known) return said;
  UNDERSTUDY_TRY(const CommandView known, find_command(parts.store, submission.command_uuid, id));
  said["already_queued"] = true;
  said["command_status"] = known.status;
  return said;
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
  std::size_t failed = 0, conflicts = 0;
  for (const std::string& id : ids) {
    const Result<nlohmann::json> done = enqueue_one(parts, submission, id);
    if (!done) {
      status[id] = {{"command_error", done.error().message()}};
      ++failed;
      if (done.error().code == errc::already_exists) ++conflicts;
    } else if (!done->empty()) {
      status[id] = *done;
    }
  }
  nlohmann::json json = {{"command_uuid", submission.command_uuid},
                         {"request_type", submission.request_type}};
  if (!status.empty()) json["status"] = std::move(status);
  if (no_push) json["no_push"] = true;
  const bool is_conflict = conflicts == ids.size();
  return json_response(is_conflict ? 409 : status_of(failed, ids.size()), json);
}

}  // namespace

void add_nanomdm_routes(Router& router, const ConsoleParts& parts) {
  const auto enqueued = [&parts](const RoutedRequest& request) { return enqueue(parts, request); };
  const auto pushed = [&parts](const RoutedRequest& request) { return push(parts, request); };
  router.add_simple("PUT", "/v1/enqueue/{ids}", enqueued);
  router.add_simple("POST", "/v1/enqueue/{ids}", enqueued);
  router.add_simple("GET", "/v1/push/{ids}", pushed);
  router.add_simple("PUT", "/v1/push/{ids}", pushed);
}

}  // namespace understudy::server
