// What profiles do while they are installed, and what is left when they are gone.

#include "agent/commands/progress.h"
#include "agent/payloads/file_vault.h"
#include "agent/payloads/passcode_policy.h"
#include "tests/unit/agent/commands/profile_samples.h"

namespace understudy::agent::test {
namespace {

FactoryOptions supervised(const char* model) {
  FactoryOptions options;
  options.model = model;
  options.supervised = true;
  return options;
}

plist::Dict with(const std::string& type, plist::Dict keys, const std::string& uuid = "P") {
  plist::Dict body = payload(type, uuid);
  body.merge(keys);
  return body;
}

plist::Dict one(const std::string& identifier, plist::Dict body) {
  plist::Array payloads;
  payloads.emplace_back(std::move(body));
  return profile(identifier, std::move(payloads));
}

void remove(Enrolled& enrolled, const char* identifier) {
  ASSERT_THAT(enrolled.run("RemoveProfile", {{"Identifier", identifier}}), Acknowledged());
}

/// The cause behind 4001.
void expect_cause(const Outcome& outcome, const char* domain, std::int64_t code) {
  EXPECT_THAT(outcome, RefusedWith(mdm::kInstallationErrorDomain, 4001));
  ASSERT_EQ(outcome.errors.size(), 2U);
  EXPECT_EQ(outcome.errors[1].domain, domain) << outcome.errors[1].description;
  EXPECT_EQ(outcome.errors[1].code, code) << outcome.errors[1].description;
}

constexpr const char* kPolicy = "com.apple.mobiledevice.passwordpolicy";

TEST(PasscodePolicyEffect, IsReportedWhileItIsInstalled) {
  Enrolled enrolled("iphone");
  enrolled.device.passcode = "1234";
  EXPECT_EQ(security(enrolled).bool_at("PasscodeCompliant"), true);
  ASSERT_THAT(install(enrolled, one("org.example.p", with(kPolicy, {{"minLength", 6}}))),
              Acknowledged());
  EXPECT_EQ(security(enrolled).bool_at("PasscodeCompliant"), false);
  EXPECT_EQ(security(enrolled).bool_at("PasscodeCompliantWithProfiles"), false);
  remove(enrolled, "org.example.p");
  EXPECT_EQ(security(enrolled).bool_at("PasscodeCompliant"), true);
}

TEST(PasscodePolicyEffect, WantsAPasscodeAfterClearPasscodeWhereItForcesOne) {  // fact 11.2
  Enrolled enrolled("iphone");
  ASSERT_THAT(install(enrolled, one("org.example.p", with(kPolicy, {{"forcePIN", true}}))),
              Acknowledged());
  EXPECT_EQ(security(enrolled).bool_at("PasscodeCompliant"), true);
  ASSERT_THAT(
      enrolled.run("ClearPasscode", {{"UnlockToken", enrolled.device.enrollment->unlock_token}}),
      Acknowledged());
  EXPECT_EQ(security(enrolled).bool_at("PasscodeCompliant"), false);
}

TEST(PasscodePolicyEffect, OfSeveralTheStrictestRulesBind) {
  Enrolled enrolled("iphone");
  ASSERT_THAT(install(enrolled, one("org.example.a",
                                    with(kPolicy, {{"minLength", 8}, {"maxGracePeriod", 5}}))),
              Acknowledged());
  ASSERT_THAT(install(enrolled, one("org.example.b", with(kPolicy,
                                                          {{"minLength", 4},
                                                           {"allowSimple", false},
                                                           {"requireAlphanumeric", true},
                                                           {"minComplexChars", 1},
                                                           {"maxGracePeriod", 1}},
                                                          "Q"))),
              Acknowledged());
  const PasscodePolicy policy = passcode_policy(enrolled.device);
  EXPECT_EQ(policy.min_length, 8);
  EXPECT_EQ(policy.grace_seconds, 60);
  EXPECT_EQ(broken_rule(policy, "a!927"), "it is too short");
  EXPECT_EQ(broken_rule(policy, "91827364!"), "it has no letter");
  EXPECT_EQ(broken_rule(policy, "a9182736"), "it has too few complex characters");
  EXPECT_EQ(broken_rule(policy, "a!918abc"), "it is too simple");
  EXPECT_EQ(broken_rule(policy, "a!918273"), "");
}

TEST(FirewallEffect, IsTheStrictestOfAllProfilesAndGoesWithThem) {
  Enrolled enrolled("mac");
  constexpr const char* kFirewall = "com.apple.security.firewall";
  const auto settings = [&] { return *security(enrolled).find("FirewallSettings"); };
  EXPECT_EQ(settings().bool_at("FirewallEnabled"), false);
  plist::Array apps;
  apps.emplace_back(plist::Dict{{"BundleID", "org.example.app"}, {"Allowed", false}});
  ASSERT_THAT(install(enrolled, one("org.example.a", with(kFirewall, {{"EnableFirewall", true},
                                                                      {"Applications", apps}}))),
              Acknowledged());
  ASSERT_THAT(
      install(enrolled,
              one("org.example.b",
                  with(kFirewall, {{"EnableFirewall", false}, {"EnableStealthMode", true}}, "Q"))),
      Acknowledged());
  EXPECT_EQ(settings().bool_at("FirewallEnabled"), true);
  EXPECT_EQ(settings().bool_at("StealthMode"), true);
  EXPECT_EQ(settings().find("Applications")->if_array()->size(), 1U);
  remove(enrolled, "org.example.a");
  EXPECT_EQ(settings().bool_at("FirewallEnabled"), false);
  EXPECT_EQ(settings().bool_at("StealthMode"), true);
}

TEST(FileVaultEffect, ComesOnAtARestartAndStaysWhenTheProfileGoes) {
  Enrolled enrolled("mac");
  plist::Dict both = profile("org.example.p", {});
  plist::Array payloads;
  payloads.emplace_back(with("com.apple.MCX.FileVault2", {{"Enable", "On"}, {"Defer", true}}));
  payloads.emplace_back(with("com.apple.security.FDERecoveryKeyEscrow",
                             {{"Location", "Example"}, {"EncryptCertPayloadUUID", "CERT"}}, "Q"));
  plist::Dict certificate = root_certificate("CERT");
  certificate["PayloadContent"] = device_identity().certificate.der();
  payloads.emplace_back(std::move(certificate));
  both["PayloadContent"] = std::move(payloads);
  ASSERT_THAT(install(enrolled, both), Acknowledged());
  EXPECT_EQ(security(enrolled).bool_at("FDE_Enabled"), false);
  for (User& user : enrolled.device.users) user.logged_in = false;
  ASSERT_THAT(enrolled.run("RestartDevice"), Acknowledged());
  const plist::Value info = security(enrolled);
  EXPECT_EQ(info.bool_at("FDE_Enabled"), true);
  EXPECT_EQ(info.bool_at("FDE_HasPersonalRecoveryKey"), true);
  const auto escrow = info.data_at("FDE_PersonalRecoveryKeyCMS");
  ASSERT_TRUE(escrow.has_value());
  EXPECT_EQ(to_text(crypto::cms::decrypt(*escrow, device_identity()).value()),
            enrolled.device.mac.file_vault.personal_key);
  remove(enrolled, "org.example.p");
  EXPECT_EQ(security(enrolled).bool_at("FDE_Enabled"), true);
  EXPECT_EQ(security(enrolled).data_at("FDE_PersonalRecoveryKeyCMS"), std::nullopt);
}

TEST(SoftwareUpdateEffect, SwitchesTheUpdateSettingsOff) {
  Enrolled mac("mac");
  const auto setting = [&](const char* name) {
    const Outcome outcome =
        mac.run("DeviceInformation", {{"Queries", plist::Array{"OSUpdateSettings"}}});
    return member(outcome, "QueryResponses").find("OSUpdateSettings")->bool_at(name);
  };
  const std::pair<const char*, const char*> switches[] = {
      {"AutomaticCheckEnabled", "AutoCheckEnabled"},
      {"AutomaticDownload", "BackgroundDownloadEnabled"},
      {"AutomaticallyInstallAppUpdates", "AutomaticAppInstallationEnabled"},
      {"AutomaticallyInstallMacOSUpdates", "AutomaticOSInstallationEnabled"},
      {"CriticalUpdateInstall", "AutomaticSecurityUpdatesEnabled"}};
  for (const auto& [key, reported_as] : switches) {
    ASSERT_THAT(
        install(mac, one("org.example.p", with("com.apple.SoftwareUpdate", {{key, false}}))),
        Acknowledged());
    for (const auto& [other, name] : switches) {
      EXPECT_EQ(setting(name), std::string_view(other) != key) << key << " " << name;
    }
    remove(mac, "org.example.p");
    EXPECT_EQ(setting(reported_as), true);
  }
}

TEST(ContentCachingEffect, IsActivatedAndStaysSo) {
  Enrolled mac("mac");
  const auto status = [&] {
    return member(mac.run("ContentCachingInformation"), "StatusResponse");
  };
  EXPECT_EQ(status().bool_at("Activated"), false);
  EXPECT_EQ(status().int_at("Port"), 0);
  const plist::Dict cache =
      with("com.apple.AssetCache.managed", {{"AutoActivation", true},
                                            {"AllowPersonalCaching", false},
                                            {"CacheLimit", 1'000'000},
                                            {"Port", 8080},
                                            {"Parents", plist::Array{"10.0.0.7"}}});
  ASSERT_THAT(install(mac, one("org.example.p", cache)), Acknowledged());
  EXPECT_EQ(status().bool_at("Active"), true);
  EXPECT_EQ(status().string_at("StartupStatus"), "OK");
  EXPECT_EQ(status().int_at("CacheLimit"), 1'000'000);
  EXPECT_EQ(status().int_at("CacheFree"), 1'000'000);
  EXPECT_EQ(status().int_at("PersonalCacheFree"), 0);
  EXPECT_EQ(status().int_at("Port"), 8080);
  EXPECT_EQ(status().find("Parents")->if_array()->at(0).string_at("address"), "10.0.0.7");
  remove(mac, "org.example.p");
  EXPECT_EQ(status().bool_at("Activated"), true) << "as the schema says of AutoActivation";
  EXPECT_EQ(status().int_at("CacheLimit"), 0);
  EXPECT_NE(status().int_at("Port"), 0) << "a free one";
  EXPECT_EQ(status().find("Parents")->if_array()->size(), 0U);
  ASSERT_THAT(install(mac, one("org.example.r", with("com.apple.applicationaccess",
                                                     {{"allowContentCaching", false}}))),
              Acknowledged());
  EXPECT_EQ(status().bool_at("Activated"), false);
}

TEST(ContentCachingEffect, OnlySetsWhatItDoesNotActivate) {
  Enrolled mac("mac");
  ASSERT_THAT(install(mac, one("org.example.p", with("com.apple.AssetCache.managed",
                                                     {{"CacheLimit", 5}, {"Port", 8080}}))),
              Acknowledged());
  const plist::Value status = member(mac.run("ContentCachingInformation"), "StatusResponse");
  EXPECT_EQ(status.bool_at("Activated"), false);
  EXPECT_EQ(status.int_at("CacheLimit"), 5);
}

TEST(ExtensionsEffect, DeniesByNameAndByPoint) {
  Enrolled mac("mac");
  mac.device.apps = {{"com.apple.mail", "Mail", "1", "1", 1, 0, false},
                     {"com.apple.TextEdit", "TextEdit", "1", "1", 1, 0, false}};
  const auto count = [&](const char* command) {
    mac.channel = mdm::Channel::user;
    const std::size_t size = member(mac.run(command), "Extensions").if_array()->size();
    mac.channel = mdm::Channel::device;
    return size;
  };
  EXPECT_EQ(count("ActiveNSExtensions"), 2U);
  const auto with_rules = [&](plist::Dict rules) {
    const Outcome outcome =
        install(mac, one("org.example.p", with("com.apple.NSExtension", std::move(rules))));
    EXPECT_THAT(outcome, Acknowledged());
    return count("ActiveNSExtensions");
  };
  const plist::Array mail = {"com.apple.share.Mail.compose"};
  const plist::Array sharing = {"com.apple.share-services"};
  EXPECT_EQ(with_rules({{"DeniedExtensions", mail}}), 1U);
  EXPECT_EQ(with_rules({{"DeniedExtensionPoints", sharing}}), 1U);
  EXPECT_EQ(with_rules({{"DeniedExtensionPoints", sharing}, {"AllowedExtensions", mail}}), 2U);
  EXPECT_EQ(with_rules({{"DeniedExtensions", mail}, {"AllowedExtensions", mail}}), 1U);
  EXPECT_EQ(count("NSExtensionMappings"), 2U) << "what is installed";
  remove(mac, "org.example.p");
  EXPECT_EQ(count("ActiveNSExtensions"), 2U);
}

TEST(RestrictionsEffect, LeavesOutWhatNeedsSupervision) {
  for (const bool is_supervised : {false, true}) {
    FactoryOptions options = supervised("iphone");
    options.supervised = is_supervised;
    Enrolled enrolled(options);
    ASSERT_THAT(install(enrolled, one("org.example.p", with("com.apple.applicationaccess",
                                                            {{"allowAppRemoval", false}}))),
                Acknowledged());
    const auto global = member(enrolled.run("Restrictions"), "GlobalRestrictions");
    EXPECT_EQ(global.find("restrictedBool") != nullptr, is_supervised);
  }
}

TEST(TimedRemoval, HappensByTheDevicesClock) {  // fact 2.3
  Enrolled enrolled("iphone");
  plist::Dict by_date = one("org.example.date", wifi("A"));
  by_date["RemovalDate"] = plist::Date::from_time(kNow + std::chrono::hours(2));
  by_date["DurationUntilRemoval"] = 86400.0;
  plist::Dict by_duration = one("org.example.duration", root_certificate("B"));
  by_duration["DurationUntilRemoval"] = 3600.0;
  ASSERT_THAT(install(enrolled, by_date), Acknowledged());
  ASSERT_THAT(install(enrolled, by_duration), Acknowledged());
  const std::size_t certificates = enrolled.device.keychain.size();
  const auto has = [&](const char* identifier) {
    EXPECT_THAT(enrolled.run("ProfileList"), Acknowledged());
    return enrolled.device.find_profile(identifier) != nullptr;
  };
  enrolled.clock->advance(std::chrono::minutes(59));
  EXPECT_TRUE(has("org.example.duration"));
  enrolled.clock->advance(std::chrono::minutes(1));
  EXPECT_FALSE(has("org.example.duration"));
  EXPECT_EQ(enrolled.device.keychain.size(), certificates - 1);
  EXPECT_TRUE(has("org.example.date"));
  enrolled.clock->advance(std::chrono::hours(1));
  EXPECT_FALSE(has("org.example.date"));
}

TEST(TimedRemoval, IsRefusedForADateThatHasPassed) {
  Enrolled enrolled("iphone");
  plist::Dict late = one("org.example.p", wifi());
  late["RemovalDate"] = plist::Date::from_time(kNow - std::chrono::hours(1));
  expect_cause(install(enrolled, late), mdm::kInstallationErrorDomain, 4006);
}

TEST(Judge, NamesTheCause) {
  struct Row {
    const char* what;
    plist::Dict body;
    const char* domain;
    std::int64_t code;
  };
  plist::Dict version = wifi();
  version["PayloadVersion"] = 2;
  plist::Dict nameless = wifi();
  nameless["PayloadUUID"] = "";
  plist::Dict certificate = wifi();
  certificate["PayloadCertificateUUID"] = "NOBODY";
  const Row rows[] = {
      {"not Apple's", with("org.example.type", {}), "MCInstallationErrorDomain", 4023},
      {"another platform's", with("com.apple.dock", {}), "MCInstallationErrorDomain", 4023},
      {"supervision", with("com.apple.app.lock", {}), "MCInstallationErrorDomain", 4025},
      {"version", version, "MCPayloadErrorDomain", 2001},
      {"missing", with("com.apple.webClip.managed", {{"URL", "https://a"}}), "MCPayloadErrorDomain",
       2002},
      {"type", with(kPolicy, {{"minLength", "six"}}), "MCPayloadErrorDomain", 2003},
      {"range", with(kPolicy, {{"minLength", 17}}), "MCPayloadErrorDomain", 2004},
      {"choice", with("com.apple.wifi.managed", {{"SSID_STR", "a"}, {"EncryptionType", "ROT13"}}),
       "MCPayloadErrorDomain", 2004},
      {"empty UUID", nameless, "MCPayloadErrorDomain", 2004},
      {"reference", certificate, "MCWiFiErrorDomain", 13004},
      {"host", with("com.apple.caldav.account", {{"CalDAVHostName", ""}}), "MCCalDAVErrorDomain",
       17001},
      {"font", with("com.apple.font", {{"Font", Bytes{1, 2, 3}}}), "MCFontErrorDomain", 35000},
      {"web clip", with("com.apple.webClip.managed", {{"URL", "a"}, {"Label", "b"}}),
       "MCWebClipErrorDomain", 8000},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    Enrolled enrolled("iphone");
    const Bytes before = serialize(enrolled.device);
    expect_cause(install(enrolled, one("org.example.p", row.body)), row.domain, row.code);
    EXPECT_EQ(serialize(enrolled.device), before);
  }
}

TEST(Judge, TakesAnyTypeForAPreferenceDomainOnAMac) {
  Enrolled enrolled("mac");
  EXPECT_THAT(install(enrolled, one("org.example.p", with("org.example.type", {{"Key", 1}}))),
              Acknowledged());
}

TEST(Judge, RefusesASecondOfWhatThereIsOnce) {
  Enrolled enrolled(supervised("iphone"));
  const auto proxy = [](const char* uuid) {
    return with("com.apple.proxy.http.global", {{"ProxyServer", "proxy.example.org"}}, uuid);
  };
  ASSERT_THAT(install(enrolled, one("org.example.a", proxy("A"))), Acknowledged());
  EXPECT_THAT(install(enrolled, one("org.example.a", proxy("B"))), Acknowledged());  // replaced
  expect_cause(install(enrolled, one("org.example.b", proxy("C"))), mdm::kInstallationErrorDomain,
               4017);
  plist::Dict same = one("org.example.c", wifi());
  same["PayloadUUID"] = "UUID-org.example.a";
  expect_cause(install(enrolled, same), mdm::kInstallationErrorDomain, 4002);
  plist::Dict nameless = one("", wifi());
  expect_cause(install(enrolled, nameless), mdm::kProfileErrorDomain, 1010);
}

}  // namespace
}  // namespace understudy::agent::test
