#pragma once

/// A command's way as a table for people.

#include <string>
#include <vector>

#include "shared/core/clock.h"
#include "shared/core/result.h"

namespace understudy::harness {

struct Hop {
  std::string name;
  TimePoint at;
  std::string detail;
};

/// `GET /v1/commands/{uuid}`, read.
struct CommandStory {
  std::string uuid, device_id, request_type, status;
  std::vector<Hop> timeline;

  /// Errors: errc::invalid_argument, naming what is missing.
  static Result<CommandStory> parse(const std::string& json);
};

/// The hops every command must have passed, in the order of the documented workflow.
const std::vector<std::string>& documented_hops();

/// What is wrong with a story, one line each; empty: every hop happened, in an order that can be,
/// and the command was acknowledged.
std::vector<std::string> shortcomings(const CommandStory& story);

/// Hop, time since the action, detail; `title` above. `color`: ANSI colors, otherwise plain text.
std::string render(const std::string& title, const CommandStory& story, bool color);

}  // namespace understudy::harness
