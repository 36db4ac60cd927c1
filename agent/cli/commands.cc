// understudy-agent commands: what the stand-ins perform. Needs no state directory.

#include <cstdio>
#include <nlohmann/json.hpp>

#include "agent/cli/process.h"
#include "agent/commands/coverage.h"
#include "shared/io/file.h"

namespace understudy::agent::cli {
namespace {

using Json = nlohmann::ordered_json;

Json as_json(const Coverage& row) {
  Json platforms = Json::array();
  Json since = Json::object();
  Json supervised = Json::array();
  for (int i = 0; i < mdm::kPlatforms; ++i) {
    const auto platform = static_cast<mdm::Platform>(i);
    const mdm::Availability* entry = availability(*row.spec, platform);
    if (entry == nullptr) continue;
    const std::string_view name = mdm::platform_name(platform);
    platforms.push_back(name);
    since[std::string(name)] = entry->introduced->text();
    if (entry->supervised) supervised.push_back(name);
  }
  Json out;
  out["request_type"] = row.spec->name;
  out["performed"] = row.performed;
  out["platforms"] = std::move(platforms);
  out["since"] = std::move(since);
  out["supervised"] = std::move(supervised);
  out["in_lost_mode"] = row.in_lost_mode;
  out["schema"] = row.spec->file;
  return out;
}

void print_table() {
  constexpr const char* kLine = "%-32s %-9s %s\n";
  std::printf(kLine, "COMMAND", "PERFORMED", "PLATFORMS");
  for (const Coverage& row : command_coverage()) {
    std::string platforms;
    const Json described = as_json(row);
    for (const auto& name : described["platforms"]) {
      platforms += (platforms.empty() ? "" : ", ") + name.get<std::string>();
    }
    std::printf(kLine, row.spec->name.c_str(), row.performed ? "yes" : "no", platforms.c_str());
  }
}

/// Puts the table in Markdown between the two marker lines of a file.
ExitCode write_into(const std::string& path) {
  const auto document = io::read_file(path);
  if (!document) return complain(document.error(), ExitCode::usage);
  const auto fresh = put_coverage(as_text(*document));
  if (!fresh) return complain(fresh.error(), ExitCode::usage);
  const auto written = io::write_file(path, as_bytes(*fresh));
  return written ? ExitCode::ok : complain(written.error(), ExitCode::unreachable);
}

}  // namespace

ExitCode commands(const CommandsArguments& arguments) {
  if (!arguments.into.empty()) return write_into(arguments.into);
  if (!arguments.json) {
    print_table();
    return ExitCode::ok;
  }
  Json rows = Json::array();
  for (const Coverage& row : command_coverage()) rows.push_back(as_json(row));
  std::printf("%s\n", rows.dump().c_str());
  return ExitCode::ok;
}

}  // namespace understudy::agent::cli
