#include "agent/commands/progress.h"
#include "tests/unit/agent/commands/enrolled.h"

namespace understudy::agent::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

plist::Array apps_of(Enrolled& enrolled, plist::Dict keys = {}) {
  const Outcome outcome = enrolled.run("InstalledApplicationList", std::move(keys));
  EXPECT_THAT(outcome, Acknowledged());
  return *member(outcome, "InstalledApplicationList").if_array();
}

InstalledApp managed_app() {
  return {"org.example.managed", "Managed", "7", "1.7", 1000, 50, true};
}

TEST(InstalledApplicationList, ListsWhatIsOnTheDevice) {
  for (const char* model : {"iphone", "mac", "appletv", "visionpro", "watch"}) {
    Enrolled enrolled(model);
    enrolled.device.apps = {managed_app()};
    const plist::Array list = apps_of(enrolled);
    ASSERT_THAT(list, SizeIs(1)) << model;
    EXPECT_EQ(list[0].string_at("Identifier"), "org.example.managed");
    EXPECT_EQ(list[0].string_at("Name"), "Managed");
    EXPECT_EQ(list[0].string_at("Version"), "7");
    EXPECT_EQ(list[0].string_at("ShortVersion"), "1.7");
    EXPECT_EQ(list[0].int_at("BundleSize"), 1000);
    EXPECT_EQ(list[0].bool_at("Installing"), false);
  }
}

TEST(InstalledApplicationList, ListsTheFactorysApps) {
  Enrolled enrolled;
  EXPECT_THAT(apps_of(enrolled), SizeIs(enrolled.device.apps.size()));
  enrolled.device.apps.clear();
  EXPECT_THAT(apps_of(enrolled), IsEmpty());
}

TEST(InstalledApplicationList, KeepsToTheIdentifiersAsked) {
  Enrolled enrolled;
  enrolled.device.apps.push_back(managed_app());
  const plist::Array list =
      apps_of(enrolled, {{"Identifiers", plist::Array{"org.example.managed", "org.example.none"}}});
  ASSERT_THAT(list, SizeIs(1));
  EXPECT_EQ(list[0].string_at("Identifier"), "org.example.managed");
}

TEST(InstalledApplicationList, KeepsToManagedAppsWhenAsked) {
  Enrolled enrolled;
  EXPECT_THAT(apps_of(enrolled, {{"ManagedAppsOnly", true}}), IsEmpty());
  enrolled.device.apps.push_back(managed_app());
  EXPECT_THAT(apps_of(enrolled, {{"ManagedAppsOnly", true}}), SizeIs(1));
}

TEST(InstalledApplicationList, KeepsToTheItemsAskedAndTheIdentifier) {
  Enrolled enrolled;
  enrolled.device.apps = {managed_app()};
  const plist::Array list =
      apps_of(enrolled, {{"Items", plist::Array{"Name", "BetaApp", "ShoeSize"}}});
  EXPECT_THAT(*list.at(0).if_dict(),
              UnorderedElementsAre(Key("Identifier"), Key("Name"), Key("BetaApp")));
}

TEST(InstalledApplicationList, TellsAMacWithoutTheKeysOfPhones) {
  Enrolled enrolled("mac");
  enrolled.device.apps = {managed_app()};
  const plist::Array list = apps_of(enrolled, {{"Items", plist::Array{"Name"}}});  // not on macOS
  EXPECT_NE(list.at(0).find("Version"), nullptr);
  for (const char* key : {"DynamicSize", "IsValidated", "AppStoreVendable", "IsAppClip"}) {
    EXPECT_EQ(list.at(0).find(key), nullptr) << key;
  }
}

/// As ManagedApplicationList tells it.
TEST(InstalledApplicationList, TellsAManagedAppAsItIs) {
  Enrolled phone(FactoryOptions{"iphone", "", true});
  phone.device.apps.clear();
  ASSERT_THAT(phone.run("InstallApplication", {{"ManifestURL", "https://example.org/app.plist"}}),
              Acknowledged());
  EXPECT_THAT(apps_of(phone), IsEmpty()) << "queued";
  phone.clock->advance(std::chrono::seconds(kAppWaitSeconds));
  const plist::Array loading = apps_of(phone);
  ASSERT_THAT(loading, SizeIs(1));
  EXPECT_EQ(loading[0].bool_at("Installing"), true);
  phone.clock->advance(std::chrono::seconds(kAppInstallSeconds));
  const plist::Array there = apps_of(phone);
  ASSERT_THAT(there, SizeIs(1));
  EXPECT_EQ(there[0].bool_at("Installing"), false);
  EXPECT_EQ(there[0].bool_at("IsValidated"), false);
  EXPECT_EQ(there[0].bool_at("AppStoreVendable"), false);
  EXPECT_EQ(there[0].find("HasUpdateAvailable"), nullptr) << "of App Store apps only";
  phone.run("ValidateApplications");
  EXPECT_EQ(apps_of(phone).at(0).bool_at("IsValidated"), true);
}

}  // namespace
}  // namespace understudy::agent::test
