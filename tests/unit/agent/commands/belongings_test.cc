/// Books, provisioning profiles, restrictions, bypass codes, and what else is only remembered.

#include "tests/unit/agent/commands/samples.h"

namespace understudy::agent::test {
namespace {

using mdm::kMdmErrorDomain;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Books, AreInstalledListedAndRemoved) {
  Enrolled enrolled("iphone");
  const plist::Dict own = {{"MediaType", "Book"},
                           {"MediaURL", "https://example.org/handbook.pdf"},
                           {"PersistentID", "org.example.handbook"},
                           {"Title", "Handbook"}};
  const Outcome installed = enrolled.run("InstallMedia", own);
  EXPECT_EQ(member(installed, "State"), plist::Value("Queued"));
  enrolled.run("InstallMedia", {{"MediaType", "Book"}, {"iTunesStoreID", 42}});
  enrolled.run("InstallMedia", own);  // an update, not a second one
  const plist::Value books = member(enrolled.run("ManagedMediaList"), "Books");
  ASSERT_THAT(*books.if_array(), SizeIs(2));
  EXPECT_EQ(books.if_array()->at(0).string_at("State"), "Installed");
  EXPECT_EQ(books.if_array()->at(1).string_at("Kind"), "pdf");
  EXPECT_THAT(enrolled.run("RemoveMedia", {{"MediaType", "Book"}, {"iTunesStoreID", "42"}}),
              Acknowledged());
  EXPECT_THAT(enrolled.run("RemoveMedia",
                           {{"MediaType", "Book"}, {"PersistentID", "org.example.handbook"}}),
              Acknowledged());
  EXPECT_THAT(enrolled.device.books, IsEmpty());
}

TEST(Books, AreRejectedWithAReason) {
  Enrolled enrolled("iphone");
  const auto reason = [&](plist::Dict keys) {
    return member(enrolled.run("InstallMedia", std::move(keys)), "RejectionReason");
  };
  EXPECT_EQ(reason({{"MediaType", "Film"}}), plist::Value("WrongMediaType"));
  EXPECT_EQ(reason({{"MediaType", "Book"}}), plist::Value("CouldNotVerifyITunesStoreID"));
  EXPECT_EQ(reason({{"MediaType", "Book"}, {"MediaURL", "file:///etc"}}),
            plist::Value("DownloadInvalid"));
}

TEST(Provisioning, IsInstalledListedAndRemoved) {
  Enrolled enrolled("iphone");
  EXPECT_THAT(enrolled.run("InstallProvisioningProfile", {{"ProvisioningProfile", Bytes{1}}}),
              RefusedWith("MCProvisioningProfileErrorDomain", 25000));
  EXPECT_THAT(enrolled.run("InstallProvisioningProfile",
                           {{"ProvisioningProfile", provisioning_profile("V1")}}),
              Acknowledged());
  const plist::Value list =
      member(enrolled.run("ProvisioningProfileList"), "ProvisioningProfileList");
  ASSERT_THAT(*list.if_array(), SizeIs(1));
  EXPECT_EQ(list.if_array()->at(0).string_at("Name"), "Provisioning");
  EXPECT_THAT(enrolled.run("RemoveProvisioningProfile", {{"UUID", "V2"}}),
              RefusedWith("MCProvisioningProfileErrorDomain", 25002));
  EXPECT_THAT(enrolled.run("RemoveProvisioningProfile", {{"UUID", "V1"}}), Acknowledged());
  enrolled.device.provisioning = {{"V3", "Own", {}, false}};
  EXPECT_THAT(enrolled.run("RemoveProvisioningProfile", {{"UUID", "V3"}}),
              RefusedWith(kMdmErrorDomain, 12014));
}

plist::Dict restricting(const char* uuid, plist::Dict more) {
  plist::Dict out = payload("com.apple.applicationaccess", uuid);
  out.merge(more);
  return out;
}

TEST(Restrictions, AreTheStrictestOfAllProfiles) {
  Enrolled enrolled(FactoryOptions{"iphone", "", true});
  install(enrolled,
          profile("org.example.one",
                  {restricting("R1", {{"allowCamera", true},
                                      {"forceEncryptedBackup", true},
                                      {"enforcedSoftwareUpdateDelay", 5},
                                      {"blockedAppBundleIDs", plist::Array{"a"}},
                                      {"allowListedAppBundleIDs", plist::Array{"x", "y"}}})}));
  install(enrolled,
          profile("org.example.two",
                  {restricting("R2", {{"allowCamera", false},
                                      {"forceEncryptedBackup", false},
                                      {"enforcedSoftwareUpdateDelay", 3},
                                      {"blockedAppBundleIDs", plist::Array{"b"}},
                                      {"allowListedAppBundleIDs", plist::Array{"y", "z"}}})}));
  const Outcome outcome = enrolled.run("Restrictions", {{"ProfileRestrictions", true}});
  const plist::Value global = member(outcome, "GlobalRestrictions");
  const auto value = [&](const char* part, const char* name, const char* key) {
    return *global.find(part)->find(name)->find(key);
  };
  EXPECT_EQ(value("restrictedBool", "allowCamera", "value"), plist::Value(false));
  EXPECT_EQ(value("restrictedBool", "forceEncryptedBackup", "value"), plist::Value(true));
  EXPECT_EQ(value("restrictedValue", "enforcedSoftwareUpdateDelay", "value"), plist::Value(5));
  EXPECT_EQ(value("union", "blockedAppBundleIDs", "values"), plist::Value(plist::Array{"a", "b"}));
  EXPECT_EQ(value("intersection", "allowListedAppBundleIDs", "values"),
            plist::Value(plist::Array{"y"}));
  EXPECT_NE(member(outcome, "ProfileRestrictions").find("org.example.one"), nullptr);

  enrolled.run("RemoveProfile", {{"Identifier", "org.example.two"}});
  const plist::Value less = member(enrolled.run("Restrictions"), "GlobalRestrictions");
  EXPECT_EQ(less.find("restrictedBool")->find("allowCamera")->bool_at("value"), true);
}

/// Whichever profile came first: some flags bind when true, some numbers when they are the greater.
TEST(Restrictions, BindInTheirOwnDirection) {
  Enrolled enrolled(FactoryOptions{"iphone", "", true});
  const auto both = [](bool flag, int number, double cookies) {
    plist::Dict policy = payload("com.apple.mobiledevice.passwordpolicy", flag ? "P1" : "P2");
    policy.merge(plist::Dict{{"requireAlphanumeric", flag},
                             {"allowSimple", flag},
                             {"pinHistory", number},
                             {"minLength", number},
                             {"maxInactivity", number}});
    const plist::Dict restrictions =
        restricting(flag ? "R1" : "R2", {{"requireManagedPasteboard", flag},
                                         {"safariForceFraudWarning", flag},
                                         {"safariAllowPopups", flag},
                                         {"safariAcceptCookies", cookies},
                                         {"enforcedSoftwareUpdateDelay", number}});
    return profile(flag ? "org.example.one" : "org.example.two", {policy, restrictions});
  };
  install(enrolled, both(true, 4, 1.5));
  install(enrolled, both(false, 3, 2.0));
  const plist::Value global = member(enrolled.run("Restrictions"), "GlobalRestrictions");
  const plist::Value& flags = *global.find("restrictedBool");
  for (const char* name :
       {"requireAlphanumeric", "requireManagedPasteboard", "safariForceFraudWarning"}) {
    EXPECT_EQ(flags.find(name)->bool_at("value"), true) << name;
  }
  for (const char* name : {"allowSimple", "safariAllowPopups"}) {
    EXPECT_EQ(flags.find(name)->bool_at("value"), false) << name;
  }
  const plist::Value& numbers = *global.find("restrictedValue");
  for (const char* name : {"enforcedSoftwareUpdateDelay", "pinHistory", "minLength"}) {
    EXPECT_EQ(numbers.find(name)->int_at("value"), 4) << name;
  }
  EXPECT_EQ(numbers.find("maxInactivity")->int_at("value"), 3);
  EXPECT_EQ(numbers.find("safariAcceptCookies")->int_at("value"), 1);
}

TEST(Restrictions, PasswordIsCleared) {
  Enrolled enrolled(FactoryOptions{"iphone", "", true});
  enrolled.device.restrictions_password = "1234";
  EXPECT_THAT(enrolled.run("ClearRestrictionsPassword"), Acknowledged());
  EXPECT_EQ(enrolled.device.restrictions_password, "");
}

TEST(ActivationLock, CodeCanBeHadForFifteenDays) {
  Enrolled enrolled(FactoryOptions{"iphone", "", true});
  const auto code = [&] {
    return member(enrolled.run("ActivationLockBypassCode"), "ActivationLockBypassCode");
  };
  const plist::Value first = code();
  ASSERT_NE(first.if_string(), nullptr);
  EXPECT_EQ(first.if_string()->size(), 31U);
  enrolled.clock->advance(std::chrono::days(14));
  EXPECT_EQ(code(), first);
  enrolled.clock->advance(std::chrono::days(1));
  EXPECT_THAT(enrolled.run("ActivationLockBypassCode"), RefusedWith(kMdmErrorDomain, 12010));
}

TEST(ActivationLock, CodeIsGoneOnceItIsCleared) {
  Enrolled enrolled(FactoryOptions{"iphone", "", true});
  EXPECT_THAT(enrolled.run("ClearActivationLockBypassCode"), Acknowledged());
  EXPECT_THAT(enrolled.run("ActivationLockBypassCode"), RefusedWith(kMdmErrorDomain, 12010));
}

TEST(UnlockToken, IsTheOneThatClearsThePasscode) {
  Enrolled enrolled(FactoryOptions{"iphone", "", true});
  enrolled.device.enrollment->unlock_token.clear();
  const plist::Value token = member(enrolled.run("RequestUnlockToken"), "UnlockToken");
  ASSERT_NE(token.if_data(), nullptr);
  EXPECT_EQ(token.if_data()->size(), 32U);
  EXPECT_THAT(enrolled.run("ClearPasscode", {{"UnlockToken", token}}), Acknowledged());
}

TEST(Remembered, WhatOnlyLeavesATrace) {
  Enrolled enrolled(FactoryOptions{"iphone", "", true});
  EXPECT_THAT(enrolled.run("DeclarativeManagement"), Acknowledged());
  EXPECT_TRUE(enrolled.device.declarative);
  const Outcome mirrored = enrolled.run("RequestMirroring", {{"DestinationName", "Hall"}});
  EXPECT_EQ(member(mirrored, "MirroringResult"), plist::Value("Prompting"));
  EXPECT_EQ(enrolled.device.mirroring_to, "Hall");
  EXPECT_THAT(enrolled.run("RequestMirroring"), RefusedWith(kMdmErrorDomain, 12008));
  EXPECT_THAT(enrolled.run("StopMirroring"), Acknowledged());
  EXPECT_EQ(enrolled.device.mirroring_to, "");
  EXPECT_THAT(enrolled.run("RefreshCellularPlans", {{"eSIMServerURL", "http://esim"}}),
              RefusedWith(kMdmErrorDomain, 12030));
}

TEST(Extensions, AreThoseOfInstalledApps) {
  Enrolled mac("mac");
  mac.channel = mdm::Channel::user;
  mac.device.apps = {{"com.apple.mail", "Mail", "1", "1", 1, 0, false}};
  const auto count = [&](const char* type, plist::Dict keys) {
    return member(mac.run(type, std::move(keys)), "Extensions").if_array()->size();
  };
  EXPECT_EQ(count("ActiveNSExtensions", {}), 1U);
  EXPECT_EQ(count("ActiveNSExtensions", {{"FilterExtensionPoints", plist::Array{"none"}}}), 0U);
  EXPECT_EQ(count("NSExtensionMappings", {}), 1U);
}

}  // namespace
}  // namespace understudy::agent::test
