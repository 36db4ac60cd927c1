#pragma once

/// What every command needs: loop, clock, store, HTTP client, transcript; and the words to the
/// user.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>

#include "agent/cli/arguments.h"
#include "agent/session/context.h"

namespace understudy::agent::cli {

/// One line on standard error: "understudy-agent: ...".
void complain(const std::string& message);
ExitCode complain(const Error& error, ExitCode code);
/// The event as one JSON line on standard output, flushed.
void print_event(const Clock& clock, const AgentEvent& event);

/// What a command does to the state directory.
enum class Access {
  create,  ///< makes it when it is not there
  change,
  read,  ///< also while another process holds it
};

class Process {
 public:
  /// Opens the state directory. Errors: those of DeviceStore; errc::io.
  static Result<std::unique_ptr<Process>> open(const CommonArguments& common, Access access);

  asio::io_context& io() { return io_; }
  const Clock& clock() const { return clock_; }
  AgentContext& context() { return context_; }

  /// Runs the loop until the task has ended; what else was going on stops there.
  template <class T>
  T run(Task<T> task) {
    T value{};
    auto on_end = [this, &value](const std::exception_ptr& error, T result) {
      if (error) std::rethrow_exception(error);
      value = std::move(result);
      io_.stop();
    };
    io_.restart();  // after another task
    asio::co_spawn(io_, std::move(task), std::move(on_end));
    io_.run();
    return value;
  }

 private:
  Process(DeviceStore store, io::Transcript transcript);
  Task<Result<void>> enroll_again(std::string device_id);

  asio::io_context io_;
  SystemClock clock_;
  DeviceStore store_;
  net::HttpClient http_;
  KeyMaker keys_;
  AgentContext context_;
};

/// Every id of the store, or those asked for. Errors: errc::not_found, naming the id.
Result<std::vector<std::string>> chosen_devices(DeviceStore& store,
                                                const std::vector<std::string>& asked);

/// Those that are enrolled, in the order of their numbers.
Result<std::vector<std::string>> enrolled_devices(DeviceStore& store);

/// How the keys of an enrolled device were made.
inline constexpr const char* kUniqueKeys = "unique";
inline std::string keys_of(const Device& device) {
  const bool shortcut = device.enrollment && !device.enrollment->keys.empty();
  return shortcut ? device.enrollment->keys : kUniqueKeys;
}

/// What `findings` lists: every summary says how many.
std::int64_t finding_count(AgentContext& context);

}  // namespace understudy::agent::cli
