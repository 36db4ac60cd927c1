// understudy-agent enroll

#include <algorithm>
#include <cstdio>
#include <thread>

#include "agent/cli/courier_option.h"
#include "agent/cli/load.h"
#include "agent/cli/summary.h"
#include "agent/enroll/enroller.h"
#include "agent/enroll/profile_source.h"
#include "agent/witness/checks.h"
#include "shared/net/timer.h"

namespace understudy::agent::cli {
namespace {

constexpr std::uint64_t kLargestRandomSeed = 999'999'999;  // short enough to type again

/// What went wrong and what to exit with.
struct Refusal {
  Error error;
  ExitCode code;
};
template <class T>
using Checked = tl::expected<T, Refusal>;

tl::unexpected<Refusal> refuse(Error error, ExitCode code) {
  return tl::unexpected(Refusal{std::move(error), code});
}

/// Stored and not logged: a complaint that follows says it in its own words.
void note_profile(AgentContext& context, BytesView profile) {
  for (const auto& finding : witness::check_profile(profile)) {
    const auto stored = context.store.findings().add("", finding, context.clock.now());
    if (!stored) complain("findings: " + stored.error().message());
  }
}

/// What can be said of the command line before there is a state directory.
Result<EnrollOptions> read_options(const EnrollArguments& arguments) {
  EnrollOptions options;
  options.rules.allow_http = arguments.allow_http;
  options.factory = {arguments.model, arguments.os_version, arguments.supervised,
                     arguments.automated};
  options.factory.build_version = arguments.build_version;
  options.passcode = arguments.passcode;
  UNDERSTUDY_TRY(options.anchors, read_anchors(arguments.ca));
  UNDERSTUDY_CHECK(check_options(options.factory));
  if (is_url(arguments.profile)) {
    if (arguments.profile.starts_with("http://") && !arguments.allow_http) {
      return fail(errc::invalid_argument, "--profile " + arguments.profile + " is plain http",
                  "use https, or allow it with --allow-http");
    }
    options.profile_url = arguments.profile;
    return options;
  }
  auto profile = read_profile(arguments.profile);
  if (!profile) return fail_in("--profile", std::move(profile).error());
  options.profile = std::move(*profile);
  return options;
}

/// And what cannot: what is wrong with a profile is a finding.
Result<void> complete(EnrollOptions& options, const EnrollArguments& arguments,
                      std::optional<CourierAddress> courier, Process& process) {
  UNDERSTUDY_TRY(options.courier, make_courier(std::move(courier), options.anchors, process));
  if (!options.profile_url.empty()) return {};
  note_profile(process.context(), options.profile);
  auto parsed = mdm::parse_enrollment_profile(options.profile, options.rules);
  if (!parsed) return fail_in("--profile " + arguments.profile, std::move(parsed).error());
  return {};
}

/// The seed of the fleet: the one asked for, the one that the directory has, or a new one.
Checked<std::uint64_t> choose_seed(DeviceStore& store, std::optional<std::uint64_t> asked) {
  const std::uint64_t stored = store.seed();
  if (stored != 0 && asked && *asked != stored) {
    auto error = fail(errc::already_exists,
                      "--seed " + std::to_string(*asked) +
                          ": the devices of this state directory "
                          "were made with seed " +
                          std::to_string(stored),
                      "leave --seed out, or name another directory");
    return refuse(std::move(error).value(), ExitCode::usage);
  }
  if (stored != 0) return stored;
  Rng system = Rng::from_system();
  const std::uint64_t seed = asked ? *asked : 1 + system.below(kLargestRandomSeed);
  if (auto set = store.set_seed(seed); !set) {
    return refuse(std::move(set).error(), ExitCode::unreachable);
  }
  return seed;
}

/// What the layers below cannot know: which option helps.
Error explain(Error error, const EnrollArguments& arguments) {
  if (error.code == net::http_errc::tls) {
    error.hint += error.hint.empty() ? "" : "; ";
    error.hint += arguments.ca.empty() ? "--ca FILE names a CA to trust besides the system's"
                                       : "--ca " + arguments.ca + " is trusted";
  }
  return error;
}

/// As many as keep all cores at work on keys while others wait for the server.
LoadArguments load_of(const EnrollArguments& arguments) {
  LoadArguments load = arguments.load;
  constexpr int kFewest = 8;
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  if (load.workers == 0) load.workers = std::max(kFewest, 2 * cores);
  return load;
}

/// What there is to do: devices that are stored and owe their TokenUpdate, and new ones.
struct Plan {
  std::vector<std::string> unfinished;
  std::size_t fresh = 0;

