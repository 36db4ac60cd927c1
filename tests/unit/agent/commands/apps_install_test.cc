#include "agent/commands/progress.h"
#include "tests/unit/agent/commands/samples.h"

namespace understudy::agent::test {
namespace {

using mdm::kMdmErrorDomain;
using std::chrono::seconds;
using ::testing::IsEmpty;

constexpr const char* kApp = "org.example.app";

plist::Dict by_identifier(plist::Dict more = {}) {
  more["Identifier"] = kApp;
  return more;
}

std::string status_of(Enrolled& enrolled, const std::string& identifier) {
  const Outcome outcome = enrolled.run("ManagedApplicationList");
  const plist::Value list = member(outcome, "ManagedApplicationList");
  const plist::Value* entry = list.find(identifier);
  return entry == nullptr ? "" : entry->string_at("Status").value_or("?");
}

bool is_installed(const Enrolled& enrolled, const std::string& identifier) {
  return std::ranges::count(enrolled.device.apps, identifier, &InstalledApp::identifier) == 1;
}

TEST(InstallApplication, IsAcceptedFirstAndThereLater) {
  Enrolled enrolled(FactoryOptions{"iphone", "", true});
  const Outcome outcome = enrolled.run("InstallApplication", by_identifier());
  EXPECT_THAT(outcome, Acknowledged());
  EXPECT_EQ(member(outcome, "State"), plist::Value("Queued"));
  EXPECT_EQ(member(outcome, "Identifier"), plist::Value(kApp));
  EXPECT_FALSE(is_installed(enrolled, kApp));
  enrolled.clock->advance(seconds(kAppWaitSeconds));
  EXPECT_EQ(status_of(enrolled, kApp), "Installing");
  enrolled.clock->advance(seconds(kAppInstallSeconds));
  EXPECT_EQ(status_of(enrolled, kApp), "Managed");
  EXPECT_TRUE(is_installed(enrolled, kApp));
  EXPECT_EQ(member(enrolled.run("InstallApplication", by_identifier()), "State"),
            plist::Value("Updating"));
}

TEST(InstallApplication, AsksWhoeverHoldsAnUnsupervisedDevice) {
  Enrolled enrolled("iphone");
  EXPECT_EQ(member(enrolled.run("InstallApplication", by_identifier()), "State"),
            plist::Value("Prompting"));
  EXPECT_EQ(status_of(enrolled, kApp), "Prompting");
}

struct Rejection {
  plist::Dict keys;
  std::int64_t code;
  const char* reason;
};

TEST(InstallApplication, SaysWhyItRejectsAnApp) {
  Enrolled enrolled(FactoryOptions{"iphone", "", true});
  enrolled.device.apps.push_back({"org.example.own", "own", "1", "1", 1, 0, false});
  enrolled.run("InstallApplication", by_identifier());
  const Rejection rows[] = {
      {{}, 12023, "CouldNotVerifyAppID"},
      {{{"iTunesStoreID", 0}}, 12023, "CouldNotVerifyAppID"},
      {{{"ManifestURL", "http://example.org/a.plist"}}, 12034, "Other"},
      {{{"Identifier", "org.example.own"}}, 12025, "AppAlreadyInstalled"},
      {by_identifier(), 12025, "AppAlreadyQueued"},
  };
  for (const Rejection& row : rows) {
    const Outcome outcome = enrolled.run("InstallApplication", row.keys);
    EXPECT_THAT(outcome, RefusedWith(kMdmErrorDomain, row.code));
    EXPECT_EQ(member(outcome, "RejectionReason"), plist::Value(row.reason));
  }
}

TEST(InstallApplication, TakesOverWhatTheUserInstalled) {
  Enrolled enrolled(FactoryOptions{"iphone", "", true});
  enrolled.device.apps.push_back({kApp, "own", "1", "1", 1, 0, false});
  const Outcome outcome =
      enrolled.run("InstallApplication", by_identifier({{"ChangeManagementState", "Managed"}}));
  EXPECT_EQ(member(outcome, "State"), plist::Value("Managed"));
  EXPECT_TRUE(enrolled.device.apps.back().managed);
}

TEST(InstallApplication, IsNotManagedOnAMacUnlessAskedTo) {
  Enrolled mac("mac");
  EXPECT_THAT(mac.run("InstallApplication", by_identifier()), Acknowledged());
  EXPECT_TRUE(is_installed(mac, kApp));
  EXPECT_EQ(status_of(mac, kApp), "");
  EXPECT_THAT(mac.run("InstallApplication",
                      {{"Identifier", "org.example.two"}, {"InstallAsManaged", true}}),
              Acknowledged());
  EXPECT_EQ(status_of(mac, "org.example.two"), "Queued");
}

TEST(InstallApplication, WaitsForACodeWhereAnAppCostsMoney) {
  Enrolled enrolled(FactoryOptions{"iphone", "", true});
  const std::string identifier = "org.understudy.store.1099";
  const plist::Dict code = {{"Identifier", identifier}, {"RedemptionCode", "CODE"}};
  EXPECT_THAT(enrolled.run("ApplyRedemptionCode", code), RefusedWith(kMdmErrorDomain, 12029));
  EXPECT_EQ(member(enrolled.run("InstallApplication", {{"iTunesStoreID", 1099}}), "State"),
            plist::Value("NeedsRedemption"));
  enrolled.clock->advance(seconds(3600));
  EXPECT_EQ(status_of(enrolled, identifier), "NeedsRedemption");
  EXPECT_THAT(
      enrolled.run("ApplyRedemptionCode", {{"Identifier", identifier}, {"RedemptionCode", ""}}),
      RefusedWith(kMdmErrorDomain, 12037));
  EXPECT_THAT(enrolled.run("ApplyRedemptionCode", code), Acknowledged());
  EXPECT_THAT(enrolled.run("ApplyRedemptionCode", code), RefusedWith(kMdmErrorDomain, 12028));
  enrolled.clock->advance(seconds(3600));
  EXPECT_EQ(status_of(enrolled, identifier), "Managed");
  const plist::Dict licensed = {{"iTunesStoreID", 1199},
                                {"Options", plist::Dict{{"PurchaseMethod", 1}}}};
  EXPECT_EQ(member(enrolled.run("InstallApplication", licensed), "State"), plist::Value("Queued"));
}

TEST(InstallEnterpriseApplication, ReadsItsManifest) {
  Enrolled mac("mac");
  const auto manifest = [](plist::Array items) {
    return plist::Dict{{"Manifest", plist::Dict{{"items", std::move(items)}}},
                       {"InstallAsManaged", true}};
  };
  const plist::Dict item = {
      {"metadata", plist::Dict{{"bundle-identifier", kApp}, {"bundle-version", "2.5"}}}};
  EXPECT_THAT(mac.run("InstallEnterpriseApplication", manifest({item})), Acknowledged());
  EXPECT_EQ(mac.device.managed_apps.at(0).version, "2.5");
  EXPECT_THAT(mac.run("InstallEnterpriseApplication"), RefusedWith(kMdmErrorDomain, 12024));
  EXPECT_THAT(mac.run("InstallEnterpriseApplication", manifest({item, item})),
              RefusedWith(kMdmErrorDomain, 12032));
  EXPECT_THAT(mac.run("InstallEnterpriseApplication", manifest({plist::Dict{}})),
              RefusedWith(kMdmErrorDomain, 12033));
  EXPECT_THAT(mac.run("InstallEnterpriseApplication", {{"ManifestURL", "ftp://example.org/a"}}),
              RefusedWith(kMdmErrorDomain, 12034));
}

std::string version_of(Enrolled& enrolled, const std::string& identifier) {
  const Outcome outcome = enrolled.run("InstalledApplicationList");
  const plist::Value list = member(outcome, "InstalledApplicationList");
  for (const plist::Value& app : *list.if_array()) {
    if (app.string_at("Identifier") != identifier) continue;
    EXPECT_EQ(app.string_at("ShortVersion"), app.string_at("Version"));
    return app.string_at("Version").value_or("?");
  }
  return "";
}

TEST(InstallEnterpriseApplication, UpdatesWhatIsThere) {
  for (const bool managed : {true, false}) {
    Enrolled mac("mac");
    const auto install = [&](const char* version) {
      const plist::Dict item = {
          {"metadata", plist::Dict{{"bundle-identifier", kApp}, {"bundle-version", version}}}};
      EXPECT_THAT(mac.run("InstallEnterpriseApplication",
                          {{"Manifest", plist::Dict{{"items", plist::Array{item}}}},
                           {"InstallAsManaged", managed}}),
                  Acknowledged());
    };
    install("2.5");
    mac.clock->advance(seconds(3600));
    EXPECT_EQ(version_of(mac, kApp), "2.5");
    install("2.6");
    EXPECT_EQ(version_of(mac, kApp), managed ? "2.5" : "2.6") << "managed, it takes its time";
    mac.clock->advance(seconds(3600));
    EXPECT_EQ(version_of(mac, kApp), "2.6");
  }
}

TEST(InstallApplication, LeavesAsItWasWhatItDoesNotName) {
  Enrolled enrolled(FactoryOptions{"iphone", "", true});
  enrolled.device.managed_apps = {managed_app()};
  enrolled.device.apps.push_back({kApp, "app", "3.2", "3.2", 1, 0, true});
  EXPECT_THAT(enrolled.run("InstallApplication", by_identifier()), Acknowledged());
  enrolled.clock->advance(seconds(3600));
  EXPECT_EQ(status_of(enrolled, kApp), "Managed");
  const ManagedApp& app = *enrolled.device.find_managed_app(kApp);
  EXPECT_EQ(app.configuration, managed_app().configuration);
  EXPECT_EQ(app.attributes, managed_app().attributes);
  EXPECT_EQ(app.feedback, managed_app().feedback);
  EXPECT_EQ(version_of(enrolled, kApp), "3.2") << "no manifest says another";
  EXPECT_THAT(enrolled.run("InstallApplication", by_identifier({{"Configuration", plist::Dict{}}})),
              Acknowledged());
  EXPECT_THAT(enrolled.device.find_managed_app(kApp)->configuration, IsEmpty());
}

TEST(RemoveApplication, TakesManagedAppsOnly) {
  Enrolled enrolled(FactoryOptions{"iphone", "", true});
  EXPECT_THAT(enrolled.run("RemoveApplication", by_identifier()),
              RefusedWith(kMdmErrorDomain, 12029));
  enrolled.run("InstallApplication", by_identifier());
  enrolled.clock->advance(seconds(3600));
  EXPECT_EQ(status_of(enrolled, kApp), "Managed");
  EXPECT_THAT(enrolled.run("RemoveApplication", by_identifier()), Acknowledged());
  EXPECT_FALSE(is_installed(enrolled, kApp));
  EXPECT_THAT(enrolled.device.managed_apps, IsEmpty());
}

TEST(ManagedApps, TellATransientStatusOnce) {
  Enrolled enrolled("iphone");
  enrolled.device.managed_apps = {managed_app("UserRejected")};
  EXPECT_EQ(status_of(enrolled, kApp), "UserRejected");
  EXPECT_EQ(status_of(enrolled, kApp), "");
}

TEST(ManagedApps, TellConfigurationAttributesAndFeedback) {
  Enrolled enrolled("iphone");
  enrolled.device.managed_apps = {managed_app()};
  const plist::Dict ask = {{"Identifiers", plist::Array{kApp, "org.example.other"}}};
  const auto first = [&](const char* type, const char* list, plist::Dict keys) {
    const Outcome outcome = enrolled.run(type, std::move(keys));
    const plist::Value found = member(outcome, list);
    return found.if_array()->size() == 1 ? found.if_array()->at(0) : plist::Value();
  };
  EXPECT_EQ(first("ManagedApplicationConfiguration", "ApplicationConfigurations", ask)
                .find("Configuration")
                ->string_at("Server"),
            "https://example.org");
  EXPECT_EQ(first("ManagedApplicationAttributes", "ApplicationAttributes", ask)
                .find("Attributes")
                ->bool_at("Removable"),
            false);
  plist::Dict erasing = ask;
  erasing["DeleteFeedback"] = true;
  EXPECT_NE(
      first("ManagedApplicationFeedback", "ManagedApplicationFeedback", erasing).find("Feedback"),
      nullptr);
  EXPECT_EQ(first("ManagedApplicationFeedback", "ManagedApplicationFeedback", ask).find("Feedback"),
            nullptr);
}

TEST(ValidateApplications, LetsEnterpriseAppsRun) {
  Enrolled enrolled("iphone");
  enrolled.run("InstallApplication", {{"ManifestURL", "https://example.org/apps/tool.plist"}});
  ASSERT_EQ(enrolled.device.managed_apps.size(), 1U);
  EXPECT_EQ(enrolled.device.managed_apps.at(0).identifier, "org.understudy.manifest.tool");
  EXPECT_FALSE(enrolled.device.managed_apps.at(0).validated);
  EXPECT_THAT(enrolled.run("ValidateApplications"), Acknowledged());
  EXPECT_TRUE(enrolled.device.managed_apps.at(0).validated);
}

TEST(InviteToProgram, SaysWhatIsWrongWithAnInvitation) {
  Enrolled enrolled("iphone");
  const auto result = [&](const char* program, const char* url) {
    return member(enrolled.run("InviteToProgram", {{"ProgramID", program}, {"InvitationURL", url}}),
                  "InvitationResult");
  };
  EXPECT_EQ(result("com.example", "https://a.example"), plist::Value("InvalidProgramID"));
  EXPECT_EQ(result("com.apple.cloudvpp", "mailto:a"), plist::Value("InvalidInvitationURL"));
  EXPECT_EQ(result("com.apple.cloudvpp", "https://a.example"), plist::Value("Acknowledged"));
  EXPECT_EQ(enrolled.device.program_invitation, "https://a.example");
}

}  // namespace
}  // namespace understudy::agent::test
