// understudy-agent run, connect, unenroll

#include <boost/asio/signal_set.hpp>
#include <cstdlib>

#include "agent/cli/courier_option.h"
#include "agent/cli/hand_reply.h"
#include "agent/enroll/courier_identity.h"
#include "agent/push/gate.h"
#include "agent/session/runner.h"

namespace understudy::agent::cli {
namespace {

constexpr std::size_t kConversationsAtOnce = 32;
constexpr std::chrono::seconds kGrace{5};

/// The last line of a command that went on for a while.
void say_summary(AgentContext& context, std::size_t devices, int failed) {
  context.tell("summary", "",
               {{"devices", static_cast<std::int64_t>(devices)},
                {"failed", std::int64_t{failed}},
                {"findings", finding_count(context)}});
}

Task<bool> run_until_signal(Process& process, Runner& runner, std::size_t devices,
                            std::chrono::seconds ready_timeout) {
  asio::signal_set signals(process.io(), SIGINT, SIGTERM);
  bool stopped = false;
  net::Event stop(process.io().get_executor());
  auto on_signal = [&stop, &stopped](boost::system::error_code ec, int) {
    if (ec) return;
    stopped = true;
    stop.notify();
  };
  signals.async_wait(std::move(on_signal));

  const std::size_t listening = co_await runner.wait_until_listening(ready_timeout);
  process.context().tell("ready", "",
                         {{"devices", static_cast<std::int64_t>(devices)},
                          {"listening", static_cast<std::int64_t>(listening)},
                          {"findings", finding_count(process.context())}});
  while (!stopped) co_await stop.wait();
  const bool clean = co_await runner.stop(kGrace);
  say_summary(process.context(), devices, 0);
  co_return clean;
}

/// Work on several devices at once; counts those whose conversation came to no good end.
class Conversations {
 public:
  Conversations(Process& process, bool leave)
      : context_(process.context()),
        leave_(leave),
        gate_(process.io().get_executor(), kConversationsAtOnce),
        ended_(process.io().get_executor()) {}

  Task<int> all(std::vector<std::string> ids) {
    const auto executor = co_await asio::this_coro::executor;
    left_ = ids.size();
    for (auto& id : ids) net::spawn(executor, "conversation", one(std::move(id)));
    while (left_ > 0) co_await ended_.wait();
    co_return failed_;
  }

 private:
  Task<void> one(std::string id) {
    const auto permit = co_await gate_.enter();
    const auto held = co_await hold(id);
    if (!held) {
      ++failed_;
      complain(id + ": " + held.error().message());
    }
    --left_;
    ended_.notify();
  }

  Task<Result<void>> hold(std::string id) {
    UNDERSTUDY_CO_TRY(auto session, DeviceSession::load(context_, id));
    if (!session.enrolled() && !session.owes()) {
      co_return fail(errc::not_found, "it is not enrolled", "`list` shows which devices are");
    }
    if (leave_) UNDERSTUDY_CO_CHECK(session.start_leaving());
    auto end = co_await session.work(leave_);
    // One that was erased to return to service enrolls at once.
    while (end.end == End::erased && session.ready()) end = co_await session.work();
    context_.tell(
        "conversation", id,
        {{"end", std::string(end_name(end.end))}, {"commands", std::int64_t{end.commands}}});
    if (end.end == End::retry) {
      co_return fail(errc::io, end.why, "what it has to say is kept; try again later");
    }
    co_return Result<void>();
  }

