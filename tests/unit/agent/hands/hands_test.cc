// What hands do to a device, as its server then sees it.

#include "agent/hands/hands.h"

#include "shared/mdm/profile.h"
#include "tests/unit/agent/commands/enrolled.h"

namespace understudy::agent {
namespace {

using test::Acknowledged;
using test::Enrolled;
using test::member;
using ::testing::HasSubstr;

Result<std::string> lay(Enrolled& enrolled, const std::string& action,
                        const std::string& argument = "") {
  return lay_hands(enrolled.device, Hand{action, argument}, enrolled.seed);
}
/// Lays hands that are expected to do something.
void must(Enrolled& enrolled, const std::string& action, const std::string& argument = "") {
  const auto did = lay(enrolled, action, argument);
  ASSERT_TRUE(did) << did.error().message();
  EXPECT_THAT(*did, ::testing::StartsWith("d1 ")) << *did;
}
/// The words of a refusal; the device is as it was.
std::string refusal(Enrolled& enrolled, const std::string& action,
                    const std::string& argument = "") {
  const Bytes before = serialize(enrolled.device);
  const auto did = lay(enrolled, action, argument);
  EXPECT_FALSE(did) << action << ": " << did.value_or("");
  EXPECT_EQ(serialize(enrolled.device), before) << action;
  return did ? "" : did.error().message();
}

plist::Value information(Enrolled& enrolled, const std::string& query) {
  const auto outcome = enrolled.run("DeviceInformation", {{"Queries", plist::Array{query}}});
  EXPECT_THAT(outcome, Acknowledged());
  const plist::Value all = member(outcome, "QueryResponses");
  const plist::Value* answer = all.find(query);
  return answer == nullptr ? plist::Value() : *answer;
}
plist::Value security(Enrolled& enrolled, const char* key) {
  const plist::Value info = member(enrolled.run("SecurityInfo"), "SecurityInfo");
  const plist::Value* answer = info.find(key);
  return answer == nullptr ? plist::Value() : *answer;
}
std::vector<std::string> installed_apps(Enrolled& enrolled) {
  std::vector<std::string> identifiers;
  const auto list = member(enrolled.run("InstalledApplicationList"), "InstalledApplicationList");
  for (const auto& app : *list.if_array()) {
    identifiers.push_back(app.string_at("Identifier").value_or("?"));
  }
  return identifiers;
}
std::vector<std::string> profiles(Enrolled& enrolled) {
  std::vector<std::string> identifiers;
  const auto list = member(enrolled.run("ProfileList"), "ProfileList");
  for (const auto& profile : *list.if_array()) {
    identifiers.push_back(profile.string_at("PayloadIdentifier").value_or("?"));
  }
  return identifiers;
}
/// Of UserList.
std::vector<std::string> logged_in(Enrolled& enrolled) {
  std::vector<std::string> names;
  const auto outcome = enrolled.run("UserList");
  EXPECT_THAT(outcome, Acknowledged());
  const auto list = member(outcome, "Users");
  if (list.if_array() == nullptr) return {"no list"};
  for (const auto& user : *list.if_array()) {
    if (user.bool_at("IsLoggedIn") == true) names.push_back(*user.string_at("UserName"));
  }
  return names;
}
using Names = std::vector<std::string>;

void add_profile(Device& device, const std::string& identifier, bool managed,
                 bool removal_disallowed = false) {
  const plist::Dict body{{"PayloadType", "Configuration"},
                         {"PayloadVersion", 1},
                         {"PayloadIdentifier", identifier},
                         {"PayloadUUID", identifier + "-UUID"},
                         {"PayloadRemovalDisallowed", removal_disallowed},
                         {"PayloadContent", plist::Array{}}};
  device.profiles.push_back({identifier, identifier + "-UUID", test::to_xml(body), managed});
}

/// A profile of one payload, as if its user had installed it.
void add_payload(Device& device, plist::Dict body, bool removal_disallowed = false) {
  body.merge(plist::Dict{{"PayloadIdentifier", "org.example.payload"},
                         {"PayloadUUID", "PAYLOAD"},
                         {"PayloadVersion", 1}});
  plist::Array payloads;
  payloads.emplace_back(std::move(body));
  const std::string identifier = "org.example.own" + std::to_string(device.profiles.size());
  const plist::Dict profile{{"PayloadType", "Configuration"},
                            {"PayloadVersion", 1},
                            {"PayloadIdentifier", identifier},
                            {"PayloadUUID", identifier + "-UUID"},
                            {"PayloadRemovalDisallowed", removal_disallowed},
                            {"PayloadContent", std::move(payloads)}};
  device.profiles.push_back({identifier, identifier + "-UUID", test::to_xml(profile), false});
}

TEST(Hands, NameWhatThereIsWhenAnActionIsUnknown) {
  Enrolled enrolled("iphone");
  const std::string words = refusal(enrolled, "juggle");
  EXPECT_THAT(words, HasSubstr("juggle"));
  for (const HandRow& row : hand_table()) {
    EXPECT_THAT(words, HasSubstr(std::string(row.action)));
  }
}

TEST(Hands, WantAnArgumentWhereThereIsOneAndNoneElsewhere) {
  for (const HandRow& row : hand_table()) {
    Enrolled enrolled("iphone");
    const std::string action(row.action);
    if (row.argument.empty()) {
      EXPECT_THAT(refusal(enrolled, action, "more"), HasSubstr("no argument")) << action;
    } else if (!row.argument.starts_with('[')) {
      EXPECT_THAT(refusal(enrolled, action), HasSubstr(std::string(row.argument))) << action;
    }
  }
}

TEST(Hands, UnlockWithThePasscodeOrWithoutSayingIt) {
  for (const char* given : {"", "918273"}) {
    Enrolled enrolled("iphone");
    enrolled.device.passcode = "918273";
    must(enrolled, "lock");
    must(enrolled, "restart");
    EXPECT_TRUE(enrolled.device.locked && enrolled.device.waits_for_first_unlock);
    const std::string words = refusal(enrolled, "unlock", "111111");
    EXPECT_EQ(words.find("918273"), std::string::npos) << words;
    must(enrolled, "unlock", given);
    EXPECT_FALSE(enrolled.device.locked || enrolled.device.waits_for_first_unlock);
  }
}

TEST(Hands, UnlockAMacWithThePinOfItsServer) {
  Enrolled enrolled("mac");
  ASSERT_THAT(enrolled.run("DeviceLock", {{"PIN", "246810"}}), Acknowledged());
  EXPECT_THAT(refusal(enrolled, "unlock", "000000"), HasSubstr("PIN"));
  EXPECT_THAT(refusal(enrolled, "log-in", "owner"), HasSubstr("unlock"));
  must(enrolled, "unlock", "246810");
  EXPECT_FALSE(enrolled.device.locked);
  EXPECT_TRUE(enrolled.device.lock_pin.empty());
}

TEST(Hands, DoNotOpenADeviceInLostMode) {
  Enrolled enrolled(FactoryOptions{.model = "iphone", .supervised = true});
  ASSERT_THAT(enrolled.run("EnableLostMode", {{"Message", "lost"}}), Acknowledged());
  EXPECT_THAT(refusal(enrolled, "unlock"), HasSubstr("Lost Mode"));
}

TEST(Hands, GiveAndTakeAPasscode) {
  Enrolled enrolled("iphone");
  must(enrolled, "clear-passcode");
  EXPECT_EQ(security(enrolled, "PasscodePresent"), plist::Value(false));
  must(enrolled, "set-passcode", "4711");
  EXPECT_EQ(security(enrolled, "PasscodePresent"), plist::Value(true));
  must(enrolled, "lock");
  EXPECT_TRUE(lay(enrolled, "unlock", "4711"));
  Enrolled mac("mac");
  EXPECT_THAT(refusal(mac, "set-passcode", "4711"), HasSubstr("has no passcode"));
}

TEST(Hands, LogUsersInAndOutOfAMac) {
  Enrolled enrolled(FactoryOptions{.model = "mac", .supervised = true});
  User second;
  second.name = "second";
  enrolled.device.users.push_back(second);
  EXPECT_EQ(logged_in(enrolled), Names{"owner"});
  must(enrolled, "log-in", "second");
  EXPECT_EQ(logged_in(enrolled), (Names{"owner", "second"}));
  must(enrolled, "log-out");
  EXPECT_EQ(logged_in(enrolled), Names{});
  EXPECT_THAT(refusal(enrolled, "log-in", "nobody"), HasSubstr("owner, second"));
  enrolled.device.users[1].locked_out = true;
  EXPECT_THAT(refusal(enrolled, "log-in", "second"), HasSubstr("UnlockUserAccount"));
}

TEST(Hands, SignPeopleInToASharedIPadOneAtATime) {
  Enrolled enrolled(
      FactoryOptions{.model = "ipad", .supervised = true, .automated = true, .shared_ipad = true});
  must(enrolled, "log-in", "ann@example.org");
  must(enrolled, "log-in", "bob@example.org");
  EXPECT_EQ(logged_in(enrolled), Names{"bob@example.org"});
  EXPECT_EQ(enrolled.device.users.size(), 2U);
  Enrolled phone("iphone");
  EXPECT_THAT(refusal(phone, "log-in", "ann"), HasSubstr("has no users"));
}

TEST(Hands, WaitAtASharedIPadForUserConfigured) {
  Enrolled ipad(
      FactoryOptions{.model = "ipad", .supervised = true, .automated = true, .shared_ipad = true});
  ipad.device.enrollment->mdm.server_capabilities = {"com.apple.mdm.per-user-connections"};
  const bool& waits = ipad.device.setup.awaiting_user;
  must(ipad, "log-in", "ann@example.org");
  EXPECT_FALSE(waits) << "nobody asked for it";
  const plist::Dict item = {{"Item", "SharedDeviceConfiguration"},
                            {"AwaitUserConfiguration", plist::Dict{{"Enabled", true}}}};
  EXPECT_THAT(ipad.run("Settings", {{"Settings", plist::Array{item}}}), Acknowledged());
  must(ipad, "log-in", "bob@example.org");
  EXPECT_TRUE(waits);
  ipad.channel = mdm::Channel::user;
  EXPECT_THAT(ipad.run("UserConfigured"), Acknowledged());
  EXPECT_FALSE(waits);
  must(ipad, "log-in", "ann@example.org");
  EXPECT_TRUE(waits) << "each log-in waits";
  must(ipad, "log-out");
  EXPECT_FALSE(waits) << "whoever waited is gone";
}

TEST(Hands, PutAMacToSleepOnItsBattery) {
  Enrolled enrolled("mac");
  must(enrolled, "power-nap", "on");
  EXPECT_TRUE(enrolled.device.power.power_nap && enrolled.device.power.unplugged);
  must(enrolled, "charge");
  EXPECT_FALSE(enrolled.device.power.unplugged);
  must(enrolled, "power-nap", "off");
  EXPECT_FALSE(enrolled.device.power.power_nap);
  refusal(enrolled, "power-nap", "perhaps");
  Enrolled phone("iphone");
  EXPECT_THAT(refusal(phone, "power-nap", "on"), HasSubstr("Power Nap"));
}

TEST(Hands, DrainAndChargeABattery) {
  Enrolled enrolled("iphone");
  must(enrolled, "drain-battery");
  EXPECT_EQ(information(enrolled, "BatteryLevel"), plist::Value(0.05));
  must(enrolled, "drain-battery", "42");
  EXPECT_EQ(information(enrolled, "BatteryLevel"), plist::Value(0.42));
  must(enrolled, "charge");
  EXPECT_EQ(information(enrolled, "BatteryLevel"), plist::Value(1.0));
  for (const char* level : {"0", "101", "-3", "half", "5%"}) {
    EXPECT_THAT(refusal(enrolled, "drain-battery", level), HasSubstr(level));
  }
}

TEST(Hands, RestartAndTurnOffAndOn) {
  Enrolled enrolled("iphone");
  must(enrolled, "restart");
  EXPECT_EQ(enrolled.device.restarts, 1U);
  must(enrolled, "turn-off");
  EXPECT_THAT(refusal(enrolled, "restart"), HasSubstr("turn-on"));
  EXPECT_THAT(refusal(enrolled, "unlock"), HasSubstr("turn-on"));
  must(enrolled, "turn-on");
  EXPECT_FALSE(enrolled.device.powered_off);
  EXPECT_TRUE(enrolled.device.waits_for_first_unlock);
}

TEST(Hands, DoNothingOnADeviceThatIsOff) {
  for (const HandRow& row : hand_table()) {
    if (row.works_when_off) continue;
    Enrolled enrolled("iphone");
    must(enrolled, "turn-off");
    const std::string argument = row.argument.empty() ? "" : "argument";
    EXPECT_THAT(refusal(enrolled, std::string(row.action), argument), HasSubstr("is off"))
        << row.action;
  }
}

TEST(Hands, OpenADeviceThatTheyGiveAPasscode) {
  Enrolled enrolled("iphone");
  must(enrolled, "restart");
  must(enrolled, "set-passcode", "918273");
  EXPECT_FALSE(enrolled.device.locked || enrolled.device.waits_for_first_unlock);
}

TEST(Hands, SwitchFileVaultOnByTurningAMacOn) {
  Enrolled enrolled("mac");
  add_payload(enrolled.device, {{"PayloadType", "com.apple.MCX.FileVault2"}, {"Enable", "On"}});
  must(enrolled, "turn-off");
  must(enrolled, "turn-on");
  EXPECT_TRUE(enrolled.device.mac.file_vault.enabled);
}

TEST(Hands, TakeADeviceOfflineAndBack) {
  Enrolled enrolled("iphone");
  must(enrolled, "go-offline");
  EXPECT_TRUE(enrolled.device.offline);
  must(enrolled, "come-online");
  EXPECT_FALSE(enrolled.device.offline);
}

TEST(Hands, TakeADeviceSomewhere) {
  Enrolled enrolled(FactoryOptions{.model = "iphone", .supervised = true});
  must(enrolled, "travel", "-33.8568,151.2153");
  ASSERT_THAT(enrolled.run("EnableLostMode", {{"Message", "lost"}}), Acknowledged());
  const auto location = enrolled.run("DeviceLocation");
  ASSERT_THAT(location, Acknowledged());
  EXPECT_EQ(member(location, "Latitude"), plist::Value(-33.8568));
  EXPECT_EQ(member(location, "Longitude"), plist::Value(151.2153));
  for (const char* place : {"home", "91,0", "0,181", "1", "nan,nan", "1,2,3", "48.2, 16.4"}) {
    EXPECT_THAT(refusal(enrolled, "travel", place), HasSubstr("LAT,LON")) << place;
  }
}

// fact 11.6
TEST(Hands, LoseADevicesPosition) {
  Enrolled enrolled(FactoryOptions{.model = "iphone", .supervised = true});
  must(enrolled, "lose-position");
  ASSERT_THAT(enrolled.run("EnableLostMode", {{"Message", "lost"}}), Acknowledged());
  EXPECT_THAT(enrolled.run("DeviceLocation"), test::RefusedWith(mdm::kMdmErrorDomain, 12068));
  must(enrolled, "travel", "1,1");
  EXPECT_THAT(enrolled.run("DeviceLocation"), Acknowledged());
}

// fact 8.7
TEST(Hands, TetherAPhone) {
  Enrolled enrolled("iphone");
  const plist::Dict wants = {{"RequestRequiresNetworkTether", true}};
  must(enrolled, "tether", "on");
  EXPECT_EQ(information(enrolled, "IsNetworkTethered"), plist::Value(true));
  EXPECT_THAT(enrolled.run("SecurityInfo", wants), Acknowledged());
  must(enrolled, "tether", "off");
  EXPECT_THAT(enrolled.run("SecurityInfo", wants), test::RefusedWith(mdm::kMdmErrorDomain, 12081));
}

// fact 11.3
TEST(Hands, BreakTheSealOfAMac) {
  Enrolled enrolled("mac");
  EXPECT_EQ(information(enrolled, "EACSPreflight"), plist::Value("success"));
  must(enrolled, "system-seal", "off");
  EXPECT_EQ(information(enrolled, "EACSPreflight"), plist::Value("System is not sealed"));
  EXPECT_EQ(enrolled.run("EraseDevice", {{"ObliterationBehavior", "DoNotObliterate"}}).status,
            mdm::Status::error);
  must(enrolled, "system-seal", "on");
  EXPECT_THAT(enrolled.run("EraseDevice", {{"ObliterationBehavior", "DoNotObliterate"}}),
              Acknowledged());
}

TEST(Hands, LockAMacsUserOut) {
  Enrolled enrolled(FactoryOptions{.model = "mac", .supervised = true});
  must(enrolled, "log-out");
  must(enrolled, "lock-out", "owner");
  EXPECT_THAT(refusal(enrolled, "log-in", "owner"), HasSubstr("locked out"));
  EXPECT_THAT(enrolled.run("UnlockUserAccount", {{"UserName", "owner"}}), Acknowledged());
  must(enrolled, "log-in", "owner");
}

// fact 11.10
TEST(Hands, LeaveDataOnASharedIpad) {
  Enrolled enrolled("shared-ipad");
  must(enrolled, "log-in", "ann");
  must(enrolled, "fill-data", "ann");
  must(enrolled, "log-out");
  const plist::Dict ann = {{"UserName", "ann"}};
  EXPECT_THAT(enrolled.run("DeleteUser", ann), test::RefusedWith(mdm::kMdmErrorDomain, 12073));
  must(enrolled, "log-in", "ann");
  must(enrolled, "log-out");
  EXPECT_THAT(enrolled.run("DeleteUser", ann), Acknowledged());
}

// fact 11.8
TEST(Hands, RefuseAnAppOnce) {
  Enrolled enrolled("iphone");
  EXPECT_THAT(enrolled.run("InstallApplication", {{"Identifier", "org.example.app"}}),
              Acknowledged());
  must(enrolled, "refuse-app", "org.example.app");
  const auto status = [&] {
    const auto outcome = enrolled.run("ManagedApplicationList");
    const plist::Value list = member(outcome, "ManagedApplicationList");
    const plist::Value* app = list.find("org.example.app");
    return app == nullptr ? "" : app->string_at("Status").value_or("?");
  };
  EXPECT_EQ(status(), "UserRejected");
  EXPECT_EQ(status(), "");
  EXPECT_THAT(refusal(enrolled, "refuse-app", "org.example.app"), HasSubstr("asks nobody"));
}

TEST(Hands, InstallAndRemoveApps) {
  Enrolled enrolled("iphone");
  must(enrolled, "install-app", "org.example.game");
  EXPECT_THAT(installed_apps(enrolled), ::testing::Contains("org.example.game"));
  EXPECT_THAT(refusal(enrolled, "install-app", "org.example.game"), HasSubstr("already"));
  must(enrolled, "remove-app", "org.example.game");
  EXPECT_THAT(installed_apps(enrolled), ::testing::Not(::testing::Contains("org.example.game")));
  EXPECT_THAT(refusal(enrolled, "remove-app", "org.example.game"), HasSubstr("org.example.game"));
}

TEST(Hands, RemoveAManagedAppUnlessItsServerForbidsIt) {
  Enrolled enrolled("iphone");
  InstalledApp app;
  app.identifier = app.name = "org.example.work";
  app.managed = true;
  ManagedApp managed;
  managed.identifier = app.identifier;
  managed.status = "Managed";
  managed.attributes["Removable"] = false;
  enrolled.device.apps.push_back(app);
  enrolled.device.managed_apps.push_back(managed);
  EXPECT_THAT(refusal(enrolled, "remove-app", app.identifier), HasSubstr("forbids"));
  enrolled.device.managed_apps[0].attributes.clear();
  must(enrolled, "remove-app", app.identifier);
  EXPECT_EQ(enrolled.device.managed_apps[0].status, "ManagedButUninstalled");
}

TEST(Hands, RemoveTheUsersOwnProfilesOnly) {
  Enrolled enrolled("iphone");
  add_profile(enrolled.device, "org.example.own", false);
  add_profile(enrolled.device, "org.example.fixed", false, true);
  add_profile(enrolled.device, "org.example.managed", true);
  enrolled.device.keychain.push_back({"C", "org.example.own", "own", {1}, {}});
  must(enrolled, "remove-profile", "org.example.own");
  EXPECT_THAT(profiles(enrolled), ::testing::Not(::testing::Contains("org.example.own")));
  EXPECT_EQ(enrolled.device.keychain.size(), 1U);
  EXPECT_THAT(refusal(enrolled, "remove-profile", "org.example.fixed"), HasSubstr("cannot be"));
  EXPECT_THAT(refusal(enrolled, "remove-profile", "org.example.managed"), HasSubstr("over MDM"));
  EXPECT_THAT(refusal(enrolled, "remove-profile", "org.example.none"),
              HasSubstr("org.example.fixed"));
}

TEST(Hands, BreakMdmWithTheEnrollmentProfile) {
  Enrolled enrolled("iphone");
  must(enrolled, "remove-profile", test::kEnrollmentProfile);
  ASSERT_TRUE(enrolled.device.enrollment) << "it still has to say goodbye";
  EXPECT_EQ(enrolled.device.enrollment->stage, Enrollment::Stage::leaving);
  EXPECT_TRUE(enrolled.device.enrollment->removed_by_user);
}

TEST(Hands, WipeADevice) {
  Enrolled enrolled("iphone");
  must(enrolled, "drain-battery", "30");
  must(enrolled, "wipe-by-user");
  EXPECT_FALSE(enrolled.device.enrollment);
  EXPECT_EQ(enrolled.device.erased_times, 1U);
  EXPECT_EQ(enrolled.device.power.percent, 30) << "erasing charges no battery";
}

TEST(Hands, GiveNoPasscodeThatBreaksAPolicy) {
  Enrolled enrolled("iphone");
  enrolled.device.passcode = "918273";
  add_payload(enrolled.device, {{"PayloadType", "com.apple.mobiledevice.passwordpolicy"},
                                {"forcePIN", true},
                                {"minLength", 6},
                                {"pinHistory", 2}});
  EXPECT_THAT(refusal(enrolled, "set-passcode", "1927"), HasSubstr("too short"));
  EXPECT_THAT(refusal(enrolled, "clear-passcode"), HasSubstr("demands"));
  must(enrolled, "set-passcode", "564738");
  EXPECT_THAT(refusal(enrolled, "set-passcode", "918273"), HasSubstr("not long ago"));
  enrolled.device.profiles.pop_back();
  must(enrolled, "set-passcode", "1927");
  must(enrolled, "clear-passcode");
}

TEST(Hands, CannotDoWhatARestrictionForbids) {
  FactoryOptions options;
  options.model = "iphone";
  options.supervised = true;
  Enrolled enrolled(options);
  add_payload(enrolled.device, {{"PayloadType", "com.apple.applicationaccess"},
                                {"allowAppInstallation", false},
                                {"allowAppRemoval", false},
                                {"allowPasscodeModification", false},
                                {"allowEraseContentAndSettings", false}});
  EXPECT_THAT(refusal(enrolled, "install-app", "org.example.app"), HasSubstr("forbids"));
  EXPECT_THAT(refusal(enrolled, "remove-app", enrolled.device.apps.front().identifier),
              HasSubstr("forbids"));
  EXPECT_THAT(refusal(enrolled, "set-passcode", "918273"), HasSubstr("forbids"));
  EXPECT_THAT(refusal(enrolled, "wipe-by-user"), HasSubstr("forbids"));
}

TEST(Hands, AreKeptInOneAppByAppLock) {
  FactoryOptions options;
  options.model = "iphone";
  options.supervised = true;
  Enrolled enrolled(options);
  add_payload(enrolled.device, {{"PayloadType", "com.apple.app.lock"},
                                {"App", plist::Dict{{"Identifier", "org.example.kiosk"}}}});
  EXPECT_THAT(refusal(enrolled, "install-app", "org.example.app"), HasSubstr("one app"));
  EXPECT_THAT(refusal(enrolled, "remove-profile", "org.example.own1"), HasSubstr("one app"));
}

TEST(Hands, RemoveAProfileByItsPassword) {
  Enrolled enrolled("mac");
  add_payload(
      enrolled.device,
      {{"PayloadType", "com.apple.profileRemovalPassword"}, {"RemovalPassword", "open sesame"}},
      true);
  const std::string words = refusal(enrolled, "remove-profile", "org.example.own1 wrong");
  EXPECT_THAT(words, HasSubstr("password"));
  EXPECT_EQ(words.find("sesame"), std::string::npos);
  must(enrolled, "remove-profile", "org.example.own1 open sesame");
  EXPECT_EQ(enrolled.device.find_profile("org.example.own1"), nullptr);
}

TEST(Hands, SwitchFileVaultOnByLoggingIn) {
  Enrolled enrolled("mac");
  add_payload(enrolled.device,
              {{"PayloadType", "com.apple.MCX.FileVault2"}, {"Enable", "On"}, {"Defer", true}});
  EXPECT_FALSE(enrolled.device.mac.file_vault.enabled);
  must(enrolled, "log-in", enrolled.device.users.front().name);
  EXPECT_TRUE(enrolled.device.mac.file_vault.enabled);
}

}  // namespace
}  // namespace understudy::agent
