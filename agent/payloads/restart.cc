#include "agent/payloads/restart.h"

#include <utility>

#include "agent/payloads/file_vault.h"

namespace understudy::agent {
namespace {

void change_firmware(MacSecurity& mac) {
  if (!mac.firmware_change) return;
  mac.firmware_password = std::move(mac.firmware_change->password);
  mac.allow_option_roms = mac.firmware_change->allow_option_roms;
  mac.firmware_change.reset();
}

}  // namespace

void restart(Device& device) {
  ++device.restarts;
  device.powered_off = false;
  device.power.power_nap = false;
  change_firmware(device.mac);
  device.mirroring_to.clear();
  device.waits_for_first_unlock = !device.passcode.empty();
  if (device.waits_for_first_unlock) device.locked = true;
  for (User& user : device.users) {
    user.logged_in = false;
    user.keychain_locked = false;
  }
  device.console_user.clear();
  end_shared_session(device);
  switch_on_file_vault(device);
}

}  // namespace understudy::agent
