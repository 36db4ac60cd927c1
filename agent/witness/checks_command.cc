#include <algorithm>
#include <iterator>

#include "agent/device/longest_text.h"
#include "agent/witness/checks.h"
#include "agent/witness/http_answer.h"
#include "shared/mdm/validate.h"
#include "shared/plist/plist.h"

namespace understudy::agent::witness {
namespace {

using Kind = mdm::Problem::Kind;

/// What follows the first end of the root element: a string cannot hold that text.
bool has_trailing_octets(std::string_view body) {
  constexpr std::string_view kEnd = "</plist>";
  const std::size_t at = body.find(kEnd);
  if (at == std::string_view::npos) return false;
  const std::string_view rest = body.substr(at + kEnd.size());
  return !rest.empty() && !is_white_space(rest);
}

/// The message as the device reads it; nothing when it cannot.
std::optional<plist::Value> read_message(std::string_view body, Findings& out) {
  if (body.starts_with("bplist")) {
    out.push_back(found("command/binary-plist", "the body begins with bplist"));
  }
  auto strict = plist::read(as_bytes(body));
  if (strict) return std::move(*strict);
  plist::ReadOptions options;
  options.mode = plist::Mode::tolerant;
  auto tolerant = plist::read(as_bytes(body), options);
  if (!tolerant) {
    out.push_back(found("command/not-a-plist", tolerant.error().message()));
    return std::nullopt;
  }
  const bool trailing = has_trailing_octets(body);
  out.push_back(found(trailing ? "command/trailing-octets" : "command/lenient-plist",
                      strict.error().message()));
  return std::move(*tolerant);
}

/// CommandUUID and Command{RequestType}, and nothing beside them.
bool check_envelope(const plist::Value& message, const std::string& uuid, Findings& out) {
  if (uuid.empty()) {
    const bool there = message.find("CommandUUID") != nullptr;
    out.push_back(found("command/missing-uuid",
                        there ? "CommandUUID is empty or no string" : "CommandUUID is missing"));
  }
  for (const auto& [name, value] : *message.if_dict()) {
    if (name == "CommandUUID" || name == "Command") continue;
    out.push_back(found("command/unknown-key",
                        name.substr(0, 60) + ": stands beside Command, where only CommandUUID does",
                        uuid, "docs/protocol/answers.md 8.9"));
    if (out.size() >= kMaxPerMessage) break;
  }
  const plist::Value* command = message.find("Command");
  const bool is_command = command != nullptr && command->is(plist::Type::dict);
  if (is_command && command->string_at("RequestType")) return true;
  out.push_back(found("command/missing-request-type",
                      is_command ? "Command.RequestType is missing or no string"
                                 : "Command is missing or no dictionary",
                      uuid));
  return false;
}

/// Breaking MDM is always allowed (11.5).
bool removes_enrollment(const plist::Value& command, const Recipient& recipient) {
  return command.string_at("RequestType") == "RemoveProfile" &&
         command.string_at("Identifier") == recipient.enrollment_profile;
}

void check_content(const plist::Value& message, const Recipient& recipient, const std::string& uuid,
                   Findings& out) {
  const auto& catalog = mdm::Catalog::builtin();
  const plist::Value& command = *message.find("Command");
  const mdm::MessageSpec* spec = catalog.command(*command.string_at("RequestType"));
  if (has_endless_text(command)) {
    out.push_back(found("command/endless-text", *command.string_at("RequestType"), uuid));
  }
  for (const auto& problem : mdm::validate_command(catalog, message, recipient.target)) {
    if (problem.path == "CommandUUID") continue;  // said already
    if (problem.kind == Kind::needs_right && removes_enrollment(command, recipient)) continue;
    if (out.size() >= kMaxPerMessage) return;
    const std::string where = problem.path.empty() ? "" : problem.path + ": ";
    out.push_back(found("command/" + std::string(mdm::problem_name(problem.kind)),
                        where + problem.what, uuid,
                        spec == nullptr ? std::string_view() : std::string_view(spec->file)));
  }
}

/// The body of a success. The CommandUUID; empty when none can be read.
std::string check_message(const net::HttpResponse& answer, const Recipient& recipient,
                          Findings& out) {
  if (is_no_message(answer, out)) return "";
  if (media_type(answer) != "application/xml") {
    out.push_back(found("http/command-content-type", "Content-Type is " + shown_type(answer)));
  }
  const auto message = read_message(answer.body, out);
  if (!message) return "";
  if (!message->is(plist::Type::dict)) {
    out.push_back(found("command/not-a-dictionary",
                        "the message is " + std::string(plist::type_name(message->type()))));
    return "";
  }
  const std::string uuid = message->string_at("CommandUUID").value_or("");
  if (check_envelope(*message, uuid, out)) check_content(*message, recipient, uuid, out);
  return uuid;
}

}  // namespace

Findings check_command_answer(const net::HttpResponse& answer, const Recipient& recipient,
                              std::string_view answered) {
  Findings out;
  check_status(answer, recipient, "", out);
  if (!is_success(answer) || answer.body.empty()) return out;
  Findings of_message;
  const std::string uuid = check_message(answer, recipient, of_message);
  const std::string to = answered.empty() ? "Idle" : "the result of " + std::string(answered);
  for (Finding& finding : of_message) name_message(finding, uuid, to);
  std::ranges::move(of_message, std::back_inserter(out));
  return out;
}

}  // namespace understudy::agent::witness
