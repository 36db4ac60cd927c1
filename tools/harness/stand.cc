#include "tools/harness/stand.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "shared/core/errc.h"
#include "shared/io/file.h"

namespace understudy::harness {
namespace {

using nlohmann::json;
using std::chrono::seconds;

std::string last_lines(const std::filesystem::path& file, std::size_t count) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::string text;
  for (std::size_t i = lines.size() > count ? lines.size() - count : 0; i < lines.size(); ++i) {
    text += "\n  " + lines[i];
  }
  return text;
}

}  // namespace

Stand::Stand(std::filesystem::path programs, std::filesystem::path directory)
    : programs_(std::move(programs)), directory_(std::move(directory)) {}

tl::unexpected<Error> Stand::with_log(const std::string& program, Error error) const {
  const std::string lines = last_lines(log_of(program), 8);
  if (!lines.empty()) error.hint += (error.hint.empty() ? "" : "; ") + ("its log ends:" + lines);
  return fail_in(program, std::move(error));
}

Result<std::string> Stand::wait_ready(Process& process, const std::string& program) {
  for (;;) {
    auto line = process.read_line(seconds(30));
    if (!line) return with_log(program, std::move(line).error());
    const json event = json::parse(*line, nullptr, false);
    if (event.is_object() && event.value("event", "") == "ready") return std::move(*line);
  }
}

Result<void> Stand::start_server(const std::vector<std::string>& extra,
                                 const Environment& environment) {
  UNDERSTUDY_CHECK(io::make_directory(directory_));
  server_.reset();
  ProcessOptions options;
  options.arguments = {(programs_ / "understudy-server").string(), "run", "--data-dir",
                       server_directory().string()};
  options.arguments.insert(options.arguments.end(), extra.begin(), extra.end());
  options.environment = environment;
  options.error_log = log_of("understudy-server");
  UNDERSTUDY_TRY(auto process, Process::start(options));
  server_.emplace(std::move(process));
  UNDERSTUDY_TRY(const std::string line, wait_ready(*server_, "understudy-server"));
  const json ready = json::parse(line);
  const auto text = [&](const char* key) { return ready.value(key, std::string()); };
  address_ = {text("enroll"),  text("api"),  text("api_key"),
              text("courier"), text("apns"), text("device_services"),
              text("ca"),      line};
  api_ = std::make_unique<Api>(address_.api, address_.api_key);
  return {};
}

Result<void> Stand::enroll(const EnrollOptions& options) {
  std::vector<std::string> arguments = {
      "enroll",         "--profile",  options.profile.empty() ? address_.enroll : options.profile,
      "--ca",           address_.ca,  "--courier",
      address_.courier, "--count",    std::to_string(options.count),
      "--model",        options.model};
  if (options.seed) {
    arguments.emplace_back("--seed");
    arguments.push_back(std::to_string(*options.seed));
  }
  arguments.insert(arguments.end(), options.extra.begin(), options.extra.end());
  UNDERSTUDY_TRY(const std::string ignored, agent_command(std::move(arguments)));
  static_cast<void>(ignored);
  return {};
}

Result<std::string> Stand::agent_command(std::vector<std::string> arguments) {
  ProcessOptions options;
  options.arguments = {(programs_ / "understudy-agent").string()};
  options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
  options.arguments.emplace_back("--state");
  options.arguments.push_back(agent_directory().string());
  options.error_log = log_of("understudy-agent");
  UNDERSTUDY_TRY(auto process, Process::start(options));
  std::string output;
  for (;;) {
    auto line = process.read_line(seconds(120));
    if (!line && line.error().code == errc::timeout)
      return with_log("understudy-agent", line.error());
    if (!line) break;
    output += *line + "\n";
  }
  UNDERSTUDY_TRY(const int status, process.wait(seconds(10)));
  if (status != 0) {
    Error error{errc::io, arguments.front() + " ended with " + std::to_string(status), "", {}};
    return with_log("understudy-agent", std::move(error));
  }
  return output;
}

Result<void> Stand::launch_agent(const std::vector<std::string>& extra,
                                 const Environment& environment) {
  agent_.reset();
  ProcessOptions options;
  options.arguments = {(programs_ / "understudy-agent").string(), "run", "--state",
                       agent_directory().string()};
  options.arguments.insert(options.arguments.end(), extra.begin(), extra.end());
  options.environment = environment;
  options.error_log = log_of("understudy-agent");
  UNDERSTUDY_TRY(auto process, Process::start(options));
  agent_.emplace(std::move(process));
  return {};
}

Result<void> Stand::start_agent(const std::vector<std::string>& extra,
                                const Environment& environment) {
  UNDERSTUDY_CHECK(launch_agent(extra, environment));
  auto ready = wait_ready(*agent_, "understudy-agent");
  if (!ready) return tl::unexpected(std::move(ready).error());
  return {};
}

std::filesystem::path own_directory() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

}  // namespace understudy::harness
