// understudy-agent run

#include <boost/asio/signal_set.hpp>
#include <cstdlib>
#include <set>

#include "agent/cli/courier_option.h"
#include "agent/cli/hand_reply.h"
#include "agent/cli/summary.h"
#include "agent/enroll/courier_identity.h"
#include "agent/session/runner.h"

namespace understudy::agent::cli {
namespace {

constexpr std::chrono::seconds kGrace{5};

/// "unique", or the shortcuts among the devices.
std::string keys_text(const std::set<std::string>& shortcuts) {
  std::string text;
  for (const auto& one : shortcuts) text.append(text.empty() ? "" : ", ").append(one);
  return text.empty() ? kUniqueKeys : text;
}

Task<bool> run_until_signal(Process& process, Runner& runner, std::size_t devices,
                            std::chrono::seconds ready_timeout, const Counts& counts) {
  asio::signal_set signals(process.io(), SIGINT, SIGTERM);
  bool stopped = false;
  net::Event stop(process.io().get_executor());
  auto on_signal = [&stop, &stopped](boost::system::error_code ec, int) {
    if (ec) return;
    stopped = true;
    stop.notify();
  };
  signals.async_wait(std::move(on_signal));

  const std::string keys = keys_text(runner.key_shortcuts());
  const std::size_t listening = co_await runner.wait_until_listening(ready_timeout);
  process.context().tell("ready", "",
                         {{"devices", static_cast<std::int64_t>(devices)},
                          {"listening", static_cast<std::int64_t>(listening)},
                          {"keys", keys},
                          {"findings", finding_count(process.context())}});
  while (!stopped) co_await stop.wait();
  const bool clean = co_await runner.stop(kGrace);
  print_run_summary(devices, keys, counts, process.context());
  co_return clean;
}

/// A push channel for the enrolled devices that have none, or had one to another courier.
Task<Result<void>> give_channels(Process& process, CourierChoice choice) {
  AgentContext& context = process.context();
  UNDERSTUDY_CO_TRY(const auto ids, enrolled_devices(context.store));
  for (const auto& id : ids) {
    UNDERSTUDY_CO_TRY(auto device, context.store.load(id));
    if (device.push.courier == choice.courier->address().text() || !device.enrollment) continue;
    Rng rng = context.seed.derive("push " + id);
    KeyMaker& maker = context.keys.like(device.enrollment->keys);  // as it was enrolled
    UNDERSTUDY_CO_CHECK(
        co_await take_courier_identity(device, choice, maker, rng, context.clock.now()));
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
  CourierChoice choice;
  auto anchors = read_anchors(arguments.ca);
  if (!anchors) return complain(anchors.error(), ExitCode::usage);
  choice.anchors = std::move(*anchors);
  auto address = read_courier(arguments.courier, choice.anchors);
  if (!address) return complain(address.error(), ExitCode::usage);
  auto process = Process::open(common, Access::change);
  if (!process) return complain(process.error(), ExitCode::unreachable);
  auto courier = make_courier(std::move(*address), choice.anchors, **process);
  if (!courier) return complain(courier.error(), ExitCode::usage);
  choice.courier = std::move(*courier);
  if (choice.courier) {
    const auto given = (*process)->run(give_channels(**process, std::move(choice)));
    if (!given) return complain(given.error(), ExitCode::unreachable);
  }
  Counts counts;
  (*process)->context().events = [&counts, &clock = (*process)->clock()](const AgentEvent& event) {
    counts.see(event);
    print_event(clock, event);
  };
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
      **process, runner, *devices, std::chrono::seconds(arguments.ready_timeout_s), counts));
  if (!clean) {
    // Conversations still wait for a server. All that matters is stored; their coroutines refer to
    // each other, so the process ends without taking them apart.
    complain("ended while conversations were under way; they go on at the next run");
    std::fflush(stdout);
    std::_Exit(static_cast<int>(ExitCode::ok));
  }
  return ExitCode::ok;
}

}  // namespace understudy::agent::cli
