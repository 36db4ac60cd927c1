#include "agent/hands/hands.h"

#include <algorithm>
#include <array>

#include "agent/hands/motions.h"
#include "shared/core/errc.h"

namespace understudy::agent {
namespace {

bool is_optional(const HandRow& row) {
  return row.argument.starts_with('[');
}

/// "unlock [PASSCODE]".
std::string form(const HandRow& row) {
  std::string text(row.action);
  if (!row.argument.empty()) text += " " + std::string(row.argument);
  return text;
}

std::string known_actions() {
  std::string known;
  for (const HandRow& row : hand_table()) {
    known += (known.empty() ? "" : ", ") + std::string(row.action);
  }
  return known;
}

}  // namespace

std::span<const HandRow> hand_table() {
  static constexpr auto kTable = std::to_array<HandRow>({
      {"unlock", "[PASSCODE]", "opens it; with a passcode (a locked Mac: PIN) only if it fits",
       hands::unlock},
      {"lock", "", "locks the screen", hands::lock_screen},
      {"set-passcode", "TEXT", "gives it a passcode", hands::set_passcode},
      {"clear-passcode", "", "takes the passcode away", hands::clear_passcode_by_hand},
      {"log-in", "USER", "on a Mac, or on a Shared iPad, where an unknown user is a new one",
       hands::log_in},
      {"log-out", "", "everybody", hands::log_out},
      {"lock-out", "USER", "of a Mac, by too many wrong passwords; UnlockUserAccount ends it",
       hands::lock_out},
      {"fill-data", "USER", "of a Shared iPad, with what is in no cloud until their next log-in",
       hands::fill_data},
      {"lock-keychain", "USER", "a Mac's, until unlock-keychain or their next log-in",
       hands::lock_keychain},
      {"unlock-keychain", "USER", "with their password", hands::unlock_keychain},
      {"power-nap", "on|off", "a Mac with a battery sleeps away from its charger; or wakes",
       hands::power_nap},
      {"restart", "", "turns it off and on; a passcode has to be entered then",
       hands::restart_by_hand},
      {"turn-off", "", "until turn-on", hands::turn_off, true},
      {"turn-on", "", "also after a ShutDownDevice", hands::turn_on, true},
      {"go-offline", "", "no push channel and no connection until come-online", hands::go_offline,
       true},
      {"come-online", "", "and hear what was pushed meanwhile", hands::come_online, true},
      {"drain-battery", "[LEVEL]", "unplugs it and leaves so many percent, or 5",
       hands::drain_battery, true},
      {"charge", "", "plugs it in until it is full", hands::charge, true},
      {"travel", "LAT,LON", "takes it there, in degrees", hands::travel, true},
      {"lose-position", "", "it cannot tell where it is until it travels", hands::lose_position,
       true},
      {"tether", "on|off", "an iPhone's or iPad's network, by cable", hands::tether, true},
      {"system-seal", "on|off", "a Mac's; off: Erase All Content and Settings cannot run",
       hands::seal_system},
      {"install-app", "ID", "from the store, for its user", hands::install_app},
      {"refuse-app", "ID", "that its server wants to install and its user is asked about",
       hands::refuse_app},
      {"remove-app", "ID", "also a managed one", hands::remove_app},
      {"remove-profile", "IDENTIFIER", "the enrollment profile ends management",
       hands::remove_profile_by_hand},
      {"get-token", "SERVICE", "from its server: maid, or a TokenServiceType", hands::get_token},
      {"pair-watch", "", "with an iPhone, which asks its server for a token", hands::pair_watch},
      {"renew-bootstrap-token", "", "so that its server gets another one to keep",
       hands::renew_bootstrap_token},
      {"return-to-service", "", "erase it for its next user, as its server says (version 26)",
       hands::return_to_service},
      {"wipe-by-user", "", "erases all content and settings", hands::wipe},
  });
  return kTable;
}

tl::unexpected<Error> hands::has_no(const Device& device, const std::string& what) {
  return fail(errc::unsupported,
              device.id + ", " + device.hardware.product_name + ", has no " + what);
}

Result<std::string> lay_hands(Device& device, const Hand& hand, const Rng& seed) {
  const auto table = hand_table();
  const auto row = std::ranges::find(table, hand.action, &HandRow::action);
  if (row == table.end()) {
    return fail(errc::invalid_argument, "'" + hand.action + "' is nothing that hands do",
                "there are " + known_actions());
  }
  if (hand.argument.empty() && !row->argument.empty() && !is_optional(*row)) {
    return fail(errc::invalid_argument, hand.action + " needs an argument", form(*row));
  }
  if (!hand.argument.empty() && row->argument.empty()) {
    return fail(errc::invalid_argument, hand.action + " takes no argument");
  }
  if (device.powered_off && !row->works_when_off) {
    return fail(errc::unsupported, device.id + " is off", "turn-on comes first");
  }
  Device changed = device;
  UNDERSTUDY_TRY(auto did, row->motion(changed, hand.argument, seed));
  device = std::move(changed);
  return device.id + " " + did;
}

}  // namespace understudy::agent
