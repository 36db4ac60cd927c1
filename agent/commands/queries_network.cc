/// DeviceInformation: addresses, SIM, carrier. Source: mdm/commands/information.device.yaml.

#include <array>

#include "agent/commands/queries.h"

namespace understudy::agent {
namespace {

using H = Hardware;

/// Mobile country code 001, network 01: reserved for test networks (ITU-T E.212).
constexpr const char* kCountry = "001";
constexpr const char* kNetwork = "01";
constexpr const char* kCarrier = "Understudy Mobile";
constexpr const char* kCarrierSettings = "61.0";
constexpr const char* kModemFirmware = "2.12.02";

std::string digits(Rng& rng, std::string prefix, std::size_t length) {
  while (prefix.size() < length) prefix.push_back(static_cast<char>('0' + rng.below(10)));
  return prefix;
}

/// The SIM card of one device, the same each time.
struct Sim {
  std::string iccid, eid, phone_number, label_id;
};

Sim sim_of(const Surroundings& around) {
  Rng rng = query_rng(around, "sim");
  Sim sim;
  sim.iccid = digits(rng, "8900101", 20);
  sim.eid = digits(rng, "89049032", 32);
  // 555-0100 to 555-0199 belong to nobody.
  sim.phone_number = "1202" + digits(rng, "55501", 7);
  sim.label_id = rng.uuid();
  return sim;
}

bool has_modem(const Device& device) {
  return !device.hardware.imei.empty();
}

/// What only a device with a modem can say.
template <const char* const& Text>
Answer fixed(const Device& device, const Surroundings&) {
  if (!has_modem(device)) return std::nullopt;
  return Text;
}

Answer off_if_modem(const Device& device, const Surroundings&) {
  if (!has_modem(device)) return std::nullopt;
  return false;
}

/// A switch of the Settings command.
template <bool DeviceSettings::* Switch>
Answer switched(const Device& device, const Surroundings&) {
  if (!has_modem(device)) return std::nullopt;
  return device.settings.*Switch;
}

Answer tethered(const Device& device, const Surroundings&) {
  return device.tethered;
}

/// 3: both GSM and CDMA.
Answer cellular_technology(const Device& device, const Surroundings&) {
  return has_modem(device) ? 3 : 0;
}

Answer iccid(const Device& device, const Surroundings& around) {
  if (!has_modem(device)) return std::nullopt;
  return sim_of(around).iccid;
}

Answer phone_number(const Device& device, const Surroundings& around) {
  if (!has_modem(device)) return std::nullopt;
  return sim_of(around).phone_number;
}

Answer subscriptions(const Device& device, const Surroundings& around) {
  plist::Array lines;
  if (has_modem(device)) {
    const Sim sim = sim_of(around);
    plist::Dict line;
    line.emplace("CarrierSettingsVersion", kCarrierSettings);
    line.emplace("CurrentCarrierNetwork", kCarrier);
    line.emplace("SubscriberCarrierNetwork", kCarrier);
    line.emplace("CurrentMCC", kCountry);
    line.emplace("CurrentMNC", kNetwork);
    line.emplace("ICCID", sim.iccid);
    line.emplace("EID", sim.eid);
    line.emplace("IMEI", device.hardware.imei);
    line.emplace("MEID", device.hardware.meid);
    line.emplace("IsDataPreferred", true);
    line.emplace("IsVoicePreferred", true);
    line.emplace("IsRoaming", false);
    line.emplace("Label", "Primary");
    line.emplace("LabelID", sim.label_id);
    line.emplace("PhoneNumber", sim.phone_number);
    line.emplace("Slot", "CTSubscriptionSlotOne");
    lines.emplace_back(std::move(line));
  }
  return lines;
}

}  // namespace

std::span<const Query> network_queries() {
  static constexpr auto kQueries = std::to_array<Query>({
      {"BluetoothMAC", &H::bluetooth_mac},
      {"CarrierSettingsVersion", fixed<kCarrierSettings>},
      {"CellularTechnology", cellular_technology},
      {"CurrentCarrierNetwork", fixed<kCarrier>},
      {"CurrentMCC", fixed<kCountry>},
      {"CurrentMNC", fixed<kNetwork>},
      {"DataRoamingEnabled", switched<&DeviceSettings::data_roaming>},
      {"EthernetMAC", &H::ethernet_mac},
      {"ICCID", iccid},
      {"IsNetworkTethered", tethered},
      {"IsRoaming", off_if_modem},
      {"ModemFirmwareVersion", fixed<kModemFirmware>},
      {"PersonalHotspotEnabled", switched<&DeviceSettings::personal_hotspot>},
      {"PhoneNumber", phone_number},
      {"ServiceSubscriptions", subscriptions},
      {"SubscriberCarrierNetwork", fixed<kCarrier>},
      {"SubscriberMCC", fixed<kCountry>},
      {"SubscriberMNC", fixed<kNetwork>},
      {"VoiceRoamingEnabled", switched<&DeviceSettings::voice_roaming>},
      {"WiFiMAC", &H::wifi_mac},
  });
  return kQueries;
}

}  // namespace understudy::agent
