#include "agent/commands/perform.h"

#include <algorithm>
#include <optional>

#include "agent/commands/errors.h"
#include "agent/commands/progress.h"
#include "agent/commands/reply.h"
#include "agent/device/longest_text.h"
#include "shared/mdm/validate.h"

namespace understudy::agent {
namespace {

using Kind = mdm::Problem::Kind;

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

Outcome format_error(const std::string& why) {
  Outcome outcome =
      Outcome::error(mdm::kMdmErrorDomain, codes::kMalformedRequest, "Malformed command: " + why);
  outcome.status = mdm::Status::command_format_error;
  return outcome;
}

/// A refusal of the whole command, whatever its keys; nullopt when the problem is of another sort.
std::optional<Outcome> refusal_for(const mdm::Problem& problem, const std::string& request_type) {
  switch (problem.kind) {
    case Kind::unknown_request:
    case Kind::not_on_platform:
    case Kind::wrong_channel:
    case Kind::wrong_enrollment:
    case Kind::needs_automated_enrollment:
      return Outcome::error(
          mdm::kMdmErrorDomain, codes::kInvalidRequestType,
          quoted(request_type) + " is no request this device takes: " + problem.what);
    case Kind::needs_supervision:
      return Outcome::error(codes::kChaperoneDomain, codes::kNotSupervised,
                            quoted(request_type) + " needs a supervised device.");
    default:
      return std::nullopt;
  }
}

/// Unknown keys and odd values pass: newer servers send what this schema does not know
/// (docs/protocol/device-facts.md 14.8), and handlers look at the values they use.
std::optional<Outcome> judge_keys(const mdm::Catalog& catalog, const plist::Value& message,
                                  const mdm::Target& target) {
  for (const mdm::Problem& problem : mdm::validate_command(catalog, message, target)) {
    if (problem.kind != Kind::missing_key && problem.kind != Kind::wrong_type) continue;
    return format_error(problem.path + ": " + problem.what);
  }
  return std::nullopt;
}

/// Breaking MDM is always allowed, whatever the rights (11.5).
bool breaks_mdm(const Device& device, const mdm::Command& command) {
  if (command.request_type != "RemoveProfile" || !device.enrollment) return false;
  const auto identifier = command.body.find("Identifier");
  return identifier != command.body.end() && identifier->second.if_string() != nullptr &&
         *identifier->second.if_string() == device.enrollment->profile_identifier;
}

std::optional<Outcome> judge(const Device& device, const mdm::Command& command,
                             const plist::Value& message, const mdm::Target& target) {
  const auto& catalog = mdm::Catalog::builtin();
  const auto problems = mdm::check_allowed(catalog, command.request_type, target);
  for (const mdm::Problem& problem : problems) {
    if (auto refusal = refusal_for(problem, command.request_type)) return refusal;
  }
  if (auto refusal = judge_keys(catalog, message, target)) return refusal;
  if (has_endless_text(command.body)) {
    return format_error("a text of more than " + std::to_string(kLongestText) + " bytes");
  }
  const bool lacks_right = std::ranges::any_of(
      problems, [](const mdm::Problem& problem) { return problem.kind == Kind::needs_right; });
  if (lacks_right && !breaks_mdm(device, command)) {
    return Outcome::error(
        mdm::kMdmErrorDomain, codes::kNotAuthorized,
        "The enrollment's access rights do not allow " + quoted(command.request_type) + ".");
  }
  if (command.needs_tether() && target.platform == mdm::Platform::ios && !device.tethered) {
    return Outcome::error(mdm::kMdmErrorDomain, codes::kNotTethered,
                          quoted(command.request_type) + " wants a tethered network connection.");
  }
  return std::nullopt;
}

const CommandRow* find_row(std::string_view request_type) {
  const auto table = command_table();
  const auto found = std::ranges::find(table, request_type, &CommandRow::request_type);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace

Outcome Outcome::acknowledged(plist::Dict body) {
  Outcome outcome;
  outcome.body = std::move(body);
  return outcome;
}

Outcome Outcome::error(std::string domain, std::int64_t code, std::string description) {
  Outcome outcome;
  outcome.status = mdm::Status::error;
  outcome.errors.push_back({std::move(domain), code, std::move(description)});
  return outcome;
}

Outcome Outcome::refusal(std::int64_t code, std::string description) {
  return error(mdm::kMdmErrorDomain, code, std::move(description));
}

Outcome Outcome::not_now() {
  Outcome outcome;
  outcome.status = mdm::Status::not_now;
  return outcome;
}

Outcome perform(Device& device, const plist::Value& message, const Surroundings& around) {
  const auto command = mdm::parse_command(message);
  if (!command) return format_error(command.error().message());
  catch_up(device, around);
  mdm::Target target = device.target();
  target.channel = around.channel;
  if (auto refusal = judge(device, *command, message, target)) return *std::move(refusal);
  const CommandRow* row = find_row(command->request_type);
  if (row == nullptr) {
    return Outcome::error(
        mdm::kMdmErrorDomain, codes::kInvalidRequestType,
        quoted(command->request_type) + " is a valid command that this stand-in does not model.");
  }
  if (device.lost_mode.on && !row->in_lost_mode) {
    return Outcome::refusal(codes::kInvalidInLostMode,
                            quoted(command->request_type) + " is not performed in Lost Mode.");
  }
  if (around.why_not_now != nullptr &&
      !around.why_not_now(device, command->request_type, around.channel).empty()) {
    return Outcome::not_now();
  }
  Outcome outcome = row->handler(device, *command, around);
  if (outcome.status == mdm::Status::acknowledged) {
    const mdm::MessageSpec* spec = mdm::Catalog::builtin().command(command->request_type);
    fit_to_schema(outcome.body, spec->response, target);
  }
  return outcome;
}

}  // namespace understudy::agent
