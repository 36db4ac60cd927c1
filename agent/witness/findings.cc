#include <algorithm>
#include <array>
#include <stdexcept>

#include "agent/witness/finding.h"

namespace understudy::agent::witness {
namespace {

constexpr std::size_t kLongestText = 400;
constexpr std::size_t kLongestUuid = 100;

// Every finding. Sources are restated in docs/protocol; `mdm/...` are files of Apple's schema.
constexpr std::array kRules = std::to_array<Rule>({
    // The answer as HTTP.
    {"http/html", Level::must, "a web page where a message is due", "docs/protocol/answers.md 6.3"},
    {"http/white-space-body", Level::must, "white space where the body must have zero octets",
     "docs/protocol/answers.md 6.3"},
    {"http/command-content-type", Level::should,
     "a command whose Content-Type is not application/xml", "docs/protocol/answers.md 6.3"},
    {"http/profile-content-type", Level::should,
     "a profile whose Content-Type is not application/x-apple-aspen-config",
     "docs/protocol/answers.md 2.2"},
    {"http/redirect", Level::info, "a redirect: followed, and never remembered",
     "docs/protocol/answers.md 6.7"},
    {"http/unauthorized", Level::should,
     "401 to disown a device that knows 403 with com.apple.unrecognized.device",
     "mdm/errors/unrecognized.device.yaml"},
    {"http/unrecognized-content-type", Level::must,
     "403 with com.apple.unrecognized.device, without the Content-Type of its body",
     "mdm/errors/unrecognized.device.yaml"},
    {"http/gone", Level::should, "410, which means something to UserAuthenticate only",
     "docs/protocol/answers.md 6.10"},

    // A command, as a message.
    {"command/not-a-plist", Level::must, "a body that is no property list",
     "docs/protocol/answers.md 6.3"},
    {"command/binary-plist", Level::should, "a binary property list where XML is due",
     "docs/protocol/answers.md 6.3"},
    {"command/trailing-octets", Level::should, "octets after the end of the property list",
     "docs/protocol/plist.md"},
    {"command/lenient-plist", Level::should, "XML that only a lenient parser reads",
     "docs/protocol/plist.md"},
    {"command/not-a-dictionary", Level::must, "a property list that is no dictionary",
     "docs/protocol/answers.md 8.9"},
    {"command/missing-uuid", Level::must, "a command without a CommandUUID to answer to",
     "docs/protocol/answers.md 8.9"},
    {"command/missing-request-type", Level::must, "a command without Command or RequestType",
     "docs/protocol/answers.md 8.9"},
    {"command/unknown-request", Level::should, "a RequestType that is in no schema we know",
     "mdm/commands"},
    {"command/missing-key", Level::must, "a required key is missing", "mdm/commands"},
    {"command/wrong-type", Level::must, "a value of another type than the schema's",
     "mdm/commands"},
    {"command/bad-value", Level::must, "a value that is out of range or not in the list",
     "mdm/commands"},
    {"command/endless-text", Level::must, "a text of more than 64 KiB, which no device needs",
     "docs/protocol/answers.md 8.9"},
    {"command/unknown-key", Level::should, "a key that the schema does not have", "mdm/commands"},
    {"command/key-not-here", Level::should,
     "a key that this platform, version, channel or enrollment does not have", "mdm/commands"},

    // A command, as sent to this device.
    {"command/not-on-platform", Level::should, "a command of other platforms or versions",
     "mdm/commands"},
    {"command/wrong-channel", Level::should, "a command of the other channel", "mdm/commands"},
    {"command/wrong-enrollment", Level::should, "a command of another kind of enrollment",
     "mdm/commands"},
    {"command/needs-supervision", Level::should, "supervision is needed, and is not there",
     "mdm/commands"},
    {"command/needs-automated-enrollment", Level::should,
     "Automated Device Enrollment is needed, and is not there", "mdm/commands"},
    {"command/needs-right", Level::should,
     "an access right is needed that the enrollment profile withholds",
     "docs/protocol/answers.md 1.6"},

    // One message after another.
    {"conversation/answered-again", Level::should,
     "a command was handed out again although its result had been taken",
     "docs/protocol/answers.md 8.6"},
    {"conversation/uuid-reused", Level::must, "a CommandUUID that another command had",
     "docs/protocol/answers.md 8.6"},
    {"conversation/not-now-ignored", Level::should,
     "the command that got NotNow was handed out again at once", "docs/protocol/answers.md 8.10"},
    {"conversation/endless-offer", Level::must,
     "one command was handed out so often in a conversation that the device hung up",
     "docs/protocol/answers.md 8.10"},
    {"conversation/command-after-goodbye", Level::should,
     "a command for a device that had just been erased, unenrolled or checked out",
     "docs/protocol/answers.md 7.6"},

    // The answer to a check-in.
    {"checkin/status", Level::should, "a 2xx other than 200 to a check-in",
     "docs/protocol/answers.md 7.1"},
    {"checkin/body-not-empty", Level::should, "a body in the answer to a check-in that has none",
     "docs/protocol/answers.md 7.15"},
    {"checkin/malformed-answer", Level::must, "an answer to a check-in that is not as its schema",
     "mdm/checkin"},

    // A push.
    {"push/stale-magic", Level::must, "a push with another PushMagic than the newest TokenUpdate's",
     "docs/protocol/answers.md 12.3"},
    {"push/wrong-payload", Level::must, "a push that is not exactly {\"mdm\": PushMagic}",
     "docs/protocol/answers.md 12.1"},
    {"push/wrong-topic", Level::must, "a push for another topic than the enrollment profile's",
     "docs/protocol/answers.md 1.3"},
    {"push/unknown-token", Level::should, "a push for a token that the device no longer has",
     "docs/protocol/answers.md 12.5"},

    // The enrollment profile.
    {"profile/unreadable", Level::must, "an enrollment profile that is no profile",
     "mdm/profiles/TopLevel.yaml"},
    {"profile/no-mdm-payload", Level::must, "an enrollment profile without an MDM payload",
     "docs/protocol/answers.md 1.16"},
    {"profile/two-mdm-payloads", Level::must, "an enrollment profile with several MDM payloads",
     "docs/protocol/answers.md 1.16"},
    {"profile/missing-key", Level::must, "the MDM payload lacks a required key",
     "mdm/profiles/com.apple.mdm.yaml"},
    {"profile/wrong-type", Level::must, "the MDM payload has a value of another type",
     "mdm/profiles/com.apple.mdm.yaml"},
    {"profile/unknown-key", Level::should, "the MDM payload has a key that the schema has not",
     "mdm/profiles/com.apple.mdm.yaml"},
    {"profile/topic", Level::must, "a Topic that is empty or does not begin with com.apple.mgmt.",
     "docs/protocol/answers.md 1.3"},
    {"profile/insecure-url", Level::must, "a ServerURL or CheckInURL that is not https",
     "docs/protocol/answers.md 1.4"},
    {"profile/access-rights", Level::must, "AccessRights that cannot be",
     "docs/protocol/answers.md 1.5"},
    {"profile/identity", Level::must, "IdentityCertificateUUID is that of no identity payload",
     "docs/protocol/answers.md 1.2"},
});

constexpr std::array<std::string_view, 3> kLevels = {"must", "should", "info"};

/// One line of sensible length, cut between characters.
std::string clean(std::string_view text, std::size_t longest) {
  std::size_t end = std::min(text.size(), longest);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  std::string out(text.substr(0, end));
  std::ranges::replace_if(out, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, '?');
  return end < text.size() ? out + "..." : out;
}

}  // namespace

std::string_view level_name(Level level) {
  return kLevels.at(static_cast<std::size_t>(level));
}

std::optional<Level> level_from_name(std::string_view name) {
  const auto at = std::ranges::find(kLevels, name);
  if (at == kLevels.end()) return std::nullopt;
  return static_cast<Level>(at - kLevels.begin());
}

std::span<const Rule> rules() {
  return kRules;
}

const Rule& rule(std::string_view id) {
  const auto at = std::ranges::find(kRules, id, &Rule::id);
  if (at == kRules.end()) throw std::logic_error("no finding is called " + std::string(id));
  return *at;
}

Finding found(std::string_view id, std::string_view what, std::string_view command_uuid,
              std::string_view source) {
  const Rule& known = rule(id);
  Finding finding;
  finding.id = id;
  finding.level = known.level;
  finding.what = clean(what, kLongestText);
  finding.source = source.empty() ? known.source : source;
  finding.command_uuid = clean(command_uuid, kLongestUuid);
  return finding;
}

}  // namespace understudy::agent::witness
