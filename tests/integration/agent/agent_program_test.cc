// What a user of understudy-agent sees: output, exit codes, one clear line for each mistake.

#include <algorithm>

#include "tests/integration/agent/agent_fixture.h"
#include "tools/harness/process.h"

namespace understudy::agent {
namespace {

using fakes::FakeMdm;
using fakes::require;

std::string lock(const std::string& uuid) {
  return FakeMdm::command(uuid, {{"RequestType", "DeviceLock"}});
}

TEST_F(AgentProgramTest, EnrollsConnectsAndLeaves) {
  const auto enrolled = enroll({"--count", "3", "--seed", "5", "--model", "ipad"});
  ASSERT_EQ(enrolled.status, 0) << enrolled.err;
  EXPECT_EQ(events(enrolled.out, "seed").at(0)["seed"], 5);
  EXPECT_EQ(events(enrolled.out, "enrolled").size(), 3U);
  EXPECT_EQ(events(enrolled.out, "summary").at(0)["enrolled"], 3);
  EXPECT_EQ(count("TokenUpdate"), 3U);

  const json devices = list();
  ASSERT_EQ(devices.size(), 3U);
  EXPECT_EQ(devices[0]["device"], "d1");
  EXPECT_EQ(devices[0]["state"], "enrolled");

  queue({lock("A")});
  const auto connected = agent({"connect", "d2"});
  EXPECT_EQ(connected.status, 0) << connected.err;
  EXPECT_EQ(events(connected.out, "command").at(0)["command_uuid"], "A");
  EXPECT_EQ(json::parse(agent({"show", "d2", "--json"}).out)["locked"], true);
  EXPECT_EQ(json::parse(agent({"show", "d1", "--json"}).out)["locked"], false);

  const auto left = agent({"unenroll", "d2"});
  EXPECT_EQ(left.status, 0) << left.err;
  EXPECT_EQ(count("CheckOut"), 1U);
  EXPECT_EQ(list()[1]["state"], "not enrolled");
}

TEST_F(AgentProgramTest, CountsCommandsByStatusAndADisownedDeviceAsAFailure) {
  ASSERT_EQ(enroll({"--count", "2"}).status, 0);
  queue({lock("A"), FakeMdm::command("B", {{"RequestType", "ClearPasscode"}})});
  const auto good = agent({"connect", "d1"});
  ASSERT_EQ(good.status, 0) << good.err;
  const json counted = events(good.out, "summary").at(0);
  EXPECT_EQ(counted["commands"], 2);
  EXPECT_EQ(counted["statuses"]["Acknowledged"], 1) << counted;

  at_server([](FakeMdm& server) {
    server.script["Idle"] = {net::HttpResponse::text(401, "who are you")};
  });
  const auto disowned = agent({"connect"});
  EXPECT_EQ(disowned.status, 2);
  EXPECT_NE(disowned.err.find("HTTP 401"), std::string::npos) << disowned.err;
  const json summary = events(disowned.out, "summary").at(0);
  EXPECT_EQ(summary["connected"], 1);
  EXPECT_EQ(summary["failed"], 1);
  EXPECT_EQ(summary["errors"].at(0)["step"], "conversation");
  EXPECT_EQ(summary["errors"].at(0)["kind"], "HTTP 401");
}

TEST_F(AgentProgramTest, MakesTheSameDevicesFromTheSameSeed) {
  const auto first = enroll({"--seed", "99"});
  ASSERT_EQ(first.status, 0) << first.err;
  std::filesystem::remove_all(state());
  const auto second = enroll({"--seed", "99"});
  EXPECT_EQ(events(first.out, "enrolled").at(0)["udid"],
            events(second.out, "enrolled").at(0)["udid"]);
  const auto other = enroll({"--seed", "98"});
  EXPECT_EQ(other.status, 1);
  EXPECT_NE(other.err.find("seed 99"), std::string::npos) << other.err;
  EXPECT_EQ(enroll().status, 0) << "without --seed the stored one goes on";
  EXPECT_EQ(list().size(), 2U);
}

TEST_F(AgentProgramTest, ShowsNoSecret) {
  ASSERT_EQ(enroll({"--passcode", "918273"}).status, 0);
  queue({lock("A")});
  const auto connected =
      agent({"connect", "--log-level", "debug", "--transcript", path("t.jsonl")});
  ASSERT_EQ(connected.status, 0) << connected.err;
  std::string shown = connected.out + connected.err;
  for (const Arguments& arguments :
       {Arguments{"list"}, {"list", "--json"}, {"show", "d1"}, {"show", "d1", "--json"}}) {
    const auto output = agent(arguments);
    ASSERT_EQ(output.status, 0) << output.err;
    shown += output.out + output.err;
  }
  shown += to_text(require(io::read_file(directory_ / "t.jsonl")));
  const auto requests = seen();
  const auto& update = requests.at(1).body;
  ASSERT_EQ(requests.at(1).kind, "TokenUpdate");
  for (const std::string& secret :
       {std::string("918273"), std::string("a-password-nobody-sees"),
        update.string_at("PushMagic").value(), base64_encode(update.data_at("Token").value()),
        hex_encode(update.data_at("Token").value()),
        base64_encode(update.data_at("UnlockToken").value()).substr(0, 40)}) {
    EXPECT_EQ(shown.find(secret), std::string::npos) << secret;
  }
}

struct Mistake {
  const char* name;
  std::function<std::string(std::string)> edit;  ///< of the good profile
  const char* words;                             ///< in the error line
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST_F(AgentProgramTest, RefusesBadProfilesWithOneClearLine) {
  const std::vector<Mistake> mistakes = {
      {"no plist", [](auto) { return "hello"; }, "enroll.mobileconfig"},
      {"empty", [](auto) { return ""; }, "enroll.mobileconfig"},
      {"no MDM payload", [](auto s) { return replaced(s, "com.apple.mdm<", "com.apple.other<"); },
       "com.apple.mdm"},
      {"http", [](auto s) { return replaced(s, "<string>https://127", "<string>http://127"); },
       "--allow-http"},
      {"identity",
       [](auto s) {
         return replaced(s, "<key>IdentityCertificateUUID</key>\n\t\t\t<string>1111",
                         "<key>IdentityCertificateUUID</key>\n\t\t\t<string>9999");
       },
       "99991111"},
      {"topic", [](auto s) { return replaced(s, "com.apple.mgmt.", "com.example."); },
       "com.apple.mgmt."},
      {"deep",
       [](auto) {
         std::string deep = "<plist version=\"1.0\">";
         for (int i = 0; i < 1'000'000; ++i) deep += "<array>";
         return deep;
       },
       "deep"},
  };
  const std::string good = profile_text();
  for (const auto& mistake : mistakes) {
    write("enroll.mobileconfig", mistake.edit(good));
    const auto output = enroll();
    EXPECT_EQ(output.status, 1) << mistake.name << ": " << output.err;
    EXPECT_EQ(std::count(output.err.begin(), output.err.end(), '\n'), 1) << output.err;
    EXPECT_NE(output.err.find(mistake.words), std::string::npos)
        << mistake.name << ": " << output.err;
    EXPECT_EQ(list().size(), 0U) << mistake.name;
  }
  EXPECT_TRUE(seen().empty());
}

// facts 5.9, 11.13
TEST_F(AgentProgramTest, WaitsInSetupAssistantForDeviceConfigured) {
  ASSERT_EQ(enroll({"--automated"}).status, 0);
  EXPECT_EQ(seen().back().body.bool_at("AwaitingConfiguration"), true);
  const auto ask = [](const std::string& uuid) {
    return fakes::FakeMdm::command(
        uuid, {{"RequestType", "DeviceInformation"},
               {"Queries", plist::Array{"AwaitingConfiguration", "IsSupervised"}}});
  };
  const auto invite = fakes::FakeMdm::command("B", {{"RequestType", "InviteToProgram"},
                                                    {"ProgramID", "com.apple.cloudvpp"},
                                                    {"InvitationURL", "https://invite.example"}});
  const auto release = fakes::FakeMdm::command("C", {{"RequestType", "DeviceConfigured"}});
  queue({ask("A"), invite, release, ask("D"), invite});
  const auto output = agent({"connect", "d1"});
  EXPECT_EQ(output.status, 0) << output.err;
  std::vector<std::string> statuses;
  std::vector<std::optional<bool>> waits;
  for (const auto& message : seen()) {
    const auto status = message.body.string_at("Status");
    if (!status || *status == "Idle") continue;
    statuses.push_back(*status);
    const plist::Value* answers = message.body.find("QueryResponses");
    if (answers == nullptr) continue;
    waits.push_back(answers->bool_at("AwaitingConfiguration"));
    EXPECT_EQ(answers->bool_at("IsSupervised"), true);
  }
  EXPECT_EQ(statuses, (std::vector<std::string>{"Acknowledged", "NotNow", "Acknowledged",
                                                "Acknowledged", "Acknowledged"}));
  EXPECT_EQ(waits, (std::vector<std::optional<bool>>{true, false}));
}

TEST_F(AgentProgramTest, AnswersASharedIpadsQueriesWithoutMore) {
  ASSERT_EQ(enroll({"--model", "shared-ipad"}).status, 0);
  EXPECT_EQ(seen().back().body.bool_at("AwaitingConfiguration"), false);
  EXPECT_EQ(seen().back().body.find("UnlockToken"), nullptr);
  queue({fakes::FakeMdm::command("A", {{"RequestType", "DeviceInformation"},
                                       {"Queries", plist::Array{"QuotaSize", "ResidentUsers"}}})});
  ASSERT_EQ(agent({"connect", "d1"}).status, 0);
  std::size_t answers = 0;
  for (const auto& message : seen()) {
    const plist::Value* found = message.body.find("QueryResponses");
    if (found == nullptr) continue;
    answers = found->if_dict()->size();
  }
  EXPECT_EQ(answers, 2U);
}

TEST_F(AgentProgramTest, RefusesAWrongCommandLineWithOneClearLine) {
  write("no.pem", "hello");
  write("agent.ini", "[enroll]\nmodle=mac\n");
  const std::string profile = path("enroll.mobileconfig");
  const std::vector<std::pair<Arguments, std::string>> lines = {
      {{}, "subcommand"},
      {{"frob"}, "'frob' is no subcommand; there are enroll, run"},
      {{"enroll", "--profile", path("nothing")}, "--profile"},
      {{"enroll", "--profile", profile, "--ca", path("nothing")}, "--ca"},
      {{"enroll", "--profile", "http://127.0.0.1:1/enroll"}, "--allow-http"},
      {{"enroll", "--profile", profile, "--model", "toaster"}, "iphone = iPhone15,2"},
      {{"enroll"}, "enroll: --profile is required"},
      {{"list", "--config", path("agent.ini")}, "key 'enroll.modle' is unknown"},
      {{"enroll", "--profile", path("nothing")}, "nothing"},
      {{"enroll", "--profile", profile, "--ca", path("no.pem")}, "no.pem"},
      {{"enroll", "--profile", profile, "--courier", "127.0.0.1:1"}, "--ca"},
      {{"enroll", "--profile", profile, "--ca", path("ca.pem"), "--courier", "here"}, "here"},
      {{"run", "--courier", "127.0.0.1:1"}, "--ca"},
      {{"enroll", "--profile", profile, "--model", "toaster"}, "iphone"},
      {{"enroll", "--profile", profile, "--os-version", "3.0"}, "18.1"},
      {{"enroll", "--profile", profile, "--count", "0"}, "--count"},
      {{"list", "--log-level", "loud"}, "loud"},
  };
  for (const auto& [arguments, words] : lines) {
    const auto output = agent(arguments);
    EXPECT_EQ(output.status, 1) << words << ": " << output.err;
    EXPECT_EQ(std::count(output.err.begin(), output.err.end(), '\n'), 1) << output.err;
    EXPECT_NE(output.err.find(words), std::string::npos) << output.err;
  }
}

TEST_F(AgentProgramTest, LeavesNothingBehindAWrongCommandLine) {
  const std::string profile = path("enroll.mobileconfig");
  const std::vector<Arguments> lines = {
      {"enroll", "--profile", path("nothing")},
      {"enroll", "--profile", profile, "--ca", path("nothing")},
      {"enroll", "--profile", profile, "--model", "toaster"},
      {"enroll", "--profile", profile, "--keys", "pool:0"},
      {"enroll", "--profile", profile, "--ca", path("ca.pem"), "--courier", "here"},
      {"run", "--courier", "127.0.0.1:1"},
  };
  for (const auto& arguments : lines) {
    EXPECT_EQ(agent(arguments).status, 1) << arguments.back();
    EXPECT_FALSE(std::filesystem::exists(state())) << arguments.back();
  }
}

TEST_F(AgentProgramTest, SaysWhenTheServerRefusesOrIsNotThere) {
  at_server([](FakeMdm& server) {
    server.script["Authenticate"] = {net::HttpResponse::text(403, "not you")};
  });
  const auto refused = enroll();
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.err.find("HTTP 403: not you"), std::string::npos) << refused.err;
  EXPECT_EQ(list().size(), 0U);

