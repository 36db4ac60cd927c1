#include "server-mock/push_setup.h"

#include "server-mock/apns/fault_points.h"
#include "server-mock/faults/rule_text.h"
#include "shared/core/errc.h"
#include "shared/io/file.h"

namespace understudy::server {
namespace {

Result<void> add_file(faults::Engine& engine, const std::filesystem::path& file) {
  UNDERSTUDY_TRY(const Bytes text, io::read_file(file));
  UNDERSTUDY_TRY(std::vector<faults::Rule> rules, faults::rules_from_json(as_text(text)));
  UNDERSTUDY_TRY(const auto ids, engine.add_all(std::move(rules)));
  (void)ids;
  return {};
}

Result<void> add_flag(faults::Engine& engine, const std::string& text) {
  std::vector<faults::Rule> rules;
  if (text.starts_with('{')) {
    UNDERSTUDY_TRY(rules, faults::rules_from_json(text));
  } else {
    UNDERSTUDY_TRY(faults::Rule rule, faults::rule_from_flag(text, engine.vocabulary()));
    rules.push_back(std::move(rule));
  }
  UNDERSTUDY_TRY(const auto ids, engine.add_all(std::move(rules)));
  (void)ids;
  return {};
}

}  // namespace

Result<apns_mock::Policies> read_policies(const std::vector<std::string>& settings) {
  apns_mock::Policies policies;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) {
      return fail(errc::invalid_argument, "--policy " + setting + " names no value",
                  "write NAME=VALUE");
    }
    UNDERSTUDY_CHECK(apns_mock::set_policy(policies, std::string_view(setting).substr(0, equals),
                                           std::string_view(setting).substr(equals + 1)));
  }
  return policies;
}

Result<std::shared_ptr<faults::Engine>> read_faults(const FaultFlags& flags, const Rng& rng) {
  auto engine = std::make_shared<faults::Engine>(apns_mock::fault_points(), rng);
  for (const std::filesystem::path& file : flags.files) {
    Result<void> added = add_file(*engine, file);
    if (!added) return fail_in("--faults " + file.string(), std::move(added).error());
  }
  for (const std::string& rule : flags.rules) {
    Result<void> added = add_flag(*engine, rule);
    if (!added) return fail_in("--fault", std::move(added).error());
  }
  return engine;
}

Result<void> check_push_setup(const std::vector<std::string>& policies, const FaultFlags& faults) {
  UNDERSTUDY_TRY([[maybe_unused]] const auto chosen, read_policies(policies));
  UNDERSTUDY_TRY([[maybe_unused]] const auto rules, read_faults(faults, Rng(0)));
  return {};
}

}  // namespace understudy::server
