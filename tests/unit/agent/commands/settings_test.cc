#include "agent/commands/setting_items.h"
#include "tests/unit/agent/commands/samples.h"

namespace understudy::agent::test {
namespace {

const Bytes kPng = to_bytes("\x89PNG\r\n\x1a\n");

const std::vector<mdm::KeySpec>& items_of_the_schema() {
  return mdm::Catalog::builtin().command("Settings")->request.at(0).subkeys;
}

/// The result of one item; run() validates the whole reply.
plist::Value apply(Enrolled& enrolled, const plist::Dict& item) {
  const Outcome outcome = enrolled.run("Settings", {{"Settings", plist::Array{item}}});
  EXPECT_THAT(outcome, Acknowledged());
  const plist::Value results = member(outcome, "Settings");
  return results.if_array()->size() == 1 ? results.if_array()->at(0) : plist::Value();
}

bool set(Enrolled& enrolled, const plist::Dict& item) {
  return apply(enrolled, item).string_at("Status") == "Acknowledged";
}

struct Refusal {
  std::string domain;
  std::int64_t code;
  friend bool operator==(const Refusal&, const Refusal&) = default;
};

Refusal refusal(const plist::Value& result) {
  const plist::Value* chain = result.find("ErrorChain");
  if (chain == nullptr) return {};
  const plist::Value& entry = chain->if_array()->at(0);
  return {entry.string_at("ErrorDomain").value_or(""), entry.int_at("ErrorCode").value_or(0)};
}

plist::Value asked(Enrolled& enrolled, const char* query) {
  const Outcome outcome = enrolled.run("DeviceInformation", {{"Queries", plist::Array{query}}});
  const plist::Value answers = member(outcome, "QueryResponses");
  return answers.find(query) == nullptr ? plist::Value() : *answers.find(query);
}

TEST(Settings, HaveARowForEveryItemOfTheSchema) {
  std::vector<std::string> names;
  for (const mdm::KeySpec& item : items_of_the_schema()) {
    names.push_back(item.subkeys.at(0).choices.at(0));
  }
  std::vector<std::string> rows;
  for (const SettingRow& row : setting_table()) rows.emplace_back(row.item);
  EXPECT_THAT(rows, ::testing::UnorderedElementsAreArray(names));
}

/// Every item of the schema to every sort of device: in force where it exists, an error elsewhere.
TEST(Settings, AreInForceWhereTheyExistAndRefusedElsewhere) {
  for (const mdm::KeySpec& item : items_of_the_schema()) {
    int in_force = 0;
    for (const Stand& stand : stands()) {
      Enrolled enrolled(stand.options);
      enrolled.channel = stand.channel;
      if (!mdm::check_allowed(mdm::Catalog::builtin(), "Settings", enrolled.target()).empty()) {
        continue;
      }
      enrolled.device.managed_apps = {managed_app()};
      plist::Dict keys = least_members(item.subkeys, enrolled.target());
      keys["Item"] = item.subkeys.at(0).choices.at(0);
      if (keys.contains("Identifier")) keys["Identifier"] = "org.example.app";
      if (keys.contains("Image")) keys["Image"] = kPng;
      const bool modem = item.name.ends_with("Roaming") || item.name == "PersonalHotspot";
      const bool lacking = modem && enrolled.device.hardware.imei.empty();
      EXPECT_EQ(set(enrolled, keys), exists_for(item, enrolled.target()) && !lacking)
          << item.name << " " << stand.options.model;
      in_force += exists_for(item, enrolled.target()) && !lacking ? 1 : 0;
    }
    EXPECT_GT(in_force, 0) << item.name;
  }
}

TEST(Settings, HaveAResultEach) {
  Enrolled enrolled("iphone");
  const plist::Array items = {
      plist::Dict{{"Item", "OrganizationInfo"},
                  {"OrganizationInfo", plist::Dict{{"OrganizationName", "Example"}}}},
      plist::Dict{{"Item", "Bluetooth"}, {"Enabled", true}}, plist::Dict{{"Item", "Coffee"}},
      plist::Dict{{"Item", "ApplicationConfiguration"}, {"Identifier", "org.example.none"}}};
  const Outcome outcome = enrolled.run("Settings", {{"Settings", items}});
  EXPECT_THAT(outcome, Acknowledged());
  const plist::Value results = member(outcome, "Settings");
  ASSERT_EQ(results.if_array()->size(), 4U);
  EXPECT_EQ(results.if_array()->at(0).string_at("Status"), "Acknowledged");
  EXPECT_EQ(refusal(results.if_array()->at(1)), (Refusal{"MCChaperoneErrorDomain", 29000}));
  EXPECT_EQ(refusal(results.if_array()->at(2)), (Refusal{"MCSettingsErrorDomain", 28000}));
  EXPECT_EQ(refusal(results.if_array()->at(3)), (Refusal{mdm::kMdmErrorDomain, 12029}));
  EXPECT_EQ(results.if_array()->at(3).string_at("Identifier"), "org.example.none");
  EXPECT_EQ(asked(enrolled, "OrganizationInfo").string_at("OrganizationName"), "Example");
}

TEST(Settings, NeedTheRightOfTheirItem) {
  Enrolled enrolled("iphone", mdm::rights::kAll & ~mdm::rights::kManageApps);
  const plist::Value result =
      apply(enrolled, {{"Item", "ApplicationConfiguration"}, {"Identifier", "org.example.app"}});
  EXPECT_EQ(refusal(result), (Refusal{mdm::kMdmErrorDomain, 12007}));
}

TEST(Settings, RoamingSwitchesGoTogether) {
  Enrolled enrolled("iphone");
  EXPECT_TRUE(set(enrolled, {{"Item", "DataRoaming"}, {"Enabled", true}}));
  EXPECT_EQ(asked(enrolled, "VoiceRoamingEnabled"), plist::Value(true));
  EXPECT_TRUE(set(enrolled, {{"Item", "VoiceRoaming"}, {"Enabled", false}}));
  EXPECT_EQ(asked(enrolled, "DataRoamingEnabled"), plist::Value(false));
  EXPECT_TRUE(set(enrolled, {{"Item", "PersonalHotspot"}, {"Enabled", true}}));
  EXPECT_EQ(asked(enrolled, "PersonalHotspotEnabled"), plist::Value(true));
  Enrolled ipad("ipad");
  EXPECT_FALSE(set(ipad, {{"Item", "DataRoaming"}, {"Enabled", true}}));
}

TEST(Settings, PutTheFirstWallpaperEverywhere) {
  Enrolled enrolled(FactoryOptions{"iphone", "", true});
  EXPECT_EQ(refusal(apply(enrolled, {{"Item", "Wallpaper"}, {"Image", Bytes{1}}, {"Where", 1}})),
            (Refusal{"MCSettingsErrorDomain", 28001}));
  EXPECT_TRUE(set(enrolled, {{"Item", "Wallpaper"}, {"Image", kPng}, {"Where", 1}}));
  EXPECT_EQ(enrolled.device.settings.lock_wallpaper, enrolled.device.settings.home_wallpaper);
  EXPECT_TRUE(
      set(enrolled, {{"Item", "Wallpaper"}, {"Image", to_bytes("\xff\xd8\xff")}, {"Where", 2}}));
  EXPECT_NE(enrolled.device.settings.lock_wallpaper, enrolled.device.settings.home_wallpaper);
  EXPECT_EQ(refusal(apply(enrolled, {{"Item", "Wallpaper"}, {"Image", kPng}, {"Where", 9}})),
            (Refusal{mdm::kMdmErrorDomain, 12008}));
}

TEST(Settings, ShowWhereTheyAreAskedFor) {
  Enrolled phone(FactoryOptions{"iphone", "", true});
  EXPECT_TRUE(set(phone, {{"Item", "DeviceName"}, {"DeviceName", "Reception"}}));
  EXPECT_EQ(asked(phone, "DeviceName"), plist::Value("Reception"));
  EXPECT_TRUE(set(phone, {{"Item", "TimeZone"}, {"TimeZone", "Europe/Paris"}}));
  EXPECT_FALSE(set(phone, {{"Item", "TimeZone"}, {"TimeZone", "no zone!"}}));
  EXPECT_EQ(asked(phone, "TimeZone"), plist::Value("Europe/Paris"));
  EXPECT_TRUE(set(phone, {{"Item", "SoftwareUpdateSettings"}, {"RecommendationCadence", 2}}));
  EXPECT_EQ(asked(phone, "SoftwareUpdateSettings").int_at("RecommendationsCadence"), 2);
  EXPECT_EQ(asked(phone, "AccessibilitySettings").int_at("TextSize"), -1) << "never set";
  EXPECT_TRUE(set(phone, {{"Item", "AccessibilitySettings"}, {"TextSize", 7}}));
  EXPECT_EQ(asked(phone, "AccessibilitySettings").int_at("TextSize"), 7);
  EXPECT_EQ(asked(phone, "AccessibilitySettings").bool_at("ZoomEnabled"), false);

  Enrolled mac("mac");
  EXPECT_TRUE(set(mac, {{"Item", "HostName"}, {"HostName", "lobby.example.org"}}));
  EXPECT_EQ(asked(mac, "HostName"), plist::Value("lobby.example.org"));
  EXPECT_TRUE(set(
      mac, {{"Item", "MDMOptions"}, {"MDMOptions", plist::Dict{{"BootstrapTokenAllowed", true}}}}));
  EXPECT_EQ(asked(mac, "MDMOptions").bool_at("BootstrapTokenAllowed"), true);
  const Outcome security = mac.run("SecurityInfo");
  EXPECT_EQ(member(security, "SecurityInfo").string_at("BootstrapTokenAllowedForAuthentication"),
            "allowed");
}

TEST(Settings, OfASharedIpadShow) {
  Enrolled ipad(FactoryOptions{"ipad", "", true, true, true});
  EXPECT_TRUE(set(ipad, {{"Item", "SharedDeviceConfiguration"}, {"QuotaSize", 2000}}));
  EXPECT_TRUE(set(ipad, {{"Item", "MaximumResidentUsers"}, {"MaximumResidentUsers", 5}}));
  EXPECT_EQ(asked(ipad, "QuotaSize"), plist::Value(2000));
  EXPECT_EQ(asked(ipad, "MaximumResidentUsers"), plist::Value(32)) << "always, from iOS 13.4";
}

TEST(Settings, LetASharedIpadCountItsUsers) {
  Enrolled ipad(FactoryOptions{"ipad", "", true, true, true});
  const auto number = [&](const char* query) { return asked(ipad, query).if_int().value_or(-1); };
  EXPECT_EQ(number("ResidentUsers"), 0);
  ipad.device.users = {user("ann"), user("bob")};
  EXPECT_EQ(number("ResidentUsers"), 2);
  const auto fit = [&](std::int64_t quota) {
    EXPECT_TRUE(set(ipad, {{"Item", "SharedDeviceConfiguration"}, {"QuotaSize", quota}}));
    return number("EstimatedResidentUsers");
  };
  const double gigabytes = *asked(ipad, "AvailableDeviceCapacity").if_real();
  EXPECT_EQ(fit(5000), std::min(32, static_cast<int>(gigabytes / 5)));
  EXPECT_EQ(fit(0), std::min(32, static_cast<int>(gigabytes))) << "there is a smallest quota";
  EXPECT_EQ(fit(1'000'000'000), 0);
  EXPECT_TRUE(set(ipad, {{"Item", "SharedDeviceConfiguration"}, {"ResidentUsers", 4}}));
  EXPECT_EQ(number("EstimatedResidentUsers"), 4) << "the quota follows from the users";
  EXPECT_EQ(number("ResidentUsers"), 2) << "who is there, not who is expected";
}

TEST(Settings, RoundAGracePeriodDown) {
  Enrolled ipad(FactoryOptions{"ipad", "", true, true, true});
  const auto grace = [&] {
    return member(ipad.run("SecurityInfo"), "SecurityInfo").int_at("PasscodeLockGracePeriod");
  };
  const std::pair<int, int> cases[] = {{299, 60}, {300, 300}, {59, 0}, {99'999, 14400}, {-1, 0}};
  for (const auto& [asked_for, effective] : cases) {
    EXPECT_TRUE(
        set(ipad, {{"Item", "PasscodeLockGracePeriod"}, {"PasscodeLockGracePeriod", asked_for}}));
    EXPECT_EQ(grace(), effective) << asked_for;
  }
}

TEST(Settings, OfASharedIpadsPasscodeShowInSecurityInfo) {
  Enrolled ipad(FactoryOptions{"ipad", "", true, true, true});
  const auto info = [&](const char* key) {
    return member(ipad.run("SecurityInfo"), "SecurityInfo").int_at(key);
  };
  const auto policy = [&](plist::Dict keys) {
    return set(ipad, {{"Item", "SharedDeviceConfiguration"}, {"PasscodePolicy", std::move(keys)}});
  };
  EXPECT_EQ(info("AutoLockTime"), 120);
  EXPECT_TRUE(policy({{"PasscodeLockGracePeriod", 899}, {"AutoLockTime", 600}}));
  EXPECT_EQ(info("PasscodeLockGracePeriod"), 300);
  EXPECT_EQ(info("AutoLockTime"), 600);
  EXPECT_TRUE(policy({{"AutoLockTime", 30}}));
  EXPECT_EQ(info("AutoLockTime"), 120) << "the least there is";
  EXPECT_EQ(info("PasscodeLockGracePeriod"), 300) << "not mentioned, not changed";
  Enrolled own(FactoryOptions{"ipad", "", true, true});
  EXPECT_EQ(member(own.run("SecurityInfo"), "SecurityInfo").find("AutoLockTime"), nullptr);
}

TEST(Settings, LeaveTheTimeZoneToARestrictionThatSetsIt) {
  Enrolled phone(FactoryOptions{"iphone", "", true});
  plist::Dict restriction = payload("com.apple.applicationaccess", "R");
  restriction["forceAutomaticDateAndTime"] = true;
  install(phone, profile("org.example.time", {restriction}));
  const plist::Dict paris = {{"Item", "TimeZone"}, {"TimeZone", "Europe/Paris"}};
  EXPECT_EQ(refusal(apply(phone, paris)), (Refusal{mdm::kMdmErrorDomain, 12010}));
  EXPECT_EQ(asked(phone, "TimeZone"), plist::Value("Etc/UTC"));
  phone.run("RemoveProfile", {{"Identifier", "org.example.time"}});
  EXPECT_TRUE(set(phone, paris));
}

TEST(Settings, TakeAConfigurationAwayAgain) {
  Enrolled enrolled("iphone");
  enrolled.device.managed_apps = {managed_app()};
  EXPECT_TRUE(
      set(enrolled, {{"Item", "ApplicationConfiguration"}, {"Identifier", "org.example.app"}}));
  EXPECT_TRUE(enrolled.device.managed_apps.at(0).configuration.empty());
}

}  // namespace
}  // namespace understudy::agent::test
