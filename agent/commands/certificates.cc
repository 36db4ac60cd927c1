/// CertificateList. Source: mdm/commands/certificate.list.yaml.

#include <set>

#include "agent/commands/arguments.h"
#include "agent/commands/handlers.h"

namespace understudy::agent {

Outcome certificate_list(Device& device, const mdm::Command& command, const Surroundings&) {
  const bool managed_only = flag_argument(command, "ManagedOnly");
  std::set<std::string> managed;
  for (const InstalledProfile& profile : device.profiles) {
    if (profile.managed) managed.insert(profile.identifier);
  }
  if (device.enrollment) managed.insert(device.enrollment->profile_identifier);

  plist::Array list;
  for (const KeychainItem& item : device.keychain) {
    if (managed_only && !managed.contains(item.profile_identifier)) continue;
    plist::Dict entry;
    entry.emplace("CommonName", item.common_name);
    entry.emplace("IsIdentity", !item.private_key_der.empty());
    entry.emplace("Data", item.certificate_der);
    list.emplace_back(std::move(entry));
  }
  plist::Dict body;
  body.emplace("CertificateList", std::move(list));
  return Outcome::acknowledged(std::move(body));
}

}  // namespace understudy::agent
