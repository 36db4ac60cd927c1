#include "agent/cli/process.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "agent/enroll/enroller.h"
#include "shared/core/errc.h"

namespace understudy::agent::cli {

void complain(const std::string& message) {
  std::fprintf(stderr, "understudy-agent: %s\n", message.c_str());
}

ExitCode complain(const Error& error, ExitCode code) {
  complain(error.message());
  return code;
}

void print_event(const Clock& clock, const AgentEvent& event) {
  nlohmann::ordered_json line;
  line["event"] = event.name;
  line["time"] = format_time(clock.now());
  if (!event.device.empty()) line["device"] = event.device;
  for (const auto& [key, value] : event.fields) {
    std::visit([&line, &name = key](const auto& held) { line[name] = held; }, value);
  }
  const std::string text =
      line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

namespace {

/// A directory of an older version is brought up to date by opening it once for writing.
Result<DeviceStore> open_to_read(const std::string& state) {
  auto store = DeviceStore::open_to_read(state);
  if (store || store.error().code != errc::corrupt) return store;
  UNDERSTUDY_CHECK(DeviceStore::open(state));
  return DeviceStore::open_to_read(state);
}

}  // namespace

Result<std::unique_ptr<Process>> Process::open(const CommonArguments& common, Access access) {
  std::error_code ignored;
  if (access != Access::create && !std::filesystem::exists(common.state, ignored)) {
    return fail(errc::not_found, "there is no state directory " + common.state,
                "name the directory that `enroll --state` made");
  }
  io::Transcript transcript;
  if (!common.transcript.empty()) {
    UNDERSTUDY_TRY(transcript, io::Transcript::open(common.transcript));
  }
  UNDERSTUDY_TRY(auto store, access == Access::read ? open_to_read(common.state)
                                                    : DeviceStore::open(common.state));
  auto process = std::unique_ptr<Process>(new Process(std::move(store), std::move(transcript)));
  TransportOptions& transport = process->context_.transport;
  transport.follow_redirects = !common.no_redirects;
  transport.leaves_silently = common.leave_silently;
  transport.retry_after = std::chrono::milliseconds(common.retry_after_ms);
  transport.longest_retry =
      std::chrono::milliseconds(std::max(common.longest_retry_ms, common.retry_after_ms));
  return process;
}

Process::Process(DeviceStore store, io::Transcript transcript)
    : store_(std::move(store)),
      http_(io_.get_executor()),
      context_{store_,
               http_,
               keys_,
               clock_,
               Rng(store_.seed()),
               std::move(transcript),
               [this](const AgentEvent& event) { print_event(clock_, event); }} {
  context_.enroll_again = [this](std::string device_id) {
    return enroll_again(std::move(device_id));
  };
}

Task<Result<void>> Process::enroll_again(std::string device_id) {
  Enroller enroller(context_, keys_, EnrollOptions());
  co_return co_await enroller.enroll_again(std::move(device_id));
}

Result<std::vector<std::string>> chosen_devices(DeviceStore& store,
                                                const std::vector<std::string>& asked) {
  UNDERSTUDY_TRY(auto all, store.ids());
  // In the order of their numbers; the store has the order in which they came to be enrolled.
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::pair(a.size(), a) < std::pair(b.size(), b);
  });
  if (asked.empty()) return all;
  const std::unordered_set<std::string> known(all.begin(), all.end());
  for (const auto& id : asked) {
    if (known.contains(id)) continue;
    return fail(errc::not_found, "there is no device " + id,
                "`list` names the devices of this state directory");
  }
  return asked;
}

Result<std::vector<std::string>> enrolled_devices(DeviceStore& store) {
  UNDERSTUDY_TRY(const auto ids, chosen_devices(store, {}));
  std::vector<std::string> enrolled;
  for (const auto& id : ids) {
    UNDERSTUDY_TRY(const auto device, store.load(id));
    if (device.enrollment || device.return_to_service) enrolled.push_back(id);
  }
  return enrolled;
}

}  // namespace understudy::agent::cli