  std::size_t count() const { return unfinished.size() + fresh; }
};

Result<Plan> make_plan(DeviceStore& store, const EnrollArguments& arguments) {
  Plan plan;
  plan.fresh = static_cast<std::size_t>(arguments.count);
  if (arguments.total == 0) return plan;
  const auto wanted = static_cast<std::size_t>(arguments.total);
  std::size_t there = 0;
  UNDERSTUDY_TRY(const auto ids, chosen_devices(store, {}));
  for (const auto& id : ids) {
    UNDERSTUDY_TRY(const auto device, store.load(id));
    if (!device.enrollment || device.enrollment->stage == Enrollment::Stage::leaving) continue;
    ++there;
    if (device.enrollment->stage == Enrollment::Stage::token_pending) {
      plan.unfinished.push_back(id);
    }
  }
  plan.fresh = wanted > there ? wanted - there : 0;
  return plan;
}

class Batch {
 public:
  Batch(Process& process, EnrollOptions options, KeyChoice keys, const EnrollArguments& arguments,
        Plan plan)
      : arguments_(arguments),
        context_(process.context()),
        plan_(std::move(plan)),
        keys_(keys),
        enroller_(context_, keys_, std::move(options)),
        load_(process.io().get_executor(), process.clock(), load_of(arguments), "device",
              plan_.count()) {}

  /// Whether all were enrolled.
  Task<bool> all() {
    Load::Work work = [this](std::size_t place) { return one(place); };
    co_await load_.run(std::move(work));
    co_return load_.tally().failed() == 0;
  }

  Summary summary() const {
    KeyKinds kinds = key_kinds_;
    // A shortcut is named, also where nothing came of it.
    if (kinds.empty()) kinds[keys_.choice().text()] = 0;
    return {"enrolled", plan_.count(), load_.tally(), load_.elapsed(), std::move(kinds)};
  }

 private:
  Task<Result<void>> one(std::size_t place) {
    std::optional<Result<Device>> device;
    if (place < plan_.unfinished.size()) {
      device = co_await enroller_.finish(plan_.unfinished[place]);
    } else {
      device = co_await enroller_.enroll();
    }
    if (!*device) co_return tl::unexpected(explain(std::move(*device).error(), arguments_));
    ++key_kinds_[keys_of(**device)];
    load_.progress().make_room();
    say_enrolled(**device);
    co_return Result<void>();
  }

  void say_enrolled(const Device& device) const {
    if (arguments_.json) {
      return context_.tell("enrolled", device.id,
                           {{"udid", device.hardware.udid},
                            {"serial_number", device.hardware.serial_number},
                            {"name", device.name},
                            {"topic", device.enrollment->mdm.topic}});
    }
    std::printf("%-5s enrolled  %s  %s %s  serial %s  udid %s\n", device.id.c_str(),
                device.name.c_str(), device.hardware.product_name.c_str(),
                device.hardware.os_version.c_str(), device.hardware.serial_number.c_str(),
                device.hardware.udid.c_str());
    std::fflush(stdout);
  }

  const EnrollArguments& arguments_;
  AgentContext& context_;
  Plan plan_;
  KeyMaker keys_;
  Enroller enroller_;
  Load load_;
  KeyKinds key_kinds_;
};

void say_seed(const AgentContext& context, std::uint64_t seed, bool json) {
  if (json) return context.tell("seed", "", {{"seed", static_cast<std::int64_t>(seed)}});
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
}

}  // namespace

ExitCode enroll(const CommonArguments& common, const EnrollArguments& arguments) {
  auto options = read_options(arguments);
  if (!options) return complain(options.error(), ExitCode::usage);
  auto courier = read_courier(arguments.courier, options->anchors);
  if (!courier) return complain(courier.error(), ExitCode::usage);
  const auto keys = KeyChoice::parse(arguments.keys);
  if (!keys) return complain(keys.error(), ExitCode::usage);
  auto process = Process::open(common, Access::create);
  if (!process) return complain(process.error(), ExitCode::unreachable);
  AgentContext& context = (*process)->context();
  auto whole = complete(*options, arguments, std::move(*courier), **process);
  if (!whole) return complain(whole.error(), ExitCode::usage);
  const auto seed = choose_seed(context.store, arguments.seed);
  if (!seed) return complain(seed.error().error, seed.error().code);
  context.seed = Rng(*seed);
  if (!arguments.json) context.events = [](const AgentEvent&) {};
  say_seed(context, *seed, arguments.json);

  auto plan = make_plan(context.store, arguments);
  if (!plan) return complain(plan.error(), ExitCode::unreachable);
  Batch batch(**process, std::move(*options), *keys, arguments, std::move(*plan));
  const bool enrolled = (*process)->run(batch.all());
  if (arguments.json) {
    print_summary_event(batch.summary(), context);
  } else {
    std::printf("%s", summary_text(batch.summary(), context).c_str());
  }
  return enrolled ? ExitCode::ok : ExitCode::unreachable;
}

}  // namespace understudy::agent::cli
