#pragma once

/// A small vocabulary, as the push service might declare it.

#include <array>
#include <vector>

#include "server-mock/faults/engine.h"

namespace understudy::faults {

inline const TimePoint kNoon = parse_time("2026-11-24T12:00:00Z").value();

inline std::vector<Hop> small_vocabulary() {
  Hop request;
  request.name = "provider.request";
  request.about = "each request of a provider";
  request.attributes = {"token", "topic"};
  request.actions = {{"status",
                      "answers with this status and reason",
                      {Parameter::integer("code", 200, 599),
                       Parameter::text("reason", {"Shutdown", "BadTopic"}, "Shutdown")}},
                     {"cut", "closes the connection", {}}};
  Hop delivery;
  delivery.name = "delivery";
  delivery.about = "each push on its way to a device";
  delivery.attributes = {"token", "topic", "push_type"};
  delivery.actions = {
      {"delay",
       "delivers later",
       {Parameter::integer("ms", 0, 600'000, 500), Parameter::number("spread", 0, 1, 0.25)}},
      {"drop", "never delivers", {}},
      {"wrong_topic", "delivers under another topic", {Parameter::text("topic")}}};
  return {request, delivery};
}

inline Rule rule(std::string hop, std::string action, std::string id = "") {
  Rule made;
  made.id = std::move(id);
  made.hop = std::move(hop);
  made.action = std::move(action);
  return made;
}

/// The action at the hop for a push with this token and topic; "" for none.
inline std::string struck(Engine& engine, std::string_view token = "ab12",
                          std::string_view topic = "one", TimePoint now = kNoon,
                          std::string_view hop = "delivery") {
  const std::array<Attribute, 3> push = {{{"token", token}, {"topic", topic}, {"push_type", ""}}};
  const auto strike = engine.strike(hop, push, now);
  return strike ? strike->action : "";
}

}  // namespace understudy::faults
