/// TriggerEnhancedLogCollection, CancelEnhancedLogCollection: of iOS 27.

#include "tests/unit/agent/commands/enrolled.h"

namespace understudy::agent::test {
namespace {

FactoryOptions ios_27() {
  FactoryOptions options{"iphone", "27.0", true};
  options.build_version = "24A1";
  return options;
}

TEST(LogCollection, RunsUntilItIsCancelled) {
  Enrolled enrolled(ios_27());
  ASSERT_THAT(enrolled.run("TriggerEnhancedLogCollection", {{"AppleCareToken", "first"}}),
              Acknowledged());
  ASSERT_THAT(enrolled.run("TriggerEnhancedLogCollection", {{"AppleCareToken", "second"}}),
              Acknowledged());
  EXPECT_EQ(enrolled.device.log_collection_token, "second");
  const Device stored = deserialize(serialize(enrolled.device)).value();
  EXPECT_EQ(stored.log_collection_token, "second");
  EXPECT_THAT(enrolled.run("CancelEnhancedLogCollection"), Acknowledged());
  EXPECT_EQ(enrolled.device.log_collection_token, "");
  EXPECT_THAT(enrolled.run("CancelEnhancedLogCollection"), Acknowledged());
}

TEST(LogCollection, IsNoCommandOfOlderSystems) {
  Enrolled enrolled(FactoryOptions{"iphone", "", true});
  EXPECT_THAT(enrolled.run("TriggerEnhancedLogCollection", {{"AppleCareToken", "x"}}),
              RefusedWith(mdm::kMdmErrorDomain, 12021));
}

}  // namespace
}  // namespace understudy::agent::test
