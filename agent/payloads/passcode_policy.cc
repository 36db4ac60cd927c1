#include "agent/payloads/passcode_policy.h"

#include <algorithm>
#include <cctype>

#include "agent/payloads/in_force.h"

namespace understudy::agent {
namespace {

constexpr std::int64_t kSecondsPerMinute = 60;

bool has_letter(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return std::isalpha(c) != 0; });
}

/// A character is complex that is neither letter nor digit. Characters of more than one byte count
/// once, by their first.
std::int64_t complex_characters(std::string_view text) {
  constexpr unsigned char kAscii = 0x80;
  constexpr unsigned char kFirstByte = 0xC0;
  return std::ranges::count_if(
      text, [](unsigned char c) { return c < kAscii ? std::isalnum(c) == 0 : c >= kFirstByte; });
}

/// Three in a row that repeat, ascend or descend: "111", "123", "CBA".
bool is_simple(std::string_view text) {
  for (std::size_t i = 2; i < text.size(); ++i) {
    const int first = text[i - 1] - text[i - 2];
    const int second = text[i] - text[i - 1];
    if (first == second && first >= -1 && first <= 1) return true;
  }
  return false;
}

void add(PasscodePolicy& policy, const plist::Value& keys) {
  policy.forced = policy.forced || keys.bool_at("forcePIN").value_or(false);
  policy.allow_simple = policy.allow_simple && keys.bool_at("allowSimple").value_or(true);
  policy.alphanumeric = policy.alphanumeric || keys.bool_at("requireAlphanumeric").value_or(false);
  policy.min_length = std::max(policy.min_length, keys.int_at("minLength").value_or(0));
  policy.min_complex = std::max(policy.min_complex, keys.int_at("minComplexChars").value_or(0));
  policy.history = std::max(policy.history, keys.int_at("pinHistory").value_or(0));
  if (const auto minutes = keys.int_at("maxGracePeriod")) {
    const std::int64_t seconds = *minutes * kSecondsPerMinute;
    policy.grace_seconds = std::min(policy.grace_seconds.value_or(seconds), seconds);
  }
}

}  // namespace

PasscodePolicy passcode_policy(const Device& device) {
  PasscodePolicy policy;
  for (const auto& payload : payloads_in_force(device, {"com.apple.mobiledevice.passwordpolicy"})) {
    add(policy, payload.keys);
  }
  return policy;
}

std::string_view broken_rule(const PasscodePolicy& policy, std::string_view passcode) {
  if (passcode.empty()) return policy.forced ? "there has to be one" : "";
  if (static_cast<std::int64_t>(passcode.size()) < policy.min_length) return "it is too short";
  if (complex_characters(passcode) < policy.min_complex) return "it has too few complex characters";
  if (policy.alphanumeric && !has_letter(passcode)) return "it has no letter";
  if (!policy.allow_simple && is_simple(passcode)) return "it is too simple";
  return "";
}

bool is_compliant(const Device& device) {
  return broken_rule(passcode_policy(device), device.passcode).empty();
}

}  // namespace understudy::agent