  AgentContext& context_;
  bool leave_;
  Gate gate_;
  net::Event ended_;
  std::size_t left_ = 0;
  int failed_ = 0;
};

Result<std::vector<std::string>> enrolled_devices(DeviceStore& store) {
  UNDERSTUDY_TRY(const auto ids, chosen_devices(store, {}));
  std::vector<std::string> enrolled;
  for (const auto& id : ids) {
    UNDERSTUDY_TRY(const auto device, store.load(id));
    if (device.enrollment || device.return_to_service) enrolled.push_back(id);
  }
  return enrolled;
}

/// A push channel for the enrolled devices that have none.
Task<Result<void>> give_channels(Process& process, CourierChoice choice) {
  AgentContext& context = process.context();
  UNDERSTUDY_CO_TRY(const auto ids, enrolled_devices(context.store));
  for (const auto& id : ids) {
    UNDERSTUDY_CO_TRY(auto device, context.store.load(id));
    if (!device.push.courier.empty() || !device.enrollment) continue;
    Rng rng = context.seed.derive("push " + id);
    UNDERSTUDY_CO_CHECK(
        co_await take_courier_identity(device, choice, context.keys, rng, context.clock.now()));
    UNDERSTUDY_CO_CHECK(context.store.save(device));
  }
  co_return Result<void>();
}

/// `do` speaks to this process while it holds the state directory. Without it everything else
/// works.
std::unique_ptr<control::Server> listen_for_hands(Process& process, Runner& runner,
                                                  const std::string& state) {
  auto handler = [&runner](const control::Request& request) {
    Hand hand;
    hand.action = request.action;
    hand.argument = request.argument;
    return reply_to(runner.lay_hands(request.device, hand));
  };
  auto server = control::Server::start(process.io().get_executor(), control::socket_path(state),
                                       std::move(handler));
  if (server) return std::move(*server);
  complain(server.error().message() + "; `do` reaches no device meanwhile");
  return nullptr;
}

void say_who_is_deaf(std::size_t deaf, std::size_t devices) {
  if (deaf == 0) return;
  complain(std::to_string(deaf) + " of " + std::to_string(devices) +
           " devices have no push channel, since they were enrolled without --courier: "
           "`run --courier HOST:PORT --ca FILE` gives them one, `connect` holds a conversation "
           "without");
}

}  // namespace

ExitCode run(const CommonArguments& common, const RunArguments& arguments) {
  auto process = Process::open(common, Access::change);
  if (!process) return complain(process.error(), ExitCode::unreachable);
  CourierChoice choice;
  auto anchors = read_anchors(arguments.ca);
  if (!anchors) return complain(anchors.error(), ExitCode::usage);
  choice.anchors = std::move(*anchors);
  auto courier = read_courier(arguments.courier, choice.anchors, **process);
  if (!courier) return complain(courier.error(), ExitCode::usage);
  choice.courier = std::move(*courier);
  if (choice.courier) {
    const auto given = (*process)->run(give_channels(**process, std::move(choice)));
    if (!given) return complain(given.error(), ExitCode::unreachable);
  }
  Runner runner((*process)->io().get_executor(), (*process)->context());
  const auto devices = runner.start();
  if (!devices) return complain(devices.error(), ExitCode::unreachable);
  if (*devices == 0) {
    complain("no device in " + common.state + " is enrolled; enroll one first");
    return ExitCode::usage;
  }
  say_who_is_deaf(runner.without_courier(), *devices);
  const auto hands = listen_for_hands(**process, runner, common.state);
  const bool clean = (*process)->run(run_until_signal(
      **process, runner, *devices, std::chrono::seconds(arguments.ready_timeout_s)));
  if (!clean) {
    // Conversations still wait for a server. All that matters is stored; their coroutines refer to
    // each other, so the process ends without taking them apart.
    complain("ended while conversations were under way; they go on at the next run");
    std::fflush(stdout);
    std::_Exit(static_cast<int>(ExitCode::ok));
  }
  return ExitCode::ok;
}

ExitCode connect(const CommonArguments& common, const DevicesArguments& arguments) {
  auto process = Process::open(common, Access::change);
  if (!process) return complain(process.error(), ExitCode::unreachable);
  DeviceStore& store = (*process)->context().store;
  auto ids = arguments.devices.empty() ? enrolled_devices(store)
                                       : chosen_devices(store, arguments.devices);
  if (!ids) return complain(ids.error(), ExitCode::usage);
  if (ids->empty()) {
    complain("no device in " + common.state + " is enrolled; enroll one first");
    return ExitCode::usage;
  }
  Conversations conversations(**process, false);
  const std::size_t devices = ids->size();
  const int failed = (*process)->run(conversations.all(std::move(*ids)));
  say_summary((*process)->context(), devices, failed);
  return failed == 0 ? ExitCode::ok : ExitCode::unreachable;
}

ExitCode unenroll(const CommonArguments& common, const DevicesArguments& arguments) {
  auto process = Process::open(common, Access::change);
  if (!process) return complain(process.error(), ExitCode::unreachable);
  auto ids = chosen_devices((*process)->context().store, arguments.devices);
  if (!ids) return complain(ids.error(), ExitCode::usage);
  Conversations conversations(**process, true);
  const std::size_t devices = ids->size();
  const int failed = (*process)->run(conversations.all(std::move(*ids)));
  say_summary((*process)->context(), devices, failed);
  return failed == 0 ? ExitCode::ok : ExitCode::unreachable;
}

}  // namespace understudy::agent::cli
