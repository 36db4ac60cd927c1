// understudy-agent connect, unenroll

#include <unistd.h>

#include <cstdio>

#include "agent/cli/load.h"
#include "agent/cli/summary.h"
#include "agent/session/device_session.h"

namespace understudy::agent::cli {
namespace {

constexpr int kConversationsAtOnce = 32;

LoadArguments load_of(LoadArguments load) {
  if (load.workers == 0) load.workers = kConversationsAtOnce;
  return load;
}

/// A device that its server disowned came to no good end, unless it was to leave.
bool is_failure(End end, bool leaves) {
  return end == End::retry || (end == End::unenrolled && !leaves);
}

/// One conversation of each of the devices.
class Conversations {
 public:
  Conversations(Process& process, std::vector<std::string> ids, const LoadArguments& load,
                bool leave)
      : context_(process.context()),
        ids_(std::move(ids)),
        leave_(leave),
        load_(process.io().get_executor(), process.clock(), load_of(load), "conversation",
              ids_.size()) {}

  /// Whether each came to a good end.
  Task<bool> all() {
    Load::Work work = [this](std::size_t place) { return hold(place); };
    co_await load_.run(std::move(work));
    co_return load_.tally().failed() == 0;
  }

  Progress& progress() { return load_.progress(); }
  Counts& counts() { return counts_; }

  Summary summary() const {
    return {leave_ ? "left" : "connected",
            ids_.size(),
            load_.tally(),
            load_.elapsed(),
            keys_,
            counts_.statuses()};
  }

 private:
  Task<Result<void>> hold(std::size_t place) {
    const std::string& id = ids_[place];
    UNDERSTUDY_CO_TRY(auto session, DeviceSession::load(context_, id));
    if (!session.enrolled() && !session.owes()) {
      co_return fail(errc::not_found, id + " is not enrolled", "`list` shows which devices are");
    }
    ++keys_[keys_of(session.device())];
    if (leave_) UNDERSTUDY_CO_CHECK(session.start_leaving());
    auto end = co_await session.work(leave_);
    // One that was erased to return to service enrolls at once.
    while (end.end == End::erased && session.ready()) end = co_await session.work();
    context_.tell(
        "conversation", id,
        {{"end", std::string(end_name(end.end))}, {"commands", std::int64_t{end.commands}}});
    if (is_failure(end.end, leave_)) {
      co_return fail(end.code ? end.code : make_error_code(errc::io), end.why,
                     end.end == End::retry ? id + " keeps what it has to say, and says it next time"
                                           : id + " is not enrolled any more");
    }
    co_return Result<void>();
  }

  AgentContext& context_;
  std::vector<std::string> ids_;
  bool leave_;
  Load load_;
  KeyKinds keys_;
  Counts counts_;
};

ExitCode converse(Process& process, std::vector<std::string> ids, const LoadArguments& load,
                  bool leave, bool quiet) {
  Conversations conversations(process, std::move(ids), load, leave);
  process.context().events = [&process, &conversations, quiet](const AgentEvent& event) {
    conversations.counts().see(event);
    if (quiet) return;
    conversations.progress().make_room();
    print_event(process.clock(), event);
  };
  const bool ok = process.run(conversations.all());
  print_summary_event(conversations.summary(), process.context());
  if (::isatty(STDERR_FILENO) != 0) {
    std::fputs(summary_text(conversations.summary(), process.context()).c_str(), stderr);
  }
  return ok ? ExitCode::ok : ExitCode::unreachable;
}

}  // namespace

ExitCode connect(const CommonArguments& common, const DevicesArguments& arguments) {
  auto process = Process::open(common, Access::change);
  if (!process) return complain(process.error(), ExitCode::unreachable);
  AgentContext& context = (*process)->context();
  auto ids = arguments.devices.empty() ? enrolled_devices(context.store)
                                       : chosen_devices(context.store, arguments.devices);
  if (!ids) return complain(ids.error(), ExitCode::usage);
  if (ids->empty()) {
    complain("no device in " + common.state + " is enrolled; enroll one first");
    return ExitCode::usage;
  }
  return converse(**process, std::move(*ids), arguments.load, false, arguments.json);
}

ExitCode unenroll(const CommonArguments& common, const DevicesArguments& arguments) {
  auto process = Process::open(common, Access::change);
  if (!process) return complain(process.error(), ExitCode::unreachable);
  auto ids = chosen_devices((*process)->context().store, arguments.devices);
  if (!ids) return complain(ids.error(), ExitCode::usage);
  return converse(**process, std::move(*ids), arguments.load, true, false);
}

}  // namespace understudy::agent::cli
