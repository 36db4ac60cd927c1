#pragma once

/// Every motion of a hand, one family a file. Called by lay_hands() only, which has seen to it that
/// there is an argument where one is needed and none where none is taken.

#include "agent/hands/hands.h"

namespace understudy::agent::hands {

// screen.cc
Motion unlock, lock_screen, set_passcode, clear_passcode_by_hand;
// people.cc
Motion log_in, log_out, lock_out, fill_data, lock_keychain, unlock_keychain;
// world.cc
Motion power_nap, restart_by_hand, turn_off, turn_on, go_offline, come_online, drain_battery,
    charge, travel, lose_position, tether, seal_system;
// services.cc
Motion get_token, pair_watch, renew_bootstrap_token, return_to_service;
// belongings.cc
Motion install_app, refuse_app, remove_app, remove_profile_by_hand, wipe;

/// "an iPhone has no such thing".
tl::unexpected<Error> has_no(const Device& device, const std::string& what);

}  // namespace understudy::agent::hands
