#pragma once

/// A finding: one thing that is wrong with what a server sent. The table of all of them is in
/// findings.cc; README.md shows it, and a test compares the two.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace understudy::agent::witness {

enum class Level {
  must,    ///< a device refuses it, fails on it, or does something else than the server meant
  should,  ///< a device copes, and the server ought to know better
  info,    ///< allowed, and good to know
};
std::string_view level_name(Level level);
std::optional<Level> level_from_name(std::string_view name);

/// One line of the table.
struct Rule {
  std::string_view id;  ///< stable: never renamed, never given another meaning
  Level level;
  std::string_view about;   ///< what the server did
  std::string_view source;  ///< a page of docs/protocol with the fact's id, or Apple's schema file
};
/// Every finding there is, in the order of the table.
std::span<const Rule> rules();
/// `id` is one of the table; anything else is a bug (std::logic_error).
const Rule& rule(std::string_view id);

struct Finding {
  std::string id;
  Level level = Level::must;
  std::string what;          ///< what exactly, and where; one line, never a secret
  std::string source;        ///< the rule's, or the schema file of the command
  std::string command_uuid;  ///< empty where no command is meant
};
using Findings = std::vector<Finding>;

/// `id` is one of the table. What is too long or breaks the line is cut and cleaned. `source`:
/// where it is more exact than the rule's.
Finding found(std::string_view id, std::string_view what, std::string_view command_uuid = {},
              std::string_view source = {});

}  // namespace understudy::agent::witness
