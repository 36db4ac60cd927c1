/// Our validation against the oracle of the reference material: Apple's schema read by other code,
/// of another author, in another language. One Python process judges every message.

#include <gmock/gmock.h>

#include <filesystem>
#include <set>
#include <sstream>

#include "shared/plist/plist.h"
#include "tests/support/command.h"
#include "tests/unit/shared/mdm/sample_messages.h"

namespace understudy::mdm {
namespace {

using plist::Array;
using plist::Dict;
using samples::kAllPlatforms;
using samples::willing;

/// Reads an array of {what, platform, os, channel, enrollment, supervised, type, message} from
/// standard input; writes a line for each: the paths it finds fault with, separated by tabs. For
/// `allowed` the message is not looked at. The schema's files are loaded once.
constexpr const char* kDriver = R"py(
import sys, plistlib
folder, root = sys.argv[1], sys.argv[2]
sys.path.insert(0, folder)
sys.dont_write_bytecode = True
import mdm_oracle
loader = mdm_oracle.Schema(root, "iOS", "18.1", "device", "device", True)
cache = {f: list(loader.load(f)) for f in ("mdm/commands", "mdm/checkin")}
mdm_oracle.Schema.load = lambda self, f: cache[f]
commands = {doc["payload"]["requesttype"]: doc for _, doc in cache["mdm/commands"]}
for case in plistlib.loads(sys.stdin.buffer.read()):
    schema = mdm_oracle.Schema(root, case["platform"], case["os"], case["channel"],
                               case["enrollment"], case["supervised"])
    if case["what"] == "allowed":
        found = schema.allowed(commands[case["type"]]["payload"])
    elif case["what"] == "response":
        found = schema.response(case["message"], case["type"])
    else:
        found = getattr(schema, case["what"])(case["message"])
    print("\t".join(sorted({path for path, _ in found})))
)py";

struct Case {
  std::string what;  ///< "allowed", "command", "response", "checkin"
  std::string type;
  Target target;
  Dict message;
  std::string note;  ///< what was done to the message
};

/// The path both differ about, where we know why (docs/protocol/catalog.md, "Deviations"); empty
/// elsewhere.
std::string known_difference(const Case& one) {
  if (one.what != "checkin") return "";
  const Dict& message = one.message;
  const bool forgotten_tvos = one.target.platform == Platform::tvos;
  const bool nobody = !message.contains("UDID") && !message.contains("EnrollmentID");
  if (one.type == "TokenUpdate" && forgotten_tvos && !message.contains("NotOnConsole"))
    return "NotOnConsole";
  if (one.type == "UserAuthenticate" && !message.contains("DigestResponse"))
    return "DigestResponse";
  if (!message.contains("MessageType") || one.note == "with another type of MessageType") return "";
  const bool optional_sender = one.type == "Authenticate" || one.type.ends_with("BootstrapToken");
  if (optional_sender && nobody) return "UDID";
  if (one.type == "CheckOut" && one.target.platform == Platform::macos &&
      one.target.enrollment == EnrollmentKind::user && !message.contains("UDID") && !nobody)
    return "UDID";
  return "";
}

class Oracle : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::filesystem::path shared =
        std::filesystem::path(UNDERSTUDY_SOURCE_DIR).parent_path() / "shared";
    folder_ = shared / "oracle";
    schema_ = shared / "apple-device-management";
    if (!std::filesystem::exists(folder_ / "mdm_oracle.py"))
      GTEST_SKIP() << "no oracle at " << folder_;
    if (support::run({"/usr/bin/python3", "-c", "import yaml"}).status != 0)
      GTEST_SKIP() << "no python3-yaml";
  }

  /// For each case the paths the oracle finds fault with.
  std::vector<std::set<std::string>> judge(const std::vector<Case>& cases) const {
    Array input;
    for (const Case& one : cases) {
      input.emplace_back(
          Dict{{"what", one.what},
               {"type", one.type},
               {"platform", platform_name(one.target.platform)},
               {"os", one.target.os.text()},
               {"channel", one.target.channel == Channel::user ? "user" : "device"},
               {"enrollment", one.target.enrollment == EnrollmentKind::user ? "user" : "device"},
               {"supervised", one.target.supervised},
               {"message", one.message}});
    }
    const auto bytes = plist::write_binary(input);
    EXPECT_TRUE(bytes);
    const auto result = support::run(
        {"/usr/bin/python3", "-c", kDriver, folder_.string(), schema_.string()}, to_text(*bytes));
    EXPECT_EQ(result.status, 0) << result.err;
    std::vector<std::set<std::string>> out;
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) {
      std::set<std::string> paths;
      std::istringstream words(line);
      for (std::string word; std::getline(words, word, '\t');) paths.insert(word);
      out.push_back(paths);
    }
    EXPECT_EQ(out.size(), cases.size());
    out.resize(cases.size());
    return out;
  }

  /// Both judge every message; the sets of paths must be the same.
  void compare(const std::vector<Case>& cases) const {
    const auto theirs = judge(cases);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const Case& one = cases[i];
      std::set<std::string> ours;
      for (const Problem& problem : judge_ourselves(one)) ours.insert(problem.path);
      std::set<std::string> wanted = theirs[i];
      if (const std::string path = known_difference(one); !path.empty()) {
        EXPECT_NE(ours.contains(path), wanted.contains(path)) << path << ": no difference any more";
        wanted.erase(path);
        ours.erase(path);
      }
      EXPECT_EQ(ours, wanted) << one.what << " " << one.type << " on "
                              << platform_name(one.target.platform) << ": " << one.note;
    }
  }

 private:
  static std::vector<Problem> judge_ourselves(const Case& one) {
    const Catalog& catalog = Catalog::builtin();
    if (one.what == "command") return validate_command(catalog, one.message, one.target);
    if (one.what == "response")
      return validate_response(catalog, one.type, one.message, one.target);
    return validate_checkin(catalog, one.message, one.target);
  }

  std::filesystem::path folder_, schema_;
};

