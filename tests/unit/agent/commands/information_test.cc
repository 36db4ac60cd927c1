#include <regex>
#include <set>

#include "agent/commands/queries.h"
#include "tests/unit/agent/commands/enrolled.h"

namespace understudy::agent::test {
namespace {

using ::testing::IsEmpty;
using ::testing::IsSubsetOf;
using ::testing::IsSupersetOf;

/// Every question of the schema.
plist::Array all_queries() {
  plist::Array names;
  for (const auto& key : mdm::Catalog::builtin().command("DeviceInformation")->request) {
    if (key.name != "Queries") continue;
    for (const auto& query : key.subkeys.at(0).subkeys) names.emplace_back(query.name);
  }
  return names;
}

plist::Dict ask(Enrolled& enrolled, plist::Array queries) {
  const Outcome outcome = enrolled.run("DeviceInformation", {{"Queries", std::move(queries)}});
  EXPECT_THAT(outcome, Acknowledged());
  return *member(outcome, "QueryResponses").if_dict();
}

std::set<std::string> keys_of(const plist::Dict& answers) {
  std::set<std::string> keys;
  for (const auto& [key, value] : answers) keys.insert(key);
  return keys;
}

/// What is deliberately without an answer; agent/README.md says why.
const std::set<std::string> kUnanswered = {"LastCloudBackupDate", "iTunesStoreAccountHash",
                                           "SupplementalOSVersionExtra",
                                           "DevicePropertiesAttestation", "SIMCarrierNetwork"};

TEST(DeviceInformation, HasAnAnswerForEveryQueryOrSaysWhyNot) {
  std::set<std::string> known;
  for (const auto& table : {device_queries(), mac_queries(), network_queries(), shared_queries()}) {
    for (const Query& query : table) {
      EXPECT_TRUE(known.insert(std::string(query.name)).second) << query.name << " twice";
    }
  }
  for (const plist::Value& name : all_queries()) {
    const std::string& text = *name.if_string();
    EXPECT_NE(known.contains(text), kUnanswered.contains(text)) << text;
    known.erase(text);
  }
  EXPECT_THAT(known, IsEmpty());  // nothing beside the schema
}

TEST(DeviceInformation, TellsThePhoneAsItIs) {
  Enrolled enrolled("iphone");
  const plist::Value answers = ask(enrolled, all_queries());
  const Hardware& hardware = enrolled.device.hardware;
  EXPECT_EQ(answers.string_at("UDID"), hardware.udid);
  EXPECT_EQ(answers.string_at("DeviceName"), "Understudy iPhone 1");
  EXPECT_EQ(answers.string_at("SerialNumber"), hardware.serial_number);
  EXPECT_EQ(answers.string_at("OSVersion"), "18.1");
  EXPECT_EQ(answers.string_at("BuildVersion"), "22B83");
  EXPECT_EQ(answers.string_at("ModelName"), "iPhone");
  EXPECT_EQ(answers.string_at("Model"), "MPXV3LL");
  EXPECT_EQ(answers.string_at("ModelNumber"), "MPXV3LL/A");
  EXPECT_EQ(answers.string_at("ProductName"), "iPhone15,2");
  EXPECT_EQ(answers.string_at("IMEI"), hardware.imei);
  EXPECT_EQ(answers.string_at("WiFiMAC"), hardware.wifi_mac);
  EXPECT_EQ(answers.bool_at("IsSupervised"), false);
  EXPECT_EQ(answers.int_at("CellularTechnology"), 3);
  EXPECT_TRUE(std::regex_match(answers.string_at("PhoneNumber").value_or(""),
                               std::regex("120255501[0-9]{2}")));
  const plist::Value* lines = answers.find("ServiceSubscriptions");
  ASSERT_NE(lines, nullptr);
  ASSERT_EQ(lines->if_array()->size(), 1U);
  EXPECT_EQ(lines->if_array()->at(0).string_at("IMEI"), hardware.imei);
  EXPECT_EQ(lines->if_array()->at(0).string_at("ICCID"), answers.string_at("ICCID"));
}

TEST(DeviceInformation, TellsNumbersThatArePossible) {
  for (const char* model : {"iphone", "ipad", "mac", "visionpro", "watch"}) {
    Enrolled enrolled(model);
    const plist::Dict answers = ask(enrolled, all_queries());
    const double all = *answers.at("DeviceCapacity").if_real();
    const double free = *answers.at("AvailableDeviceCapacity").if_real();
    EXPECT_GT(free, 0) << model;
    EXPECT_LT(free, all) << model;
    EXPECT_GE(*answers.at("BatteryLevel").if_real(), 0.2) << model;
    EXPECT_LE(*answers.at("BatteryLevel").if_real(), 1.0) << model;
  }
  Enrolled desktop("Mac14,3");
  EXPECT_EQ(*ask(desktop, {"BatteryLevel"}).at("BatteryLevel").if_real(), -1.0);
  EXPECT_EQ(*ask(desktop, {"HasBattery"}).at("HasBattery").if_bool(), false);
  EXPECT_EQ(*ask(desktop, {"EthernetMAC"}).at("EthernetMAC").if_string(),
            desktop.device.hardware.ethernet_mac);
}

TEST(DeviceInformation, TellsTheSameTwice) {
  Enrolled enrolled("iphone");
  EXPECT_EQ(ask(enrolled, all_queries()), ask(enrolled, all_queries()));
}

TEST(DeviceInformation, TellsMacsApartBySilicon) {
  Enrolled apple("mac");
  const plist::Value new_mac = ask(apple, all_queries());
  EXPECT_EQ(new_mac.bool_at("IsAppleSilicon"), true);
  EXPECT_EQ(new_mac.string_at("Model"), "Mac14,2");
  EXPECT_EQ(new_mac.string_at("ModelNumber"), "MLXW3LL/A");
  EXPECT_NE(new_mac.string_at("ProvisioningUDID"), new_mac.string_at("UDID"));
  EXPECT_EQ(new_mac.string_at("LocalHostName"), "Understudy-MacBook-Air-1");
  EXPECT_EQ(new_mac.string_at("SoftwareUpdateDeviceID"), "J413AP");

  Enrolled intel("mac-intel");
  const plist::Value old_mac = ask(intel, all_queries());
  EXPECT_EQ(old_mac.bool_at("IsAppleSilicon"), false);
  EXPECT_EQ(old_mac.find("ModelNumber"), nullptr);
  EXPECT_EQ(old_mac.string_at("ProvisioningUDID"), old_mac.string_at("UDID"));
}

TEST(DeviceInformation, AnswersWhatItIsAskedAndNothingElse) {
  Enrolled enrolled("iphone");
  EXPECT_THAT(keys_of(ask(enrolled, {"UDID", "OSVersion"})),
              ::testing::ElementsAre("OSVersion", "UDID"));
  EXPECT_THAT(ask(enrolled, {}), IsEmpty());
}

TEST(DeviceInformation, LeavesOutUnknownNamesAndThoseOfOtherPlatforms) {
  Enrolled enrolled("iphone");
  EXPECT_THAT(keys_of(ask(enrolled, {"UDID", "ShoeSize", "", "IsAppleSilicon", "EthernetMAC"})),
              ::testing::ElementsAre("UDID"));
}

TEST(DeviceInformation, LeavesOutWhatTheVersionDoesNotHave) {
  Enrolled old(FactoryOptions{"visionpro", "1.3", false});
  EXPECT_EQ(keys_of(ask(old, all_queries())).count("TimeZone"), 0U);
  Enrolled current("visionpro");
  EXPECT_EQ(keys_of(ask(current, all_queries())).count("TimeZone"), 1U);
}

TEST(DeviceInformation, LeavesOutWhatTheHardwareDoesNotHave) {
  Enrolled tablet("ipad");
  const auto keys = keys_of(ask(tablet, all_queries()));
  for (const char* key : {"IMEI", "MEID", "ICCID", "PhoneNumber", "ModemFirmwareVersion"}) {
    EXPECT_EQ(keys.count(key), 0U) << key;
  }
}

TEST(DeviceInformation, AnswersAccessibilityOnSupervisedDevicesOnly) {
  Enrolled supervised(FactoryOptions{"iphone", "", true});
  EXPECT_EQ(keys_of(ask(supervised, all_queries())).count("AccessibilitySettings"), 1U);
  Enrolled personal("iphone");
  EXPECT_EQ(keys_of(ask(personal, all_queries())).count("AccessibilitySettings"), 0U);
}

// docs/protocol/device-facts.md 1.6: no refusal, the answers are silently left out.
TEST(DeviceInformation, LeavesOutAnswersWhoseRightIsMissing) {
  const std::set<std::string> network = {"WiFiMAC", "BluetoothMAC", "PhoneNumber", "ICCID"};
  const std::set<std::string> hardware = {"SerialNumber", "DeviceName", "IMEI", "OSVersion"};

  Enrolled neither("iphone", mdm::rights::kAll & ~(mdm::rights::kNetworkInformation |
                                                   mdm::rights::kDeviceInformation));
  const auto bare = keys_of(ask(neither, all_queries()));
  EXPECT_EQ(bare.count("UDID"), 1U);
  for (const auto& key : network) EXPECT_EQ(bare.count(key), 0U) << key;
  for (const auto& key : hardware) EXPECT_EQ(bare.count(key), 0U) << key;

  Enrolled no_network("iphone", mdm::rights::kAll & ~mdm::rights::kNetworkInformation);
  const auto without = keys_of(ask(no_network, all_queries()));
  EXPECT_THAT(without, IsSupersetOf(hardware));
  for (const auto& key : network) EXPECT_EQ(without.count(key), 0U) << key;

  Enrolled only_network("iphone", mdm::rights::kNetworkInformation);
  const auto with = keys_of(ask(only_network, all_queries()));
  EXPECT_THAT(with, IsSupersetOf(network));
  for (const auto& key : hardware) EXPECT_EQ(with.count(key), 0U) << key;

  Enrolled no_apps("iphone", mdm::rights::kAll & ~mdm::rights::kManageApps);
  EXPECT_EQ(keys_of(ask(no_apps, all_queries())).count("iTunesStoreAccountIsActive"), 0U);
}

void open_channel(Enrolled& enrolled, const std::string& user) {
  UserChannel channel;
  channel.user = user;
  channel.topic_token = Bytes(32, 7);
  enrolled.device.enrollment->user_channel = channel;
  enrolled.device.find_user(user)->logged_in = true;
}

TEST(DeviceInformation, TellsThePushTokenOfTheUserChannelThere) {
  Enrolled mac("mac");
  mac.channel = mdm::Channel::user;
  EXPECT_THAT(ask(mac, {"PushToken"}), IsEmpty()) << "no channel is up";
  open_channel(mac, mac.device.users.at(0).name);
  EXPECT_EQ(ask(mac, {"PushToken"}).at("PushToken"), plist::Value(Bytes(32, 7)));
  mac.channel = mdm::Channel::device;
  EXPECT_THAT(ask(mac, {"PushToken"}), IsEmpty()) << "ignored there";
}

TEST(DeviceInformation, TellsWhoIsManagedOnAMac) {  // fact 1.19
  Enrolled mac("mac");
  const auto managed = [&] { return ask(mac, {"ActiveManagedUsers"}).at("ActiveManagedUsers"); };
  EXPECT_EQ(managed(), plist::Value(plist::Array{}));
  User& owner = mac.device.users.at(0);
  open_channel(mac, owner.name);
  EXPECT_EQ(managed(), plist::Value(plist::Array{owner.guid}));
  owner.logged_in = false;
  EXPECT_EQ(managed(), plist::Value(plist::Array{}));
}

TEST(DeviceInformation, TellsOnEachChannelWhatItWaitsFor) {
  Enrolled ipad(FactoryOptions{"ipad", "", true, true, true});
  const auto waits = [&](mdm::Channel channel) {
    ipad.channel = channel;
    return ask(ipad, {"AwaitingConfiguration"}).at("AwaitingConfiguration") == plist::Value(true);
  };
  ipad.device.setup.awaiting_configuration = false;  // else it waits for that from the start
  ipad.device.setup.awaiting_user = true;
  EXPECT_TRUE(waits(mdm::Channel::user));
  EXPECT_FALSE(waits(mdm::Channel::device));
  ipad.device.setup.awaiting_user = false;
  ipad.device.setup.awaiting_configuration = true;
  EXPECT_FALSE(waits(mdm::Channel::user));
  EXPECT_TRUE(waits(mdm::Channel::device));
}

}  // namespace
}  // namespace understudy::agent::test
