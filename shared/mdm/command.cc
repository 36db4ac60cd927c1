#include <algorithm>
#include <array>

#include "shared/mdm/fields.h"
#include "shared/mdm/foreign_text.h"
#include "shared/mdm/messages.h"
#include "shared/mdm/sender.h"

namespace understudy::mdm {
namespace {

constexpr std::array<std::string_view, 5> kStatusNames = {"Idle", "Acknowledged", "Error",
                                                          "CommandFormatError", "NotNow"};

tl::unexpected<Error> no_dictionary(const char* what, const plist::Value& message) {
  return fail(errc::wrong_type, std::string(what) + ": the message is " +
                                    std::string(plist::type_name(message.type())) +
                                    ", should be <dictionary>");
}

bool is_envelope(std::string_view key) {
  return key == "Status" || key == "CommandUUID" || key == "ErrorChain" || key == "NotOnConsole" ||
         is_sender_key(key);
}

}  // namespace

bool Command::needs_tether() const {
  const auto found = body.find("RequestRequiresNetworkTether");
  return found != body.end() && found->second == plist::Value(true);
}

plist::Value to_plist(const Command& command) {
  plist::Dict body = command.body;
  body["RequestType"] = command.request_type;
  return plist::Dict{{"CommandUUID", command.uuid}, {"Command", std::move(body)}};
}

Result<Command> parse_command(const plist::Value& message) {
  const auto* dict = message.if_dict();
  if (dict == nullptr) return no_dictionary("command", message);
  const std::string hint = "a command is {CommandUUID, Command: {RequestType, ...}}";
  const Fields fields(*dict, "command", hint);
  Command command;
  UNDERSTUDY_TRY(command.uuid, fields.text("CommandUUID"));
  UNDERSTUDY_TRY(const plist::Dict* body, fields.dict("Command"));
  command.body = *body;
  UNDERSTUDY_TRY(command.request_type, Fields(*body, "Command", hint).text("RequestType"));
  return command;
}

std::string_view status_name(Status status) {
  return kStatusNames.at(static_cast<std::size_t>(status));
}

std::optional<Status> status_from_name(std::string_view name) {
  const auto found = std::ranges::find(kStatusNames, name);
  if (found == kStatusNames.end()) return std::nullopt;
  return static_cast<Status>(found - kStatusNames.begin());
}

plist::Value to_plist(const Report& report) {
  plist::Dict out = report.body;
  out["Status"] = status_name(report.status);
  if (!report.command_uuid.empty()) out["CommandUUID"] = report.command_uuid;
  if (!report.error_chain.empty()) out["ErrorChain"] = to_plist(report.error_chain);
  if (report.not_on_console) out["NotOnConsole"] = *report.not_on_console;
  write_sender(report.sender, out);
  return out;
}

Result<Report> parse_report(const plist::Value& message) {
  const auto* dict = message.if_dict();
  if (dict == nullptr) return no_dictionary("result", message);
  const Fields fields(*dict, "result", "see docs/protocol/messages.md");
  UNDERSTUDY_TRY(const std::string name, fields.text("Status"));
  const auto status = status_from_name(name);
  if (!status) {
    return fields.refuse(errc::unknown_message, "Status", quote(name) + " does not exist");
  }
  Report report;
  report.status = *status;
  if (report.status == Status::idle) {
    UNDERSTUDY_TRY(report.command_uuid, fields.text_or("CommandUUID", ""));
  } else {
    UNDERSTUDY_TRY(report.command_uuid, fields.text("CommandUUID"));
    if (report.command_uuid.empty())
      return fields.refuse(errc::missing_key, "CommandUUID", "is empty");
  }
  UNDERSTUDY_TRY(report.sender, read_sender(*dict, "result"));
  UNDERSTUDY_TRY(const plist::Array* chain, fields.maybe_array("ErrorChain"));
  if (chain != nullptr) report.error_chain = error_chain_from_plist(*chain);
  UNDERSTUDY_TRY(report.not_on_console, fields.maybe_boolean("NotOnConsole"));
  report.body = *dict;
  std::erase_if(report.body, [](const auto& member) { return is_envelope(member.first); });
  return report;
}

}  // namespace understudy::mdm
