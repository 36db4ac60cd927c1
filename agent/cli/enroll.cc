// understudy-agent enroll

#include <cstdio>
#include <nlohmann/json.hpp>

#include "agent/cli/courier_option.h"
#include "agent/enroll/enroller.h"
#include "agent/enroll/profile_source.h"
#include "agent/witness/checks.h"
#include "shared/net/timer.h"

namespace understudy::agent::cli {
namespace {

constexpr std::size_t kAtOnce = 8;
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

/// Everything on the command line is checked before the first device is made.
Result<EnrollOptions> read_options(const EnrollArguments& arguments, Process& process) {
  EnrollOptions options;
  options.rules.allow_http = arguments.allow_http;
  options.factory = {arguments.model, arguments.os_version, arguments.supervised};
  options.passcode = arguments.passcode;
  UNDERSTUDY_TRY(options.anchors, read_anchors(arguments.ca));
  UNDERSTUDY_TRY(options.courier, read_courier(arguments.courier, options.anchors, process));
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
  note_profile(process.context(), options.profile);
  auto parsed = mdm::parse_enrollment_profile(options.profile, options.rules);
  if (!parsed) return fail_in("--profile " + arguments.profile, std::move(parsed).error());
  return options;
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
std::string explain(const Error& error, const EnrollArguments& arguments) {
  std::string text = "enroll: " + error.message();
  if (error.code == net::http_errc::tls) {
    text += arguments.ca.empty() ? "; --ca FILE names a CA to trust besides the system's"
                                 : "; --ca " + arguments.ca + " is trusted";
  }
  return text;
}

class Batch {
 public:
  Batch(Process& process, EnrollOptions options, const EnrollArguments& arguments)
      : arguments_(arguments),
        context_(process.context()),
        enroller_(context_, keys_, std::move(options)),
        gate_(process.io().get_executor(), kAtOnce),
        ended_(process.io().get_executor()) {}

  /// How many were enrolled.
  Task<int> all() {
    const auto executor = co_await asio::this_coro::executor;
    left_ = arguments_.count;
    for (int i = 0; i < arguments_.count; ++i) net::spawn(executor, "enroll", one());
    while (left_ > 0) co_await ended_.wait();
    co_return enrolled_;
  }

 private:
  Task<void> one() {
    const auto permit = co_await gate_.enter();
    const auto device = co_await enroller_.enroll();
    if (device) {
      ++enrolled_;
      say_enrolled(*device);
    } else {
      complain(explain(device.error(), arguments_));
    }
    --left_;
    ended_.notify();
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
  KeyMaker keys_;
  Enroller enroller_;
  Gate gate_;
  net::Event ended_;
  int left_ = 0, enrolled_ = 0;
};

void say_seed(const AgentContext& context, std::uint64_t seed, bool json) {
  if (json) return context.tell("seed", "", {{"seed", static_cast<std::int64_t>(seed)}});
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
}

void say_summary(AgentContext& context, int enrolled, const EnrollArguments& arguments) {
  const std::int64_t findings = finding_count(context);
  if (arguments.json) {
    return context.tell("summary", "",
                        {{"enrolled", std::int64_t{enrolled}},
                         {"of", std::int64_t{arguments.count}},
                         {"findings", findings}});
  }
  std::printf("enrolled %d of %d\n", enrolled, arguments.count);
  if (findings > 0) {
    std::printf("findings %lld, listed by `understudy-agent findings`\n",
                static_cast<long long>(findings));
  }
}

}  // namespace

ExitCode enroll(const CommonArguments& common, const EnrollArguments& arguments) {
  auto process = Process::open(common, Access::create);
  if (!process) return complain(process.error(), ExitCode::unreachable);
  AgentContext& context = (*process)->context();
  auto options = read_options(arguments, **process);
  if (!options) return complain(options.error(), ExitCode::usage);
  const auto seed = choose_seed(context.store, arguments.seed);
  if (!seed) return complain(seed.error().error, seed.error().code);
  context.seed = Rng(*seed);
  if (!arguments.json) context.events = [](const AgentEvent&) {};
  say_seed(context, *seed, arguments.json);

  Batch batch(**process, std::move(*options), arguments);
  const int enrolled = (*process)->run(batch.all());
  say_summary(context, enrolled, arguments);
  return enrolled == arguments.count ? ExitCode::ok : ExitCode::unreachable;
}

}  // namespace understudy::agent::cli
