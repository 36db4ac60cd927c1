#include "server-mock/apns/delivery_faults.h"

#include <algorithm>

#include "shared/apns/provider.h"

namespace understudy::apns_mock {
namespace {

constexpr std::uint8_t kTokenField = 0x01;
constexpr std::uint8_t kTopicField = 0x02;
constexpr std::uint8_t kPayloadField = 0x03;

Bytes* value_of(apns::Frame& frame, std::uint8_t id) {
  const auto field = std::find_if(frame.fields.begin(), frame.fields.end(),
                                  [id](const apns::Field& each) { return each.id == id; });
  return field == frame.fields.end() ? nullptr : &field->value;
}

/// As many octets, all others.
void replace_by_chance(apns::Frame& frame, std::uint8_t id, Rng& rng) {
  if (Bytes* value = value_of(frame, id)) *value = rng.bytes(value->size());
}

}  // namespace

FaultyDelivery distort(const faults::Strike& strike, apns::Frame frame, Rng& rng) {
  FaultyDelivery delivery;
  if (strike.action == "drop") return delivery;
  if (strike.action == "delay" || strike.action == "reorder") {
    delivery.after = std::chrono::milliseconds(strike.integer("ms"));
    delivery.behind_next = strike.action == "reorder";
  } else if (strike.action == "duplicate") {
    delivery.frames.push_back(frame);
  } else if (strike.action == "wrong_token") {
    replace_by_chance(frame, kTokenField, rng);
  } else if (strike.action == "wrong_topic") {
    replace_by_chance(frame, kTopicField, rng);
  } else if (strike.action == "wrong_magic") {
    if (Bytes* payload = value_of(frame, kPayloadField)) {
      *payload = to_bytes(apns::mdm_payload(rng.uuid()));
    }
  } else if (strike.action == "corrupt_payload") {
    if (Bytes* payload = value_of(frame, kPayloadField)) payload->resize(payload->size() / 2);
  }
  delivery.frames.push_back(std::move(frame));
  return delivery;
}

}  // namespace understudy::apns_mock
