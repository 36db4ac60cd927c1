// Enrollment profiles from elsewhere, good and bad, through the agent's command line.

#include "shared/mdm/profile.h"

#include <algorithm>
#include <filesystem>

#include "shared/crypto/certificate.h"
#include "shared/io/file.h"
#include "tests/e2e/stand_fixture.h"
#include "tests/support/command.h"

namespace understudy::e2e {
namespace {

const std::string kAgent = std::string(UNDERSTUDY_BIN_DIR) + "/understudy-agent";
const std::filesystem::path kSample =
    std::filesystem::path(UNDERSTUDY_SOURCE_DIR) / "../shared/samples/nanomdm-enroll.mobileconfig";

void replace(std::string& text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  ASSERT_NE(at, std::string::npos) << what << " is not in the sample";
  text.replace(at, what.size(), with);
}

class ProfileTest : public StandTest {
 protected:
  /// The server's own enrollment profile, fetched by a witness.
  std::string fetch_profile(const std::string& query = "") {
    const auto fetched = support::run({"curl", "-sS", "--fail", "--cacert", stand_.address().ca,
                                       stand_.address().enroll + query});
    EXPECT_EQ(fetched.status, 0) << fetched.err;
    return fetched.out;
  }

  std::string write(const std::string& name, const std::string& text) {
    const auto path = directory_ / name;
    EXPECT_TRUE(io::write_file(path, as_bytes(text)).has_value());
    return path.string();
  }

  support::Output enroll_by_hand(const std::string& profile) {
    return support::run({kAgent, "enroll", "--profile", profile, "--ca", stand_.address().ca,
                         "--state", stand_.agent_directory().string()});
  }

  /// A device that is enrolled answers a command without push, by `connect`.
  void expect_it_answers() {
    const auto ids = device_ids();
    ASSERT_EQ(ids.size(), 1U);
    const std::string uuid = "33333333-3333-4333-8333-333333333333";
    ASSERT_TRUE(enqueue(
        ids[0], uuid,
        {{"RequestType", "DeviceInformation"}, {"Queries", plist::Array{"UDID", "OSVersion"}}}));
    ASSERT_RESULT(stand_.agent_command({"connect"}));
    EXPECT_EQ(finished(uuid)["status"], "acknowledged");
  }
};

TEST_F(ProfileTest, WellKnownServersSampleEnrolls) {
  if (!std::filesystem::exists(kSample))
    GTEST_SKIP() << "the sample profile is not beside the checkout";
  ASSERT_RESULT(stand_.start_server());
  const auto own = mdm::parse_enrollment_profile(as_bytes(fetch_profile()));
  ASSERT_RESULT(own);
  auto sample = io::read_file(kSample);
  ASSERT_RESULT(sample);
  std::string text = to_text(*sample);
  const std::string base = stand_.address().device_services;
  replace(text, "https://mdm.example.org/scep", base + "/scep");
  replace(text, "https://mdm.example.org/mdm", base + "/mdm");
  replace(text, "SCEP-CHALLENGE-HERE", std::get<mdm::ScepPayload>(own->identity).challenge);
  replace(text, "com.apple.mgmt.External.YOUR-PUSH-TOPIC-HERE", own->mdm.topic);
  const auto enrolled = enroll_by_hand(write("sample.mobileconfig", text));
  ASSERT_EQ(enrolled.status, 0) << enrolled.err;
  expect_it_answers();
}

TEST_F(ProfileTest, AGetOnlyCaWithAnRaThatLetsOneWaitEnrolls) {
  ASSERT_RESULT(stand_.start_server({"--scep-get-only", "--scep-ra", "--scep-pending", "2"}));
  const std::string scep = stand_.address().device_services + "/scep?operation=";
  const auto ask = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"curl", "-sS", "--cacert", stand_.address().ca};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return support::run(arguments).out;
  };
  EXPECT_EQ(ask({scep + "GetCACaps"}).find("POST"), std::string::npos);
  EXPECT_NE(ask({"-d", "x", scep + "PKIOperation"}).find("takes GET only"), std::string::npos);
  ask({"-o", (directory_ / "ca.p7").string(), scep + "GetCACert"});
  const auto shown = support::run({"openssl", "pkcs7", "-inform", "DER", "-in",
                                   (directory_ / "ca.p7").string(), "-print_certs", "-noout"});
  EXPECT_NE(shown.out.find("CN = Understudy RA"), std::string::npos) << shown.out << shown.err;

  std::string profile = fetch_profile();
  replace(profile, "<integer>10</integer>", "<integer>1</integer>");  // RetryDelay
  const auto enrolled = enroll_by_hand(write("own.mobileconfig", profile));
  ASSERT_EQ(enrolled.status, 0) << enrolled.err;
  expect_it_answers();
}

