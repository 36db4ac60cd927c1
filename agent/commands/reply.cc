#include "agent/commands/reply.h"

#include <algorithm>

namespace understudy::agent {
namespace {

using mdm::Availability;
using mdm::KeySpec;
using mdm::KeyType;
using plist::Value;

const KeySpec* find_key(std::span<const KeySpec> keys, std::string_view name) {
  const KeySpec* wildcard = nullptr;
  for (const KeySpec& key : keys) {
    if (key.name == name) return &key;
    if (key.name.starts_with("ANY")) wildcard = &key;
  }
  return wildcard;
}

void fit_value(Value& value, const KeySpec& key, const mdm::Target& target) {
  if (key.subkeys.empty()) return;
  if (plist::Dict* dict = value.if_dict()) return fit_to_schema(*dict, key.subkeys, target);
  plist::Array* array = value.if_array();
  if (array == nullptr) return;
  // The result of Settings: typed as one dictionary, sent as one for each item.
  if (key.type == KeyType::dictionary) {
    for (Value& element : *array) fit_value(element, key, target);
    return;
  }
  const auto item = std::ranges::find(key.subkeys, KeyType::dictionary, &KeySpec::type);
  if (item == key.subkeys.end()) return;
  for (Value& element : *array) fit_value(element, *item, target);
}

}  // namespace

bool exists_for(const KeySpec& key, const mdm::Target& target) {
  const auto& entry = key.platforms.at(static_cast<std::size_t>(target.platform));
  if (!entry) return true;
  if (!entry->introduced || *entry->introduced > target.os) return false;
  if (entry->removed && *entry->removed <= target.os) return false;
  if (target.shared_ipad && entry->shared_ipad == Availability::Mode::forbidden) return false;
  if (!target.shared_ipad && entry->shared_ipad == Availability::Mode::required) return false;
  if (entry->supervised && !target.supervised) return false;
  if (entry->automated && !target.automated) return false;
  const bool user_enrolled = target.enrollment == mdm::EnrollmentKind::user;
  if (user_enrolled && entry->user_enrollment == Availability::Mode::forbidden) return false;
  if (!user_enrolled && entry->user_enrollment == Availability::Mode::required) return false;
  const bool on_device = target.channel == mdm::Channel::device;
  if (target.shared_ipad) {
    return on_device ? entry->shared_ipad_device_channel : entry->shared_ipad_user_channel;
  }
  return on_device ? entry->device_channel : entry->user_channel;
}

void fit_to_schema(plist::Dict& reply, std::span<const KeySpec> keys, const mdm::Target& target) {
  for (auto member = reply.begin(); member != reply.end();) {
    const KeySpec* key = find_key(keys, member->first);
    if (key == nullptr || !exists_for(*key, target)) {
      member = reply.erase(member);
      continue;
    }
    fit_value(member->second, *key, target);
    ++member;
  }
}

void put_text(plist::Dict& dict, const char* key, const std::string& text) {
  if (!text.empty()) dict.emplace(key, text);
}

}  // namespace understudy::agent