/// The message, and every way of spoiling one member of `dict` (a member of the message, or the
/// message itself): left out, of another type, beside one that does not exist.
template <class Wrap>
void add_spoiled(std::vector<Case>& cases, Case good, const Dict& dict, Wrap wrap) {
  good.note = "as it should be";
  good.message = wrap(dict);
  cases.push_back(good);
  for (const auto& [key, value] : dict) {
    Dict less = dict;
    less.erase(key);
    good.note = "without " + key;
    good.message = wrap(less);
    cases.push_back(good);
    Dict other = dict;
    other[key] = value.is(plist::Type::boolean) ? plist::Value("yes") : plist::Value(true);
    good.note = "with another type of " + key;
    good.message = wrap(other);
    cases.push_back(good);
  }
  Dict more = dict;
  more["Unheard"] = "of";
  good.note = "with an unknown key";
  good.message = wrap(more);
  cases.push_back(good);
}

TEST_F(Oracle, AgreesWhichCommandsAreAllowed) {
  // The oracle knows no Shared iPad, no kinds of enrollment, no rights, no automated enrollment and
  // not that only macOS and Shared iPad have a user channel: those are left at what it takes for
  // granted.
  std::vector<Case> cases;
  for (const MessageSpec& spec : Catalog::builtin().commands()) {
    if (spec.is_newer()) continue;  // the oracle does not know it
    for (const Platform platform : kAllPlatforms) {
      const auto& entry = spec.platforms.at(static_cast<std::size_t>(platform));
      if (entry && entry->shared_ipad == Availability::Mode::required) continue;
      std::vector<Version> versions = {samples::latest(platform), {{1, 0}}, {{10, 0}}, {{10, 13}}};
      if (entry) versions.push_back(*entry->introduced);
      for (const Version& version : versions) {
        for (const bool supervised : {false, true}) {
          Case one{"allowed", spec.name, willing(platform), {}, version.text()};
          one.target.os = version;
          one.target.supervised = supervised;
          cases.push_back(one);
          one.target.channel = Channel::user;
          if (platform == Platform::macos) cases.push_back(one);
        }
      }
    }
  }
  EXPECT_GT(cases.size(), 3000U);
  const auto theirs = judge(cases);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& one = cases[i];
    EXPECT_EQ(check_allowed(Catalog::builtin(), one.type, one.target).empty(), theirs[i].empty())
        << one.type << " on " << platform_name(one.target.platform) << " " << one.note
        << (one.target.supervised ? " supervised" : "")
        << (one.target.channel == Channel::user ? " user channel" : "");
  }
}

TEST_F(Oracle, AgreesAboutTheKeysOfCommands) {
  std::vector<Case> cases;
  for (const MessageSpec& spec : Catalog::builtin().commands()) {
    if (spec.is_newer()) continue;  // the oracle does not know it
    for (const Platform platform : kAllPlatforms) {
      const auto& entry = spec.platforms.at(static_cast<std::size_t>(platform));
      if (!entry || entry->shared_ipad == Availability::Mode::required) continue;
      Case one{"command", spec.name, willing(platform), {}, ""};
      if (!entry->device_channel) one.target.channel = Channel::user;
      Dict body = samples::dict_of(spec.request, one.target);
      add_spoiled(cases, one, body, [&](Dict spoiled) {
        spoiled["RequestType"] = spec.name;
        return Dict{{"CommandUUID", "1"}, {"Command", std::move(spoiled)}};
      });
    }
  }
  EXPECT_GT(cases.size(), 800U);
  compare(cases);
}

TEST_F(Oracle, AgreesAboutTheKeysOfResults) {
  std::vector<Case> cases;
  for (const MessageSpec& spec : Catalog::builtin().commands()) {
    if (spec.is_newer()) continue;  // the oracle does not know it
    // What Apple calls "Category Name" is any name, and the oracle takes it for one.
    if (spec.name == "ContentCachingInformation") continue;
    for (const Platform platform : kAllPlatforms) {
      const auto& entry = spec.platforms.at(static_cast<std::size_t>(platform));
      if (!entry || entry->shared_ipad == Availability::Mode::required) continue;
      Case one{"response", spec.name, willing(platform), {}, ""};
      if (!entry->device_channel) one.target.channel = Channel::user;
      add_spoiled(cases, one, samples::dict_of(spec.response, one.target), [](Dict spoiled) {
        spoiled.insert({{"Status", "Acknowledged"}, {"CommandUUID", "1"}, {"UDID", "u"}});
        return spoiled;
      });
    }
  }
  EXPECT_GT(cases.size(), 500U);
  compare(cases);
}

TEST_F(Oracle, AgreesAboutCheckins) {
  std::vector<Case> cases;
  for (const MessageSpec& spec : Catalog::builtin().checkins()) {
    for (const Platform platform : kAllPlatforms) {
      const auto& entry = spec.platforms.at(static_cast<std::size_t>(platform));
      if (!entry) continue;
      for (const EnrollmentKind kind : {EnrollmentKind::device, EnrollmentKind::user}) {
        Case one{"checkin", spec.name, willing(platform), {}, ""};
        one.target.enrollment = kind;
        if (!entry->device_channel) one.target.channel = Channel::user;
        if (!refusals(*entry, one.target).empty()) continue;
        add_spoiled(cases, one, samples::dict_of(spec.request, one.target),
                    [](Dict spoiled) { return spoiled; });
      }
    }
  }
  EXPECT_GT(cases.size(), 300U);
  compare(cases);
}

}  // namespace
}  // namespace understudy::mdm
