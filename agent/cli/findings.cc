// understudy-agent findings

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <tuple>

#include "agent/cli/process.h"

namespace understudy::agent::cli {
namespace {

using Json = nlohmann::ordered_json;

Json as_json(const StoredFinding& stored) {
  const witness::Finding& finding = stored.finding;
  return Json{{"level", witness::level_name(finding.level)},
              {"id", finding.id},
              {"count", stored.count},
              {"device", stored.device},
              {"what", finding.what},
              {"source", finding.source},
              {"command_uuid", finding.command_uuid},
              {"first", format_time(stored.first)},
              {"last", format_time(stored.last)}};
}

void print_row(const StoredFinding& stored) {
  const witness::Finding& finding = stored.finding;
  const std::string of = finding.command_uuid.empty() ? "" : ", command " + finding.command_uuid;
  std::printf("%-6s %-32s %6lld %-6s %s%s [%s]\n",
              std::string(witness::level_name(finding.level)).c_str(), finding.id.c_str(),
              static_cast<long long>(stored.count),
              stored.device.empty() ? "-" : stored.device.c_str(), finding.what.c_str(), of.c_str(),
              finding.source.c_str());
}

void print_table(const std::vector<StoredFinding>& all) {
  if (all.empty()) {
    std::printf("no findings\n");
    return;
  }
  std::printf("%-6s %-32s %6s %-6s %s\n", "LEVEL", "ID", "COUNT", "DEVICE", "WHAT [SOURCE]");
  for (const auto& stored : all) print_row(stored);
}

/// Of that level and worse, the worst first.
Result<std::vector<StoredFinding>> chosen(FindingStore store, const std::string& level) {
  UNDERSTUDY_TRY(auto all, store.list());
  const auto mildest = witness::level_from_name(level).value_or(witness::Level::info);
  std::erase_if(all, [&](const auto& stored) { return stored.finding.level > mildest; });
  std::ranges::sort(all, {}, [](const StoredFinding& stored) {
    return std::tuple(stored.finding.level, stored.first, stored.device);
  });
  return all;
}

}  // namespace

std::int64_t finding_count(AgentContext& context) {
  const auto count = context.store.findings().count();
  if (count) return *count;
  complain("findings: " + count.error().message());
  return 0;
}

ExitCode findings(const CommonArguments& common, const FindingsArguments& arguments) {
  auto process = Process::open(common, Access::read);
  if (!process) return complain(process.error(), ExitCode::unreachable);
  FindingStore store = (*process)->context().store.findings();
  const auto all = chosen(store, arguments.level);
  if (!all) return complain(all.error(), ExitCode::unreachable);
  if (arguments.json) {
    Json rows = Json::array();
    for (const auto& stored : *all) rows.push_back(as_json(stored));
    std::printf("%s\n", rows.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
  } else {
    print_table(*all);
  }
  const auto dropped = store.dropped();
  if (!dropped) return complain(dropped.error(), ExitCode::unreachable);
  if (*dropped > 0) complain(std::to_string(*dropped) + " older findings were dropped");
  return ExitCode::ok;
}

}  // namespace understudy::agent::cli
