/// Every key of every command, spoiled in every way: the documented answer, and a device that is as
/// before and goes on.

#include <set>

#include "shared/plist/plist.h"
#include "tests/unit/agent/commands/samples.h"

namespace understudy::agent::test {
namespace {

using mdm::KeySpec;
using mdm::KeyType;
using plist::Value;

/// From a key of the Command dictionary down to the one that is meant.
using Chain = std::vector<const KeySpec*>;

/// A way to spoil one key.
struct Fault {
  const char* name;
  bool (*applies)(const KeySpec& key);
  Value (*value)(const KeySpec& key);
  mdm::Status answer;
};

constexpr std::size_t kMegabyte = 1'000'000;

bool is_typed(const KeySpec& key) {
  return key.type != KeyType::any;
}

/// Members or items that may be anything hide anything.
bool is_typed_inside(const KeySpec& key) {
  return is_typed(key) && std::ranges::all_of(key.subkeys, [](const KeySpec& inner) {
           return !inner.name.starts_with("ANY");
         });
}

Value another_type(const KeySpec& key) {
  return key.type == KeyType::boolean ? Value("text") : Value(true);
}

/// As deep as a property list may be, and of the right type on the outside.
Value bomb(const KeySpec& key) {
  constexpr int kDepth = 100;
  Value inner = plist::Array{};
  for (int i = 0; i < kDepth; ++i) {
    plist::Array outer;
    outer.emplace_back(std::move(inner));
    inner = std::move(outer);
  }
  if (key.type != KeyType::dictionary) return inner;
  plist::Dict dict;
  dict.emplace("Deep", std::move(inner));
  return dict;
}

constexpr auto kFormatError = mdm::Status::command_format_error;

const std::vector<Fault>& faults() {
  static const std::vector<Fault> kAll = {
      {"wrong type", is_typed, another_type, kFormatError},
      {"empty array", [](const KeySpec& key) { return key.type == KeyType::array; },
       [](const KeySpec&) { return Value(plist::Array{}); }, mdm::Status::acknowledged},
      {"1 MB string", [](const KeySpec& key) { return key.type == KeyType::string; },
       [](const KeySpec&) { return Value(std::string(kMegabyte, 'x')); }, kFormatError},
      {"1 MB of data", [](const KeySpec& key) { return key.type == KeyType::data; },
       [](const KeySpec&) { return Value(Bytes(kMegabyte, 0x30)); }, mdm::Status::acknowledged},
      {"bomb of the wrong type",
       [](const KeySpec& key) {
         return is_typed_inside(key) && key.type != KeyType::array &&
                key.type != KeyType::dictionary;
       },
       bomb, kFormatError},
      {"bomb",
       [](const KeySpec& key) {
         return key.type == KeyType::array || !is_typed_inside(key) ||
                key.type == KeyType::dictionary;
       },
       bomb, kFormatError},
  };
  return kAll;
}

/// A key that no schema has yet.
void add_tomorrow(plist::Dict& members) {
  members["KeyOfTomorrow"] = plist::Dict{{"Deep", plist::Array{1, true}}};
}

/// The same value with such a key in it, and in each dictionary on the way to the chain's end.
Value with_tomorrow(Value value, const Chain& chain, std::size_t at) {
  if (plist::Array* items = value.if_array(); items != nullptr && at + 1 < chain.size()) {
    for (Value& item : *items) item = with_tomorrow(std::move(item), chain, at + 1);
  }
  if (plist::Dict* members = value.if_dict()) {
    const auto next =
        at + 1 < chain.size() ? members->find(name_of(*chain.at(at + 1))) : members->end();
    if (next != members->end()) {
      next->second = with_tomorrow(std::move(next->second), chain, at + 1);
    }
    if (is_typed_inside(*chain.at(at))) add_tomorrow(*members);
  }
  return value;
}

/// The value of chain[at], with `leaf` at the chain's end; nullopt there: the key is left out.
std::optional<Value> build(const Chain& chain, std::size_t at, const std::optional<Value>& leaf,
                           const mdm::Target& target) {
  if (at + 1 == chain.size()) return leaf;
  const KeySpec& child = *chain.at(at + 1);
  auto inner = build(chain, at + 1, leaf, target);
  if (chain.at(at)->type == KeyType::array) {
    plist::Array items;
    if (inner) items.push_back(*std::move(inner));
    return items;
  }
  plist::Dict members = least_members(chain.at(at)->subkeys, target);
  members.erase(name_of(child));
  if (inner) members.insert_or_assign(name_of(child), *std::move(inner));
  return members;
}

plist::Dict spoiled(plist::Dict keys, const Chain& chain, const std::optional<Value>& leaf,
                    const mdm::Target& target) {
  keys.erase(name_of(*chain.front()));
  if (auto value = build(chain, 0, leaf, target)) {
    keys.insert_or_assign(name_of(*chain.front()), *std::move(value));
  }
  return keys;
}

/// Every key that exists for the target, at any depth. The names that a string key knows are
/// values, not keys.
void collect(const std::vector<KeySpec>& keys, Chain& chain, const mdm::Target& target,
             std::vector<Chain>& out) {
  for (const KeySpec& key : keys) {
    if (!exists_for(key, target)) continue;
    chain.push_back(&key);
    out.push_back(chain);
    if (key.type == KeyType::array || key.type == KeyType::dictionary) {
      collect(key.subkeys, chain, target, out);
    }
    chain.pop_back();
  }
}

std::string text_of(const Chain& chain) {
  std::string text;
  for (const KeySpec* key : chain) text += (text.empty() ? "" : ".") + key->name;
  return text;
}

/// Keys whose value has to mean something, beyond its type: the others are kept as they come.
bool must_mean_something(const std::string& path) {
  static const std::set<std::string, std::less<>> kAll = {
      "ClearPasscode.UnlockToken",
      "EraseDevice.ReturnToService.MDMProfileData",
      "EraseDevice.ReturnToService.WiFiProfileData",
      "InstallEnterpriseApplication.Manifest",
      "InstallEnterpriseApplication.Manifest.ANY",
      "InstallProfile.Payload",
      "InstallProvisioningProfile.ProvisioningProfile",
      "RotateFileVaultKey.FileVaultUnlock",
      "RotateFileVaultKey.FileVaultUnlock.PrivateKeyExport",
      "RotateFileVaultKey.ReplyEncryptionCertificate",
  };
  return kAll.contains(path);
}

class BadInput : public ::testing::TestWithParam<mdm::MessageSpec> {
 protected:
  /// The devices that take the command.
  static std::vector<Stand> takers() {
    std::vector<Stand> all;
    for (const Stand& stand : stands()) {
      Enrolled enrolled(stand.options);
      enrolled.channel = stand.channel;
      const bool trusted = stand.options.supervised && stand.options.automated;
      if (trusted &&
          mdm::check_allowed(mdm::Catalog::builtin(), GetParam().name, enrolled.target()).empty()) {
        all.push_back(stand);
      }
    }
    return all;
  }

