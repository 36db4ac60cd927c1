/// Every command of the catalogue, to every sort of device that has it and to those that have not.

#include "tests/unit/agent/commands/samples.h"

namespace understudy::agent::test {
namespace {

using mdm::kMdmErrorDomain;
using Kind = mdm::Problem::Kind;

bool has(const std::vector<mdm::Problem>& problems, Kind kind) {
  return std::ranges::any_of(problems,
                             [&](const mdm::Problem& problem) { return problem.kind == kind; });
}

class EveryCommand : public ::testing::TestWithParam<mdm::MessageSpec> {};

/// The reply itself is validated by Enrolled::run, key by key.
TEST_P(EveryCommand, IsPerformedWhereTheCatalogueHasItAndRefusedElsewhere) {
  const mdm::MessageSpec& spec = GetParam();
  std::array<int, mdm::kPlatforms> performed{};
  for (const Stand& stand : stands()) {
    Enrolled enrolled(stand.options);
    enrolled.channel = stand.channel;
    const auto problems = mdm::check_allowed(mdm::Catalog::builtin(), spec.name, enrolled.target());
    const plist::Dict keys = sample_arguments(spec, enrolled);
    const Bytes before = serialize(enrolled.device);
    const Outcome outcome = enrolled.run(spec.name, keys);
    const auto platform = static_cast<std::size_t>(enrolled.device.hardware.platform);
    if (problems.empty() && !hardware_lacks(spec.name, enrolled.device.hardware)) {
      EXPECT_THAT(outcome, Acknowledged()) << stand.options.model;
      ++performed.at(platform);
      continue;
    }
    const bool chaperoned = has(problems, Kind::needs_supervision) && problems.size() == 1;
    if (chaperoned) {
      EXPECT_THAT(outcome, RefusedWith("MCChaperoneErrorDomain", 29000)) << stand.options.model;
    } else if (!has(problems, Kind::needs_supervision)) {
      EXPECT_THAT(outcome, RefusedWith(kMdmErrorDomain, 12021)) << stand.options.model;
    } else {
      EXPECT_EQ(outcome.status, mdm::Status::error);  // the first of two reasons
    }
    EXPECT_EQ(serialize(enrolled.device), before);
  }
  for (std::size_t i = 0; i < performed.size(); ++i) {
    const auto& entry = spec.platforms.at(i);
    EXPECT_EQ(performed.at(i) > 0, entry && entry->introduced)
        << mdm::platform_name(static_cast<mdm::Platform>(i));
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryCommand,
                         ::testing::ValuesIn(mdm::Catalog::builtin().commands()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace understudy::agent::test
