/// RemoveProfile, ProfileList. Sources: mdm/commands/profile.remove.yaml, profile.list.yaml;
/// docs/protocol/device-facts.md 2.5, 11.5.

#include <algorithm>

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"
#include "agent/commands/reply.h"
#include "agent/payloads/removal.h"
#include "agent/payloads/stored_profile.h"

namespace understudy::agent {
namespace {

using plist::Array;
using plist::Dict;

/// The headers of one payload; its settings, and secrets among them, stay on the device.
Dict payload_headers(const mdm::Payload& payload) {
  Dict entry;
  entry.emplace("PayloadType", payload.type);
  entry.emplace("PayloadVersion", payload.version);
  entry.emplace("PayloadIdentifier", payload.identifier);
  entry.emplace("PayloadUUID", payload.uuid);
  put_text(entry, "PayloadDisplayName", payload.display_name);
  for (const char* key : {"PayloadDescription", "PayloadOrganization"}) {
    const auto text = payload.body.find(key);
    if (text != payload.body.end() && text->second.if_string() != nullptr) {
      entry.emplace(key, *text->second.if_string());
    }
  }
  return entry;
}

void describe_content(Dict& entry, const mdm::Profile& profile) {
  put_text(entry, "PayloadDisplayName", profile.display_name);
  put_text(entry, "PayloadOrganization", profile.organization);
  put_text(entry, "PayloadDescription", profile.description);
  entry.emplace("PayloadVersion", profile.version);
  entry.emplace("PayloadRemovalDisallowed", profile.removal_disallowed);
  entry.emplace("IsEncrypted", profile.encrypted);
  entry.emplace("HasRemovalPasscode",
                std::ranges::count(profile.payloads, "com.apple.profileRemovalPassword",
                                   &mdm::Payload::type) > 0);
  Array signers;
  for (const auto& certificate : profile.signers) signers.emplace_back(certificate.der());
  entry.emplace("SignerCertificates", std::move(signers));
  if (profile.encrypted) return;  // then even the headers are nobody else's business
  Array content;
  for (const mdm::Payload& payload : profile.payloads) {
    content.emplace_back(payload_headers(payload));
  }
  entry.emplace("PayloadContent", std::move(content));
}

Dict describe(const Device& device, const InstalledProfile& installed) {
  Dict entry;
  entry.emplace("PayloadIdentifier", installed.identifier);
  entry.emplace("PayloadUUID", installed.uuid);
  // Not told on supervised devices, where MDM may remove any profile.
  if (!device.supervised) entry.emplace("IsManaged", installed.managed);
  if (const auto profile = read_profile(device, installed.raw)) describe_content(entry, *profile);
  return entry;
}

Outcome leave(Enrollment& enrollment) {
  // The result and CheckOut still need the identity: it all goes once they are away.
  enrollment.stage = Enrollment::Stage::leaving;
  Outcome outcome = Outcome::acknowledged();
  outcome.then = Outcome::Then::leave;
  return outcome;
}

}  // namespace

Outcome remove_profile(Device& device, const mdm::Command& command, const Surroundings&) {
  const std::string identifier = text_argument(command, "Identifier").value_or("");
  if (device.enrollment && identifier == device.enrollment->profile_identifier) {
    return leave(*device.enrollment);
  }
  const InstalledProfile* profile = device.find_profile(identifier);
  if (profile == nullptr) {
    return Outcome::error(mdm::kMdmErrorDomain, codes::kProfileNotInstalled,
                          "The profile \"" + identifier + "\" is not installed.");
  }
  if (!profile->managed && !device.supervised) {
    return Outcome::error(mdm::kMdmErrorDomain, codes::kProfileNotManaged,
                          "The profile \"" + identifier + "\" was not installed by MDM.");
  }
  remove_installed_profile(device, identifier);
  return Outcome::acknowledged();
}

Outcome profile_list(Device& device, const mdm::Command& command, const Surroundings&) {
  const bool managed_only = flag_argument(command, "ManagedOnly");
  Array list;
  for (const InstalledProfile& profile : device.profiles) {
    if (!managed_only || profile.managed) list.emplace_back(describe(device, profile));
  }
  Dict body;
  body.emplace("ProfileList", std::move(list));
  return Outcome::acknowledged(std::move(body));
}

}  // namespace understudy::agent