  /// A dictionary takes a bomb under a key it does not know, if it can be without those it knows.
  static mdm::Status answer_to(const Fault& fault, const Chain& chain, const Enrolled& enrolled) {
    const KeySpec& key = *chain.back();
    const bool is_malformed = fault.answer == kFormatError &&
                              (fault.value != bomb || key.type == KeyType::array ||
                               (is_typed_inside(key) && key.type != KeyType::dictionary) ||
                               std::ranges::any_of(key.subkeys, [&](const KeySpec& inner) {
                                 return inner.required && !inner.name.starts_with("ANY") &&
                                        exists_for(inner, enrolled.target());
                               }));
    if (is_malformed) return kFormatError;
    const bool refused = must_mean_something(GetParam().name + "." + text_of(chain)) ||
                         hardware_lacks(GetParam().name, enrolled.device.hardware);
    return refused ? mdm::Status::error : mdm::Status::acknowledged;
  }

  static std::vector<Chain> chains(const mdm::Target& target) {
    std::vector<Chain> all;
    Chain chain;
    collect(GetParam().request, chain, target, all);
    return all;
  }

  /// Sends it to a fresh device of that sort and looks at what is left of it.
  static mdm::Status send(
      const Stand& stand, const Chain& chain,
      const std::function<plist::Dict(plist::Dict, const mdm::Target&)>& spoil) {
    Enrolled enrolled(stand.options);
    enrolled.channel = stand.channel;
    plist::Dict keys = sample_arguments(GetParam(), enrolled);
    const Bytes before = serialize(enrolled.device);
    const Outcome outcome =
        enrolled.run(GetParam().name, spoil(std::move(keys), enrolled.target()));
    const Bytes after = serialize(enrolled.device);
    if (outcome.status != mdm::Status::acknowledged) {
      EXPECT_FALSE(outcome.errors.empty()) << text_of(chain);
      EXPECT_EQ(after, before) << text_of(chain);
      EXPECT_EQ(outcome.then, Outcome::Then::go_on);
    }
    EXPECT_TRUE(deserialize(after)) << text_of(chain);
    if (enrolled.device.enrollment && outcome.then == Outcome::Then::go_on) {
      enrolled.channel = mdm::Channel::device;
      enrolled.device.lost_mode.on = false;
      const plist::Dict ask = {{"Queries", plist::Array{"UDID"}}};
      EXPECT_THAT(enrolled.run("DeviceInformation", ask), Acknowledged()) << text_of(chain);
    }
    return outcome.status;
  }
};

TEST_P(BadInput, GetsTheDocumentedAnswerAndLeavesTheDeviceUsable) {
  int sent = 0;
  for (const Stand& stand : takers()) {
    Enrolled enrolled(stand.options);
    enrolled.channel = stand.channel;
    for (const Chain& chain : chains(enrolled.target())) {
      for (const Fault& fault : faults()) {
        if (!fault.applies(*chain.back())) continue;
        const auto spoil = [&](plist::Dict keys, const mdm::Target& target) {
          return spoiled(std::move(keys), chain, fault.value(*chain.back()), target);
        };
        const auto status = send(stand, chain, spoil);
        EXPECT_EQ(status, answer_to(fault, chain, enrolled))
            << text_of(chain) << ": " << fault.name;
        ++sent;
      }
    }
  }
  EXPECT_EQ(sent > 0, !GetParam().request.empty());
}

TEST_P(BadInput, IsAFormatErrorWhenARequiredKeyIsMissing) {
  for (const Stand& stand : takers()) {
    Enrolled enrolled(stand.options);
    enrolled.channel = stand.channel;
    for (const Chain& chain : chains(enrolled.target())) {
      const bool item = chain.size() > 1 && chain.at(chain.size() - 2)->type == KeyType::array;
      if (!chain.back()->required || item || chain.back()->name.starts_with("ANY")) continue;
      const auto leave_out = [&](plist::Dict keys, const mdm::Target& target) {
        return spoiled(std::move(keys), chain, std::nullopt, target);
      };
      EXPECT_EQ(send(stand, chain, leave_out), kFormatError) << text_of(chain);
    }
  }
}

TEST_P(BadInput, IgnoresKeysOfANewerSchema) {
  for (const Stand& stand : takers()) {
    Enrolled enrolled(stand.options);
    enrolled.channel = stand.channel;
    if (hardware_lacks(GetParam().name, enrolled.device.hardware)) continue;
    const auto status = send(stand, {}, [](plist::Dict keys, const mdm::Target&) {
      add_tomorrow(keys);
      return keys;
    });
    EXPECT_EQ(status, mdm::Status::acknowledged);
  }
}

/// Also inside: the answer is as without the key.
TEST_P(BadInput, IgnoresKeysOfANewerSchemaInEachDictionary) {
  for (const Stand& stand : takers()) {
    Enrolled enrolled(stand.options);
    enrolled.channel = stand.channel;
    for (const Chain& chain : chains(enrolled.target())) {
      if (chain.back()->type != KeyType::dictionary || !is_typed_inside(*chain.back())) continue;
      const auto least = [&](plist::Dict keys, const mdm::Target& target) {
        return spoiled(std::move(keys), chain, least_value(*chain.back(), target), target);
      };
      const auto more = [&](plist::Dict keys, const mdm::Target& target) {
        keys = least(std::move(keys), target);
        Value& outermost = keys[name_of(*chain.front())];
        outermost = with_tomorrow(std::move(outermost), chain, 0);
        return keys;
      };
      EXPECT_EQ(send(stand, chain, more), send(stand, chain, least)) << text_of(chain);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Catalog, BadInput, ::testing::ValuesIn(mdm::Catalog::builtin().commands()),
                         [](const auto& test) { return test.param.name; });

/// A deeper one than a property list may be does not come as far as a command.
TEST(BadInputText, RefusesABombThatIsDeeperThanAPropertyListMayBe) {
  constexpr int kDepth = 100'000;
  std::string text = "<plist version=\"1.0\">";
  for (int i = 0; i < kDepth; ++i) text += "<array>";
  for (int i = 0; i < kDepth; ++i) text += "</array>";
  text += "</plist>";
  const auto read = plist::read(as_bytes(text));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, plist::errc::too_deep);
}

}  // namespace
}  // namespace understudy::agent::test
