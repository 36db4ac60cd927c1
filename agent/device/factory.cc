/// Makes devices out of a seed and a number.

#include <array>
#include <cstdio>
#include <string>

#include "agent/device/default_apps.h"
#include "agent/device/default_users.h"
#include "agent/device/device.h"
#include "agent/device/model_choice.h"
#include "agent/device/models.h"
#include "shared/mdm/validate.h"

namespace understudy::agent {
namespace {

std::string digits(Rng& rng, std::size_t count) {
  std::string out;
  while (out.size() < count) out.push_back(static_cast<char>('0' + rng.below(10)));
  return out;
}

/// The check digit that makes a number pass Luhn's test (ISO/IEC 7812).
char luhn_digit(std::string_view number) {
  int sum = 0;
  bool doubled = true;
  for (auto digit = number.rbegin(); digit != number.rend(); ++digit, doubled = !doubled) {
    const int value = (*digit - '0') * (doubled ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

/// Reporting body 35, then model and serial part, then the check digit.
std::string make_imei(Rng& rng) {
  std::string imei = "35" + digits(rng, 12);
  imei.push_back(luhn_digit(imei));
  return imei;
}

/// No vowels and nothing that looks like another character. Since 2021 ten random ones; before, a
/// factory code and nine more.
std::string make_serial(Rng& rng, const std::string& factory) {
  constexpr std::string_view kAlphabet = "0123456789CDFGHJKLMNPQRTVWXY";
  std::string serial = factory;
  const std::size_t length = factory.empty() ? 10 : 12;
  while (serial.size() < length) serial.push_back(kAlphabet[rng.below(kAlphabet.size())]);
  return serial;
}

/// Chip and exclusive chip id, as every device since the A12 shows it: 00008120-001A2B3C4D5E6F70.
std::string chip_udid(Rng& rng, std::string_view chip) {
  std::array<char, 17> ecid{};
  const unsigned long long value = rng.next() & 0x001f'ffff'ffff'fffeULL;
  std::snprintf(ecid.data(), ecid.size(), "%016llX", value);
  return "0000" + std::string(chip) + "-" + ecid.data();
}

/// 40 hexadecimal digits before the A12, the digest of several numbers of the device.
std::string digest_udid(Rng& rng) {
  constexpr std::size_t kOctets = 20;
  return hex_encode(rng.bytes(kOctets));
}

/// An address of one of Apple's blocks. `offset` is added to the last octet: neighbors on one
/// board.
std::string make_mac(std::uint32_t tail, std::uint32_t offset) {
  const std::uint32_t low = (tail + offset) & 0xffffffU;
  std::array<char, 18> text{};
  std::snprintf(text.data(), text.size(), "f0:18:98:%02x:%02x:%02x", low >> 16, low >> 8 & 0xffU,
                low & 0xffU);
  return text.data();
}

/// What the system calls its model: a Mac its product name, others the order number without region.
std::string system_model(const Model& model) {
  if (model.platform == mdm::Platform::macos) return model.product_name;
  return model.model_number.substr(0, model.model_number.find('/'));
}

Hardware make_hardware(Rng& rng, const Model& model, const Release& release) {
  const bool mac = model.platform == mdm::Platform::macos;
  Hardware out;
  // A Mac enrolls with its hardware UUID; its chip's id is what provisioning profiles name.
  out.udid = mac ? rng.uuid() : model.chip.empty() ? digest_udid(rng) : chip_udid(rng, model.chip);
  if (mac) out.provisioning_udid = model.chip.empty() ? out.udid : chip_udid(rng, model.chip);
  out.serial_number = make_serial(rng, model.factory);
  out.platform = model.platform;
  out.model_name = model.model_name;
  out.model = system_model(model);
  out.model_number = model.model_number;
  out.product_name = model.product_name;
  out.os_version = release.version;
  out.build_version = release.build;
  if (model.modem) {
    out.imei = make_imei(rng);
    out.meid = out.imei.substr(0, 14);
  }
  const auto tail = static_cast<std::uint32_t>(rng.next());
  out.wifi_mac = make_mac(tail, 0);
  out.bluetooth_mac = make_mac(tail, 1);
  if (model.ethernet) out.ethernet_mac = make_mac(tail, 2);
  out.update_id = model.update_id;
  out.apple_silicon = !mac || !model.chip.empty();
  out.battery = model.battery;
  out.capacity_gb = model.capacity_gb;
  return out;
}

/// Somewhere near the prime meridian at Greenwich.
Position make_position(Rng rng) {
  constexpr double kSpread = 0.02;  // degrees: a walk away
  return {51.4779 + kSpread * rng.fraction(), -0.0015 + kSpread * rng.fraction()};
}

bool has_passcode(mdm::Platform platform) {
  return platform == mdm::Platform::ios || platform == mdm::Platform::visionos ||
         platform == mdm::Platform::watchos;
}

/// Whether DeviceConfigured exists for it: nothing else ends the wait (11.13).
bool can_be_released(const Device& device) {
  return mdm::check_allowed(mdm::Catalog::builtin(), "DeviceConfigured", device.target()).empty();
}

/// A release that this program does not know, with its build.
Result<Release> foreign_release(const Model& model, const FactoryOptions& options) {
  Release release{model.platform, options.os_version, options.build_version, {}};
  UNDERSTUDY_TRY(release.number, mdm::Version::parse(options.os_version));
  if (model.runs(release)) return release;
  return fail(errc::invalid_argument,
              std::string(mdm::platform_name(model.platform)) + " " + options.os_version +
                  " does not run on " + model.product_name,
              "`enroll --help` names the releases that each model runs");
}

Result<Release> choose_release(const Model& model, const FactoryOptions& options) {
  const std::string& version = options.os_version;
  if (!options.build_version.empty()) return foreign_release(model, options);
  const auto fitting = releases_of(model);
  if (version.empty()) return *fitting.back();
  std::string known;
  for (const Release* release : fitting) {
    if (release->version == version) return *release;
    known.append(known.empty() ? "" : ", ").append(release->version);
  }
  return fail(errc::not_found,
              std::string(mdm::platform_name(model.platform)) + " " + version + " for " +
                  model.product_name + " is not known",
              "known are: " + known + "; --build-version names one that is not");
}

}  // namespace

Result<void> check_options(const FactoryOptions& options) {
  UNDERSTUDY_TRY(const auto mix, ModelMix::parse(options.model));
  for (const auto& part : mix.parts()) {
    UNDERSTUDY_CHECK(choose_release(*part.choice.model, options));
  }
  return {};
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const Personality& personality : Models::builtin().personalities) {
    for (const auto& product : personality.models) {
      const Model& model = *find_model(product);
      std::string line = product == personality.models.front() ? personality.name : "";
      line.resize(std::max<std::size_t>(line.size() + 1, 13), ' ');
      line += product;
      line.resize(std::max<std::size_t>(line.size() + 1, 32), ' ');
      line.append(mdm::platform_name(model.platform)).append(" ");
      const auto fitting = releases_of(model);
      line.append(fitting.front()->version).append(" to ").append(fitting.back()->version);
      names.push_back(std::move(line));
    }
  }
  return names;
}

Result<Device> make_device(const Rng& seed, std::uint64_t number, const FactoryOptions& options) {
  UNDERSTUDY_TRY(const auto mix, ModelMix::parse(options.model));
  const auto [model, shared_ipad] = mix.of(seed, number);
  UNDERSTUDY_TRY(const Release release, choose_release(*model, options));
  const std::string text = std::to_string(number);
  Rng rng = seed.derive("device/" + text);

  Device device;
  device.id = "d" + text;
  device.number = number;
  device.hardware = make_hardware(rng, *model, release);
  device.name = "Understudy " + device.hardware.model_name + " " + text;
  device.shared_ipad = shared_ipad || (options.shared_ipad && model->model_name == "iPad");
  // An iPad is shared by its cloud profile only, and a watch enrolls through its paired phone.
  const bool is_watch = model->platform == mdm::Platform::watchos;
  device.automated = device.shared_ipad || (options.automated && !is_watch);
  device.supervised = options.supervised || device.automated || is_watch;  // 1.18
  device.setup.awaiting_configuration = options.automated && can_be_released(device);
  // On a Shared iPad each user has a passcode, the device has none.
  if (has_passcode(model->platform) && !device.shared_ipad) device.passcode = digits(rng, 6);
  device.position = make_position(seed.derive("device/" + text + "/position"));
  device.apps = default_apps(model->platform, seed, number);
  // Until Setup Assistant has ended nobody has an account.
  if (!device.setup.awaiting_configuration) {
    device.users = default_users(model->platform, seed, number);
  }
  return device;
}

}  // namespace understudy::agent
