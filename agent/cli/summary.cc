#include "agent/cli/summary.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

namespace understudy::agent::cli {
namespace {

using Json = nlohmann::ordered_json;

double seconds(Duration duration) {
  constexpr double kMilli = 1000;  // a finer figure would not be repeatable
  return static_cast<double>(
             std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) /
         kMilli;
}

double rate_of(const Summary& summary) {
  constexpr double kTenth = 10;
  const double elapsed = std::chrono::duration<double>(summary.elapsed).count();
  if (elapsed <= 0) return 0;
  return std::round(kTenth * static_cast<double>(summary.tally.succeeded()) / elapsed) / kTenth;
}

/// Of each level, the worst first. Empty when the store fails: its other errors tell that.
std::map<witness::Level, std::size_t> findings_by_level(AgentContext& context) {
  std::map<witness::Level, std::size_t> counts;
  const auto all = context.store.findings().list();
  if (!all) return counts;
  for (const auto& one : *all) ++counts[one.finding.level];
  return counts;
}

std::string line(const char* format, auto... values) {
  std::string text(160, '\0');
  const int length = std::snprintf(text.data(), text.size(), format, values...);
  text.resize(std::min(static_cast<std::size_t>(length), text.size() - 1));
  return text + '\n';
}

std::size_t sum(const Statuses& statuses) {
  std::size_t total = 0;
  for (const auto& [status, count] : statuses) total += count;
  return total;
}

std::string commands_line(const Statuses& statuses) {
  std::string text = "commands " + std::to_string(sum(statuses));
  const char* before = ": ";
  for (const auto& [status, count] : statuses) {
    text.append(std::exchange(before, ", ")).append(status).append(" ") += std::to_string(count);
  }
  return text + '\n';
}

Json begin_event(AgentContext& context) {
  return {{"event", "summary"}, {"time", format_time(context.clock.now())}};
}

void put_commands(Json& out, const Statuses& statuses) {
  out["commands"] = sum(statuses);
  out["statuses"] = Json::object();
  for (const auto& [status, count] : statuses) out["statuses"][status] = count;
}

void put_errors(Json& out, const Tally& tally) {
  out["errors"] = Json::array();
  for (const auto& failure : tally.failures()) {
    out["errors"].push_back(Json{{"step", failure.step},
                                 {"kind", failure.kind},
                                 {"count", failure.count},
                                 {"example", failure.example}});
  }
}

void print_with_findings(Json out, AgentContext& context) {
  out["findings"] = finding_count(context);
  out["findings_by_level"] = Json{{"must", 0}, {"should", 0}, {"info", 0}};
  for (const auto& [level, count] : findings_by_level(context)) {
    out["findings_by_level"][std::string(witness::level_name(level))] = count;
  }
  const std::string text = out.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

std::string findings_line(AgentContext& context) {
  std::string text;
  for (const auto& [level, count] : findings_by_level(context)) {
    text.append(text.empty() ? "findings " : ", ").append(std::to_string(count)).append(" ");
    text += witness::level_name(level);
  }
  return text.empty() ? "no findings\n" : text + ", listed by `understudy-agent findings`\n";
}

}  // namespace

std::string summary_text(const Summary& summary, AgentContext& context) {
  const Tally& tally = summary.tally;
  std::string text =
      line("%s %zu of %zu in %.1f s, %.1f a second", summary.verb.c_str(), tally.succeeded(),
           summary.count, seconds(summary.elapsed), rate_of(summary));
  if (const auto times = tally.times()) {
    text += line("seconds a device: min %.3f, median %.3f, p95 %.3f, p99 %.3f, max %.3f",
                 seconds(times->min), seconds(times->median), seconds(times->p95),
                 seconds(times->p99), seconds(times->max));
  }
  if (summary.statuses) text += commands_line(*summary.statuses);
  for (const auto& failure : tally.failures()) {
    text += line("failed %zu  %s: %s", failure.count, failure.step.c_str(), failure.kind.c_str());
  }
  for (const auto& [kind, count] : summary.keys) {
    if (kind == kUniqueKeys) continue;
    text += line("keys %s (%zu devices): a shortcut; a real device has an RSA key of its own",
                 kind.c_str(), count);
  }
  return text + findings_line(context);
}

void print_summary_event(const Summary& summary, AgentContext& context) {
  const Tally& tally = summary.tally;
  Json out = begin_event(context);
  out[summary.verb] = tally.succeeded();
  out["of"] = summary.count;
  out["devices"] = summary.count;
  out["failed"] = tally.failed();
  out["elapsed_s"] = seconds(summary.elapsed);
  out["rate"] = rate_of(summary);
  put_errors(out, tally);
  if (summary.statuses) put_commands(out, *summary.statuses);
  out["seconds"] = nullptr;
  if (const auto times = tally.times()) {
    out["seconds"] = Json{{"min", seconds(times->min)},
                          {"median", seconds(times->median)},
                          {"p95", seconds(times->p95)},
                          {"p99", seconds(times->p99)},
                          {"max", seconds(times->max)}};
  }
  out["keys"] = Json::object();
  for (const auto& [kind, count] : summary.keys) out["keys"][kind] = count;
  print_with_findings(std::move(out), context);
}

void print_run_summary(std::size_t devices, const std::string& keys, const Counts& counts,
                       AgentContext& context) {
  Json out = begin_event(context);
  out["devices"] = devices;
  out["conversations"] = counts.conversations();
  out["failed"] = counts.failures().failed();
  put_errors(out, counts.failures());
  put_commands(out, counts.statuses());
  out["keys"] = keys;
  print_with_findings(std::move(out), context);
}

}  // namespace understudy::agent::cli
