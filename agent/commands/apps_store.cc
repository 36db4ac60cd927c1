/// ApplyRedemptionCode, ValidateApplications, InviteToProgram. Sources: mdm/commands/
/// application.redemptioncode.yaml, application.validate.yaml, application.invitetoprogram.yaml.

#include <algorithm>

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"
#include "agent/commands/progress.h"

namespace understudy::agent {

Outcome apply_redemption_code(Device& device, const mdm::Command& command,
                              const Surroundings& around) {
  const std::string identifier = text_argument(command, "Identifier").value_or("");
  ManagedApp* app = device.find_managed_app(identifier);
  if (app == nullptr) {
    return Outcome::refusal(codes::kAppNotManaged, "\"" + identifier + "\" is no managed app.");
  }
  if (app->status != "NeedsRedemption") {
    return Outcome::refusal(codes::kNotWaitingForRedemption,
                            "\"" + identifier + "\" does not wait for a redemption code.");
  }
  if (text_argument(command, "RedemptionCode").value_or("").empty()) {
    return Outcome::refusal(codes::kInvalidRedemptionCode, "The redemption code is empty.");
  }
  app->status = "Redeeming";
  app->changed_at = now_seconds(around);
  return Outcome::acknowledged();
}

Outcome validate_applications(Device& device, const mdm::Command& command, const Surroundings&) {
  const auto identifiers = texts_argument(command, "Identifiers");
  for (ManagedApp& app : device.managed_apps) {
    const bool asked = identifiers.empty() || std::ranges::count(identifiers, app.identifier) > 0;
    app.validated = app.validated || asked;
  }
  return Outcome::acknowledged();
}

Outcome invite_to_program(Device& device, const mdm::Command& command, const Surroundings&) {
  const std::string url = text_argument(command, "InvitationURL").value_or("");
  const char* result = "Acknowledged";
  if (text_argument(command, "ProgramID") != "com.apple.cloudvpp") {
    result = "InvalidProgramID";
  } else if (!url.starts_with("https://")) {
    result = "InvalidInvitationURL";
  } else {
    device.program_invitation = url;
  }
  plist::Dict body;
  body.emplace("InvitationResult", result);
  return Outcome::acknowledged(std::move(body));
}

}  // namespace understudy::agent
