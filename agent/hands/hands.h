#pragma once

/// What a person does to a device they hold. Changes a Device and nothing else: no I/O, any thread.

#include <span>
#include <string>
#include <string_view>

#include "agent/device/device.h"

namespace understudy::agent {

struct Hand {
  std::string action;    ///< "unlock"
  std::string argument;  ///< may be a passcode: never logged
};

using Motion = Result<std::string>(Device& device, const std::string& argument, const Rng& seed);

struct HandRow {
  std::string_view action;
  std::string_view argument;  ///< "USER"; "[LEVEL]" may be left out; empty: takes none
  std::string_view what;      ///< for people
  Motion* motion;
  bool works_when_off = false;
};
/// Every action, in the order in which help shows them.
std::span<const HandRow> hand_table();

/// Does it, and says in one line what became of it. A device that is to lose its enrollment profile
/// is `leaving` then, and says goodbye first; one that was wiped has no enrollment any more.
/// Errors: errc::invalid_argument with the actions or the form that exist, errc::unsupported where
/// this device does not have that, errc::not_found for what is not on it. The device is as it was
/// then. `seed` is the fleet's.
Result<std::string> lay_hands(Device& device, const Hand& hand, const Rng& seed);

}  // namespace understudy::agent