  const auto untrusted = agent({"enroll", "--profile", server_url("/enroll")});
  EXPECT_EQ(untrusted.status, 2);
  EXPECT_NE(untrusted.err.find("--ca FILE"), std::string::npos) << untrusted.err;

  ASSERT_EQ(enroll({"--count", "2"}).status, 0);
  at_server([](FakeMdm& server) { server.stop(); });
  const auto lost = agent({"connect"});
  EXPECT_EQ(lost.status, 2);
  EXPECT_EQ(std::count(lost.err.begin(), lost.err.end(), '\n'), 2) << "one line a device";
  EXPECT_NE(lost.err.find("127.0.0.1"), std::string::npos) << lost.err;
}

TEST_F(AgentProgramTest, NamesWhatIsMissing) {
  const auto no_state = agent({"run"});
  EXPECT_EQ(no_state.status, 2);
  EXPECT_NE(no_state.err.find(state()), std::string::npos) << no_state.err;
  ASSERT_EQ(enroll().status, 0);
  EXPECT_EQ(agent({"show", "d7"}).status, 1);
  EXPECT_EQ(agent({"connect", "d7"}).status, 1);
  EXPECT_EQ(agent({"unenroll", "d1"}).status, 0);
  const auto nobody = agent({"run"});
  EXPECT_EQ(nobody.status, 1);
  EXPECT_NE(nobody.err.find("enroll one first"), std::string::npos) << nobody.err;
}

TEST_F(AgentProgramTest, TellsItsVersion) {
  const std::string bin = UNDERSTUDY_BIN_DIR;
  const auto version = support::run({bin + "/understudy-agent", "--version"});
  EXPECT_EQ(version.status, 0) << version.err;
  EXPECT_NE(version.out.find('.'), std::string::npos) << version.out;
}

TEST_F(AgentProgramTest, TakesOptionsFromEnvironmentAndFile) {
  write("agent.ini", "[enroll]\nmodel=mac\ncount=2\n");
  Arguments arguments = {"env",
                         "UNDERSTUDY_PROFILE=" + path("enroll.mobileconfig"),
                         "UNDERSTUDY_STATE=" + state(),
                         "UNDERSTUDY_MODEL=ipad",
                         std::string(UNDERSTUDY_BIN_DIR) + "/understudy-agent",
                         "--config",
                         path("agent.ini"),
                         "enroll",
                         "--count",
                         "1"};
  const auto output = support::run(arguments);
  ASSERT_EQ(output.status, 0) << output.err;
  const json devices = list();
  ASSERT_EQ(devices.size(), 1U) << "the flag wins over the file";
  EXPECT_NE(devices[0]["product_name"], "iPhone15,2");
}

TEST_F(AgentProgramTest, RunsUntilItIsTerminated) {
  ASSERT_EQ(enroll().status, 0);
  harness::ProcessOptions options;
  options.arguments = {std::string(UNDERSTUDY_BIN_DIR) + "/understudy-agent", "run", "--state",
                       state()};
  options.error_log = path("run.log");
  auto process = require(harness::Process::start(options));
  const json ready = json::parse(require(process.read_line(std::chrono::seconds(20))));
  EXPECT_EQ(ready["event"], "ready");
  EXPECT_EQ(ready["devices"], 1);
  EXPECT_EQ(ready["listening"], 0) << "enrolled without a courier";
  const std::string said = to_text(require(io::read_file(directory_ / "run.log")));
  EXPECT_NE(said.find("1 of 1 devices have no push channel"), std::string::npos) << said;
  EXPECT_NE(said.find("run --courier"), std::string::npos) << said;
  EXPECT_EQ(list().size(), 1U) << "who only reads may look meanwhile";
  EXPECT_EQ(json::parse(agent({"show", "d1", "--json"}).out)["device"], "d1");
  const auto second = agent({"connect"});
  EXPECT_EQ(second.status, 2);
  EXPECT_NE(second.err.find("in use by process " + std::to_string(process.pid())),
            std::string::npos)
      << second.err;
  ASSERT_EQ(::kill(process.pid(), SIGTERM), 0);
  EXPECT_EQ(require(process.wait(std::chrono::seconds(10))), 0);
}

}  // namespace
}  // namespace understudy::agent
