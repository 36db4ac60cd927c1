#include "tools/understudy/timeline_table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "shared/core/errc.h"

namespace understudy::harness {
namespace {

using nlohmann::json;

constexpr const char* kReset = "\x1b[0m";
constexpr const char* kBold = "\x1b[1m";
constexpr const char* kDim = "\x1b[2m";
constexpr const char* kGreen = "\x1b[32m";
constexpr const char* kRed = "\x1b[31m";

/// Who acts at a hop, so that the table reads like the picture of the workflow.
struct Actor {
  const char* hop;
  const char* name;
  const char* color;
};
constexpr std::array<Actor, 9> kActors = {{
    {"action", "console", "\x1b[35m"},
    {"push_queued", "outbound push queue", "\x1b[34m"},
    {"event_queued", "event log queue", "\x1b[34m"},
    {"command_stored", "queue monitor", "\x1b[34m"},
    {"push_sent", "messaging service", "\x1b[34m"},
    {"push_delivered", "APNs", "\x1b[33m"},
    {"idle", "device", "\x1b[32m"},
    {"command_sent", "device services", "\x1b[36m"},
    {"result", "device", "\x1b[32m"},
}};

const Actor* actor_of(const std::string& hop) {
  const auto found = std::find_if(kActors.begin(), kActors.end(),
                                  [&](const Actor& actor) { return hop == actor.hop; });
  return found == kActors.end() ? nullptr : &*found;
}

std::string milliseconds_since(TimePoint start, TimePoint at) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%9.1f ms",
                static_cast<double>((at - start).count()) / 1000.0);
  return text.data();
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::optional<std::size_t> position(const CommandStory& story, const std::string& hop) {
  for (std::size_t i = 0; i < story.timeline.size(); ++i) {
    if (story.timeline[i].name == hop) return i;
  }
  return std::nullopt;
}

}  // namespace

Result<CommandStory> CommandStory::parse(const std::string& text) {
  const json value = json::parse(text, nullptr, false);
  if (!value.is_object() || !value.contains("timeline") || !value["timeline"].is_array()) {
    return fail(errc::invalid_argument, "the answer is no command with a timeline: " + text);
  }
  CommandStory story;
  story.uuid = value.value("command_uuid", "");
  story.device_id = value.value("device_id", "");
  story.request_type = value.value("request_type", "");
  story.status = value.value("status", "");
  for (const json& hop : value["timeline"]) {
    UNDERSTUDY_TRY(const TimePoint at, parse_time(hop.value("at", "")));
    story.timeline.push_back({hop.value("hop", ""), at, hop.value("detail", "")});
  }
  return story;
}

const std::vector<std::string>& documented_hops() {
  static const std::vector<std::string> hops = [] {
    std::vector<std::string> names;
    names.reserve(kActors.size());
    for (const Actor& actor : kActors) names.emplace_back(actor.hop);
    return names;
  }();
  return hops;
}

std::vector<std::string> shortcomings(const CommandStory& story) {
  std::vector<std::string> found;
  for (const std::string& hop : documented_hops()) {
    if (!position(story, hop)) found.push_back("hop " + hop + " did not happen");
  }
  // The device may wake before APNs has its acknowledgment and before the sender has APNs's answer:
  // only these orders are certain.
  const std::vector<std::pair<const char*, const char*>> before = {
      {"action", "push_queued"},          {"push_queued", "event_queued"},
      {"event_queued", "command_stored"}, {"command_stored", "command_sent"},
      {"idle", "command_sent"},           {"command_sent", "result"},
      {"push_queued", "push_sent"}};
  for (const auto& [first, second] : before) {
    const auto a = position(story, first);
    const auto b = position(story, second);
    if (a && b && *a > *b) found.push_back(std::string(first) + " came after " + second);
  }
  if (story.status != "acknowledged") found.push_back("its status is " + story.status);
  return found;
}

std::string render(const std::string& title, const CommandStory& story, bool color) {
  const auto paint = [&](const char* code, const std::string& text) {
    return color ? code + text + kReset : text;
  };
  const bool good = story.status == "acknowledged";
  std::string out = paint(kBold, title) + "  " + story.request_type + "  " +
                    paint(good ? kGreen : kRed, story.status) + "\n";
  out += paint(kDim, "  command " + story.uuid + " for device " + story.device_id) + "\n";
  out +=
      paint(kDim, "  " + padded("hop", 15) + "  " + padded("who", 20) + "  since action  detail") +
      "\n";
  const TimePoint start = story.timeline.empty() ? TimePoint{} : story.timeline.front().at;
  for (const Hop& hop : story.timeline) {
    const Actor* actor = actor_of(hop.name);
    const std::string name = padded(hop.name, 15);
    out += "  " + (actor == nullptr ? paint(kRed, name) : paint(actor->color, name)) + "  " +
           padded(actor == nullptr ? "" : actor->name, 20) + "  " +
           milliseconds_since(start, hop.at) + "  " + paint(kDim, hop.detail) + "\n";
  }
  return out;
}

}  // namespace understudy::harness
