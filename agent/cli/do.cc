// understudy-agent do

#include <cstdio>

#include "agent/cli/hand_reply.h"
#include "agent/cli/process.h"
#include "agent/session/device_session.h"

namespace understudy::agent::cli {
namespace {

/// What the person asked for is not possible; all else is a failure of ours.
bool is_mistake(const Error& error) {
  return error.code == errc::invalid_argument || error.code == errc::unsupported ||
         error.code == errc::not_found || error.code == errc::already_exists;
}

ExitCode say(const control::Reply& reply) {
  if (!reply.ok) {
    complain(reply.text);
    return reply.usage ? ExitCode::usage : ExitCode::unreachable;
  }
  std::printf("%s\n", reply.text.c_str());
  return ExitCode::ok;
}

/// Where no process holds the state directory.
Result<std::string> lay_hands(Process& process, const std::string& device, const Hand& hand) {
  UNDERSTUDY_CHECK(chosen_devices(process.context().store, {device}));
  UNDERSTUDY_TRY(auto session, DeviceSession::load(process.context(), device));
  UNDERSTUDY_TRY(auto did, session.lay_hands(hand));
  if (session.enrolled() && session.device().enrollment->removed_by_user) {
    process.run(session.work());  // it says goodbye, if it can
  }
  return did;
}

}  // namespace

control::Reply reply_to(const Result<std::string>& did) {
  control::Reply reply;
  reply.ok = did.has_value();
  reply.usage = !did && is_mistake(did.error());
  reply.text = did ? *did : did.error().message();
  return reply;
}

ExitCode do_by_hand(const CommonArguments& common, const HandArguments& arguments) {
  control::Request request;
  request.device = arguments.device;
  request.action = arguments.action;
  request.argument = arguments.argument;
  const auto running = control::ask(control::socket_path(common.state), request);
  if (!running) return complain(running.error(), ExitCode::unreachable);
  if (*running) return say(**running);

  auto process = Process::open(common, Access::change);
  if (!process) return complain(process.error(), ExitCode::unreachable);
  (*process)->context().events = [](const AgentEvent&) {};  // one sentence is enough
  Hand hand;
  hand.action = arguments.action;
  hand.argument = arguments.argument;
  return say(reply_to(lay_hands(**process, arguments.device, hand)));
}

}  // namespace understudy::agent::cli
