#include "agent/commands/coverage.h"

#include <algorithm>

#include "agent/commands/perform.h"

namespace understudy::agent {
namespace {

/// "5.0", and in letters what it needs there; empty where it does not exist.
std::string cell(const mdm::MessageSpec& spec, mdm::Platform platform) {
  const mdm::Availability* entry = availability(spec, platform);
  if (entry == nullptr) return "";
  std::string text = entry->introduced->text();
  std::string needs;
  if (entry->supervised) needs += "s";
  if (entry->automated) needs += "a";
  const bool on_shared_ipad_only = entry->shared_ipad == mdm::Availability::Mode::required;
  if (on_shared_ipad_only) needs += "i";
  if (on_shared_ipad_only ? !entry->shared_ipad_device_channel : !entry->device_channel) {
    needs += "u";
  }
  return needs.empty() ? text : text + " " + needs;
}

}  // namespace

const mdm::Availability* availability(const mdm::MessageSpec& spec, mdm::Platform platform) {
  const auto& entry = spec.platforms.at(static_cast<std::size_t>(platform));
  return entry && entry->introduced ? &*entry : nullptr;
}

std::vector<Coverage> command_coverage() {
  std::vector<Coverage> all;
  const auto table = command_table();
  for (const mdm::MessageSpec& spec : mdm::Catalog::builtin().commands()) {
    const auto row = std::ranges::find(table, spec.name, &CommandRow::request_type);
    const bool performed = row != table.end();
    all.push_back({&spec, performed, performed && row->in_lost_mode});
  }
  return all;
}

std::string coverage_table() {
  std::string table = "| command | performed |";
  std::string rule = "|---|---|";
  for (int i = 0; i < mdm::kPlatforms; ++i) {
    table += " " + std::string(mdm::platform_name(static_cast<mdm::Platform>(i))) + " |";
    rule += "---|";
  }
  table += "\n" + rule + "\n";
  for (const Coverage& row : command_coverage()) {
    table += "| " + row.spec->name + " | " + (row.performed ? "yes" : "no") + " |";
    for (int i = 0; i < mdm::kPlatforms; ++i) {
      table += " " + cell(*row.spec, static_cast<mdm::Platform>(i)) + " |";
    }
    table += "\n";
  }
  return table;
}

Result<std::string> put_coverage(std::string_view document) {
  const auto begin = document.find(kCoverageBegin);
  const auto end = document.find(kCoverageEnd);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return fail(errc::not_found,
                "the two lines that the table of commands stands between are missing");
  }
  std::string out(document.substr(0, begin + kCoverageBegin.size()));
  out += coverage_table();
  out += document.substr(end);
  return out;
}

}  // namespace understudy::agent
