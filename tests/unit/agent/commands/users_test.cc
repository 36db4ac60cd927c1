#include "tests/unit/agent/commands/samples.h"

namespace understudy::agent::test {
namespace {

using mdm::kMdmErrorDomain;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Enrolled shared_ipad() {
  Enrolled enrolled(FactoryOptions{"ipad", "", true, true, true});
  enrolled.device.users = {user("ann"), user("bob"), user("cid")};
  enrolled.device.users.at(1).logged_in = true;
  enrolled.device.users.at(2).has_data_to_sync = true;
  return enrolled;
}

TEST(Users, AreListedWithWhatTheirSystemKnows) {
  Enrolled mac(FactoryOptions{"mac", "", true});
  const Outcome outcome = mac.run("UserList");
  ASSERT_THAT(*member(outcome, "Users").if_array(), SizeIs(1));
  const plist::Value owner = member(outcome, "Users").if_array()->at(0);
  EXPECT_EQ(owner.string_at("UserName"), "owner");
  EXPECT_EQ(owner.int_at("UID"), 501);
  EXPECT_EQ(owner.find("DataQuota"), nullptr);

  Enrolled ipad = shared_ipad();
  const Outcome shared = ipad.run("UserList");
  ASSERT_THAT(*member(shared, "Users").if_array(), SizeIs(3));
  EXPECT_EQ(member(shared, "Users").if_array()->at(2).bool_at("HasDataToSync"), true);
  EXPECT_EQ(member(shared, "Users").if_array()->at(0).find("UID"), nullptr);
}

TEST(Users, AreNotDeletedWhileTheyAreInUse) {
  Enrolled ipad = shared_ipad();
  EXPECT_THAT(ipad.run("DeleteUser", {{"UserName", "eve"}}), RefusedWith(kMdmErrorDomain, 12071));
  EXPECT_THAT(ipad.run("DeleteUser", {{"UserName", "bob"}}), RefusedWith(kMdmErrorDomain, 12072));
  EXPECT_THAT(ipad.run("DeleteUser", {{"UserName", "cid"}}), RefusedWith(kMdmErrorDomain, 12073));
  EXPECT_THAT(ipad.device.users, SizeIs(3));
  EXPECT_THAT(ipad.run("DeleteUser", {{"UserName", "cid"}, {"ForceDeletion", true}}),
              Acknowledged());
  EXPECT_THAT(ipad.run("DeleteUser", {{"UserName", "ann"}}), Acknowledged());
  EXPECT_THAT(ipad.device.users, SizeIs(1));
}

TEST(Users, AreDeletedAllAtOnceExceptThoseWhoCannot) {
  Enrolled ipad = shared_ipad();
  EXPECT_THAT(ipad.run("DeleteUser", {{"DeleteAllUsers", true}}),
              RefusedWith(kMdmErrorDomain, 12073));
  EXPECT_THAT(ipad.device.users, SizeIs(2));
  EXPECT_THAT(ipad.run("LogOutUser"), Acknowledged());
  EXPECT_THAT(ipad.run("DeleteUser", {{"DeleteAllUsers", true}, {"ForceDeletion", true}}),
              Acknowledged());
  EXPECT_THAT(ipad.device.users, IsEmpty());
}

TEST(Users, LeaveAMacItsLastAdministrator) {
  Enrolled mac(FactoryOptions{"mac", "", true});
  mac.device.users.at(0).logged_in = false;
  EXPECT_THAT(mac.run("DeleteUser", {{"UserName", "owner"}}), RefusedWith(kMdmErrorDomain, 12074));
  mac.device.users.at(0).locked_out = true;
  EXPECT_THAT(mac.run("UnlockUserAccount", {{"UserName", "owner"}}), Acknowledged());
  EXPECT_FALSE(mac.device.users.at(0).locked_out);
  EXPECT_THAT(mac.run("UnlockUserAccount", {{"UserName", "eve"}}),
              RefusedWith(kMdmErrorDomain, 12071));
}

plist::Dict administrator() {
  return {{"shortName", "admin"}, {"passwordHash", Bytes{1}}, {"hidden", true}};
}

TEST(AccountSetup, MakesTheFirstAdministratorWhileSetupAssistantWaits) {
  Enrolled mac(FactoryOptions{"mac", "", true, true});
  const plist::Dict keys = {{"AutoSetupAdminAccounts", plist::Array{administrator()}},
                            {"SkipPrimarySetupAccountCreation", true}};
  EXPECT_THAT(mac.run("AccountConfiguration", {{"SkipPrimarySetupAccountCreation", true}}),
              RefusedWith(kMdmErrorDomain, 12008));
  EXPECT_THAT(mac.run("AccountConfiguration", keys), Acknowledged());
  const User* made = mac.device.find_user("admin");
  ASSERT_NE(made, nullptr);
  EXPECT_TRUE(made->administrator && made->made_by_mdm && made->hidden);
  EXPECT_EQ(made->uid, 501U);

  const Outcome outcome =
      mac.run("DeviceInformation", {{"Queries", plist::Array{"AutoSetupAdminAccounts"}}});
  const plist::Value answers = member(outcome, "QueryResponses");
  const plist::Array* accounts = answers.find("AutoSetupAdminAccounts")->if_array();
  EXPECT_EQ(accounts->at(0).string_at("GUID"), made->guid);

  EXPECT_THAT(mac.run("SetAutoAdminPassword", {{"GUID", made->guid}, {"passwordHash", Bytes{2}}}),
              Acknowledged());
  EXPECT_EQ(mac.device.find_user("admin")->password_hash, Bytes{2});
  EXPECT_THAT(mac.run("SetAutoAdminPassword", {{"GUID", "other"}, {"passwordHash", Bytes{2}}}),
              RefusedWith(kMdmErrorDomain, 12071));
  EXPECT_THAT(mac.run("DeviceConfigured"), Acknowledged());
  EXPECT_FALSE(mac.device.setup.awaiting_configuration);
  EXPECT_THAT(mac.device.users, SizeIs(1)) << "SkipPrimarySetupAccountCreation";
  EXPECT_THAT(mac.run("AccountConfiguration", keys), RefusedWith(kMdmErrorDomain, 12021));
}

TEST(AccountSetup, EndsWithTheAccountThatTheServerFilledIn) {
  Enrolled mac(FactoryOptions{"mac", "", true, true});
  mac.device.enrollment->mdm.server_capabilities = {"com.apple.mdm.per-user-connections",
                                                    "com.apple.mdm.bootstraptoken"};
  EXPECT_THAT(mac.device.users, IsEmpty());
  EXPECT_THAT(
      mac.run("AccountConfiguration", {{"AutoSetupAdminAccounts", plist::Array{administrator()}},
                                       {"SetPrimarySetupAccountAsRegularUser", true},
                                       {"PrimaryAccountFullName", "Ann Example"},
                                       {"PrimaryAccountUserName", "ann"}}),
      Acknowledged());
  EXPECT_EQ(mac.device.find_user("ann"), nullptr);
  EXPECT_THAT(mac.run("DeviceConfigured"), Acknowledged());
  const User* ann = mac.device.find_user("ann");
  ASSERT_NE(ann, nullptr);
  EXPECT_EQ(ann->full_name, "Ann Example");
  EXPECT_EQ(ann->uid, 502U);
  EXPECT_TRUE(ann->logged_in && !ann->administrator && !ann->made_by_mdm);
  ASSERT_TRUE(mac.device.enrollment->user_channel);
  EXPECT_EQ(mac.device.enrollment->user_channel->user, "ann");
  EXPECT_TRUE(mac.device.enrollment->bootstrap_owed) << "somebody has a secure token now";
  const Outcome outcome =
      mac.run("DeviceInformation", {{"Queries", plist::Array{"ActiveManagedUsers"}}});
  EXPECT_EQ(member(outcome, "QueryResponses").find("ActiveManagedUsers")->if_array()->at(0),
            plist::Value(ann->guid));
  EXPECT_THAT(mac.run("DeviceConfigured"), Acknowledged());
  EXPECT_THAT(mac.device.users, SizeIs(2)) << "it has been configured already";
}

TEST(AccountSetup, LeavesTheAccountToItsOwnerWhereNoServerFillsItIn) {
  Enrolled mac(FactoryOptions{"mac", "", true, true});
  EXPECT_THAT(mac.run("DeviceConfigured"), Acknowledged());
  ASSERT_THAT(mac.device.users, SizeIs(1));
  EXPECT_EQ(mac.device.users.front().name, "owner");
  EXPECT_TRUE(mac.device.users.front().administrator);
}

TEST(AccountSetup, LetsASharedIpadsUserIn) {
  Enrolled ipad = shared_ipad();
  ipad.device.setup.awaiting_user = true;
  EXPECT_THAT(ipad.run("UserConfigured"), RefusedWith(kMdmErrorDomain, 12021));
  ipad.channel = mdm::Channel::user;
  EXPECT_THAT(ipad.run("UserConfigured"), Acknowledged());
  EXPECT_FALSE(ipad.device.setup.awaiting_user);
}

}  // namespace
}  // namespace understudy::agent::test
