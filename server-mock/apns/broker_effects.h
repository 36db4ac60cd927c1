#pragma once

/// Small words the broker's sources share. Not for others.

#include <algorithm>

#include "server-mock/apns/broker.h"
#include "shared/core/log.h"

namespace understudy::apns_mock {

template <class Message>
void send(Effects& effects, ConnectionId to, const Message& message) {
  Effects::Send& item = effects.sends.emplace_back();
  item.to = to;
  item.frame = to_frame(message);
}

inline void report(Effects& effects, Stage stage, const Push& push, TimePoint now,
                   bool from_storage = false) {
  PushEvent& event = effects.events.emplace_back();
  event.stage = stage;
  event.apns_id = push.apns_id;
  event.token = push.token;
  event.at = now;
  event.accepted_at = push.accepted_at;
  event.from_storage = from_storage;
  event.sequence = push.sequence;
}

template <class Range, class Item>
bool contains(const Range& range, const Item& item) {
  return std::find(range.begin(), range.end(), item) != range.end();
}

inline void warn(std::string_view event, const Error& error) {
  log::warn(event, {{"error", error.message()}});
}

}  // namespace understudy::apns_mock
