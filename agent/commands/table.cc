/// The commands that are performed. What is not here is answered with 12021, which says so.

#include <array>

#include "agent/commands/handlers.h"

namespace understudy::agent {

std::span<const CommandRow> command_table() {
  static constexpr auto kTable = std::to_array<CommandRow>({
      {"CertificateList", certificate_list},
      {"ClearPasscode", clear_passcode},
      {"DeviceInformation", device_information},
      {"DeviceLock", device_lock},
      {"EraseDevice", erase_device},
      {"InstallProfile", install_profile},
      {"InstalledApplicationList", installed_application_list},
      {"ProfileList", profile_list},
      {"RemoveProfile", remove_profile},
      {"SecurityInfo", security_info},
  });
  return kTable;
}

}  // namespace understudy::agent
