// power-nap, restart, turn-off, turn-on, go-offline, come-online, drain-battery, charge, travel,
// lose-position, tether, system-seal

#include <charconv>
#include <optional>

#include "agent/hands/motions.h"
#include "agent/payloads/restart.h"
#include "shared/core/errc.h"

namespace understudy::agent::hands {
namespace {

/// The whole text, nothing behind it.
template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<bool> on_or_off(const std::string& action, const std::string& argument) {
  if (argument == "on" || argument == "off") return argument == "on";
  return fail(errc::invalid_argument, action + " is on or off, not '" + argument + "'");
}

}  // namespace

Result<std::string> power_nap(Device& device, const std::string& argument, const Rng&) {
  UNDERSTUDY_TRY(const bool on, on_or_off("power-nap", argument));
  if (device.hardware.platform != mdm::Platform::macos) return has_no(device, "Power Nap");
  // On mains power a Mac answers everything in its sleep: nothing would change (8.14).
  if (!device.hardware.battery) return has_no(device, "battery to sleep on");
  device.power.power_nap = on;
  if (!device.power.power_nap) return "is awake";
  device.power.unplugged = true;
  return "sleeps on its battery, in Power Nap";
}

Result<std::string> restart_by_hand(Device& device, const std::string&, const Rng&) {
  restart(device);
  return device.waits_for_first_unlock ? "was restarted, and waits for its passcode"
                                       : "was restarted";
}

Result<std::string> turn_off(Device& device, const std::string&, const Rng&) {
  device.powered_off = true;
  return "is off";
}

Result<std::string> turn_on(Device& device, const std::string&, const Rng&) {
  if (!device.powered_off) return "is on";
  restart(device);
  return device.waits_for_first_unlock ? "is on, and waits for its passcode" : "is on";
}

Result<std::string> go_offline(Device& device, const std::string&, const Rng&) {
  device.offline = true;
  return "is offline";
}

Result<std::string> come_online(Device& device, const std::string&, const Rng&) {
  device.offline = false;
  return "is online";
}

Result<std::string> drain_battery(Device& device, const std::string& argument, const Rng&) {
  constexpr std::int64_t kLow = 5;
  constexpr std::int64_t kFull = 100;
  if (!device.hardware.battery) return has_no(device, "battery");
  const auto percent = argument.empty() ? kLow : number<std::int64_t>(argument);
  if (!percent || *percent < 1 || *percent > kFull) {
    return fail(errc::invalid_argument,
                "drain-battery leaves 1 to 100 percent, not '" + argument + "'");
  }
  device.power.percent = percent;
  device.power.unplugged = true;
  return "has " + std::to_string(*percent) + " % left";
}

Result<std::string> charge(Device& device, const std::string&, const Rng&) {
  constexpr std::int64_t kFull = 100;
  if (!device.hardware.battery) return has_no(device, "battery");
  device.power.percent = kFull;
  device.power.unplugged = false;
  return "is charged";
}

Result<std::string> travel(Device& device, const std::string& argument, const Rng&) {
  constexpr double kPole = 90;
  constexpr double kDateLine = 180;
  const std::string_view text = argument;
  const auto comma = text.find(',');
  const auto latitude = number<double>(text.substr(0, comma));
  const auto longitude =
      comma == std::string_view::npos ? std::nullopt : number<double>(text.substr(comma + 1));
  // Written so that NaN fails as well.
  const bool on_earth = latitude && longitude && *latitude >= -kPole && *latitude <= kPole &&
                        *longitude >= -kDateLine && *longitude <= kDateLine;
  if (!on_earth) {
    return fail(errc::invalid_argument, "'" + argument + "' is no place",
                "LAT,LON in degrees: 48.2082,16.3738");
  }
  device.position = Position{*latitude, *longitude};
  return "is at " + argument;
}

Result<std::string> lose_position(Device& device, const std::string&, const Rng&) {
  device.position.reset();
  return "does not know where it is";
}

Result<std::string> tether(Device& device, const std::string& argument, const Rng&) {
  UNDERSTUDY_TRY(const bool on, on_or_off("tether", argument));
  if (device.hardware.platform != mdm::Platform::ios) return has_no(device, "tethered network");
  device.tethered = on;
  return on ? "has its network by cable" : "has its network as before";
}

Result<std::string> seal_system(Device& device, const std::string& argument, const Rng&) {
  UNDERSTUDY_TRY(const bool on, on_or_off("system-seal", argument));
  if (device.hardware.platform != mdm::Platform::macos) return has_no(device, "seal to break");
  device.mac.unsealed = !on;
  return on ? "has its system sealed" : "has a broken seal: it cannot erase content and settings";
}

}  // namespace understudy::agent::hands
