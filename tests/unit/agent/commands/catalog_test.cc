/// Every command of the catalog, to every sort of device that has it and to those that have not.

#include <set>

#include "tests/unit/agent/commands/offered.h"
#include "tests/unit/agent/commands/samples.h"

namespace understudy::agent::test {
namespace {

using mdm::kMdmErrorDomain;
using ::testing::IsSubsetOf;
using Kind = mdm::Problem::Kind;

bool has(const std::vector<mdm::Problem>& problems, Kind kind) {
  return std::ranges::any_of(problems,
                             [&](const mdm::Problem& problem) { return problem.kind == kind; });
}

/// Commands that only ask, or (LOM) speak of other devices, and leave this one as it is.
const std::set<std::string_view>& readers() {
  static const std::set<std::string_view> kAll = {"ActiveNSExtensions",
                                                  "AvailableOSUpdates",
                                                  "CertificateList",
                                                  "ContentCachingInformation",
                                                  "DeviceInformation",
                                                  "DeviceLocation",
                                                  "InstalledApplicationList",
                                                  "LOMDeviceRequest",
                                                  "LOMSetupRequest",
                                                  "ManagedApplicationAttributes",
                                                  "ManagedApplicationConfiguration",
                                                  "ManagedApplicationList",
                                                  "ManagedMediaList",
                                                  "NSExtensionMappings",
                                                  "OSUpdateStatus",
                                                  "ProfileList",
                                                  "ProvisioningProfileList",
                                                  "RequestUnlockToken",  // of this enrollment
                                                  "Restrictions",
                                                  "SecurityInfo",
                                                  "UserList",
                                                  "VerifyFirmwarePassword",
                                                  "VerifyRecoveryLock"};
  return kAll;
}

/// InstallEnterpriseApplication has no reply keys, and the handler that answers InstallApplication.
std::vector<std::string> shared_answer(std::string_view name) {
  if (name == "InstallEnterpriseApplication") return {"Identifier", "State"};
  return {};
}

class EveryCommand : public ::testing::TestWithParam<mdm::MessageSpec> {};

/// The reply itself is validated by Enrolled::run, key by key.
TEST_P(EveryCommand, IsPerformedWhereTheCatalogHasItAndRefusedElsewhere) {
  const mdm::MessageSpec& spec = GetParam();
  std::array<int, mdm::kPlatforms> performed{};
  bool changes = false;
  for (const Stand& stand : stands()) {
    Enrolled enrolled(stand.options);
    enrolled.channel = stand.channel;
    const auto problems = mdm::check_allowed(mdm::Catalog::builtin(), spec.name, enrolled.target());
    const plist::Dict keys = sample_arguments(spec, enrolled);
    const Bytes before = serialize(enrolled.device);
    const Device sender = enrolled.device;
    const Outcome outcome = enrolled.run(spec.name, keys);
    const auto platform = static_cast<std::size_t>(enrolled.device.hardware.platform);
    if (problems.empty() && !hardware_lacks(spec.name, enrolled.device.hardware)) {
      EXPECT_THAT(outcome, Acknowledged()) << stand.options.model;
      ++performed.at(platform);
      EXPECT_THAT(unknown_reply_keys(sender, command(spec.name, keys),
                                     {*enrolled.clock, enrolled.seed, 1, stand.channel}),
                  IsSubsetOf(shared_answer(spec.name)));
      changes = changes || serialize(enrolled.device) != before;
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
  EXPECT_EQ(changes, !readers().contains(spec.name)) << "a handler with an effect changes a device";
}

INSTANTIATE_TEST_SUITE_P(Catalog, EveryCommand,
                         ::testing::ValuesIn(mdm::Catalog::builtin().commands()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace understudy::agent::test