TEST_F(ProfileTest, PasscodePolicyChangesWhatSecurityInfoSays) {
  ASSERT_RESULT(stand_.start_server());
  const auto enrolled = enroll_by_hand(write("own.mobileconfig", fetch_profile()));
  ASSERT_EQ(enrolled.status, 0) << enrolled.err;
  const auto ids = device_ids();
  ASSERT_EQ(ids.size(), 1U);
  plist::Array payloads;
  payloads.emplace_back(plist::Dict{{"PayloadType", "com.apple.mobiledevice.passwordpolicy"},
                                    {"PayloadIdentifier", "org.example.policy.1"},
                                    {"PayloadUUID", "A5A5A5A5-0000-4000-8000-000000000001"},
                                    {"PayloadVersion", 1},
                                    {"minLength", 16}});
  const plist::Dict profile = {{"PayloadType", "Configuration"},
                               {"PayloadIdentifier", "org.example.policy"},
                               {"PayloadUUID", "A5A5A5A5-0000-4000-8000-000000000002"},
                               {"PayloadVersion", 1},
                               {"PayloadContent", std::move(payloads)}};
  const std::string install = "33333333-3333-4333-8333-333333333334";
  const std::string ask = "33333333-3333-4333-8333-333333333335";
  ASSERT_TRUE(enqueue(ids[0], install,
                      {{"RequestType", "InstallProfile"},
                       {"Payload", to_bytes(plist::write_xml(plist::Value(profile)).value())}}));
  ASSERT_TRUE(enqueue(ids[0], ask, {{"RequestType", "SecurityInfo"}}));
  ASSERT_RESULT(stand_.agent_command({"connect"}));
  EXPECT_EQ(finished(install)["status"], "acknowledged");
  EXPECT_EQ(finished(ask)["status"], "acknowledged");
  const auto result = stand_.api().get("/v1/commands/" + ask + "/result");
  ASSERT_RESULT(result);
  const auto report = plist::read(as_bytes(*result));
  ASSERT_RESULT(report);
  const plist::Value* info = report->find("SecurityInfo");
  ASSERT_NE(info, nullptr) << *result;
  EXPECT_EQ(info->bool_at("PasscodeCompliant"), false);
  EXPECT_EQ(info->bool_at("PasscodeCompliantWithProfiles"), false);
}

TEST_F(ProfileTest, EveryFormOfOurOwnEnrolls) {
  ASSERT_RESULT(stand_.start_server());
  int form = 0;
  for (const char* query : {"?identity=pkcs12", "?urls=two", "?sign=0", "?signed=1"}) {
    const auto file = write("form" + std::to_string(++form), fetch_profile(query));
    const auto enrolled = enroll_by_hand(file);
    EXPECT_EQ(enrolled.status, 0) << query << ": " << enrolled.err;
  }
  EXPECT_EQ(device_ids().size(), 4U);
}

struct Spoiled {
  const char* name;
  const char* what;  ///< replaced in the server's own profile; empty: the whole text
  const char* with;
  const char* says;  ///< in the one line of complaint
};

TEST_F(ProfileTest, BadOnesGetOneLineAndLeaveNoDevice) {
  ASSERT_RESULT(stand_.start_server());
  const std::string good = fetch_profile();
  std::string deep = "<plist>";
  for (int level = 0; level < 1'000'000; ++level) deep += "<array>";
  const std::vector<Spoiled> table = {
      {"no property list", "", "this is no profile", "property list"},
      {"no MDM payload", "<string>com.apple.mdm</string>", "<string>com.apple.wifi</string>",
       "com.apple.mdm"},
      {"plain http", "<string>https://", "<string>http://", "--allow-http"},
      {"foreign topic", "com.apple.mgmt.", "com.example.", "com.apple.mgmt."},
      {"two MDM payloads", "<string>com.apple.security.scep</string>",
       "<string>com.apple.mdm</string>", "more than one"},
      {"an identity that is not there", "<key>IdentityCertificateUUID</key>",
       "<key>IdentityCertificateUUID</key><string>7B0A0B52-5B0B-4A0C-9C36-1E9D8D1B8D01</string>"
       "<key>WasIdentityCertificateUUID</key>",
       "IdentityCertificateUUID"},
      {"a million levels", "", deep.c_str(), "deep"},
  };
  for (const Spoiled& spoiled : table) {
    std::string text = good;
    if (*spoiled.what == '\0') {
      text = spoiled.with;
    } else {
      for (std::size_t at = 0; (at = text.find(spoiled.what, at)) != std::string::npos;) {
        text.replace(at, std::string(spoiled.what).size(), spoiled.with);
        at += std::string(spoiled.with).size();
      }
    }
    const auto refused = enroll_by_hand(write("bad.mobileconfig", text));
    EXPECT_EQ(refused.status, 1) << spoiled.name << ": " << refused.err;
    EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
    EXPECT_NE(refused.err.find(spoiled.says), std::string::npos)
        << spoiled.name << ": " << refused.err;
  }
  EXPECT_TRUE(device_ids().empty());
  const auto list = stand_.agent_command({"list", "--json"});
  ASSERT_RESULT(list);
  EXPECT_EQ(json::parse(*list).size(), 0U);
}

TEST_F(ProfileTest, WrongChallengeIsRefusedAndNobodyElseIsDisturbed) {
  ASSERT_RESULT(stand_.start_server());
  std::string text = fetch_profile();
  const auto own = mdm::parse_enrollment_profile(as_bytes(text));
  ASSERT_RESULT(own);
  replace(text, std::get<mdm::ScepPayload>(own->identity).challenge, "guessed");
  const auto refused = enroll_by_hand(write("wrong.mobileconfig", text));
  EXPECT_EQ(refused.status, 2) << refused.err;
  EXPECT_NE(refused.err.find("challenge"), std::string::npos) << refused.err;
  EXPECT_EQ(refused.err.find("guessed"), std::string::npos)
      << "a challenge is a secret: " << refused.err;
  EXPECT_TRUE(device_ids().empty());

  ASSERT_EQ(enroll_by_hand(write("good.mobileconfig", fetch_profile())).status, 0);
  expect_it_answers();
}

}  // namespace
}  // namespace understudy::e2e
