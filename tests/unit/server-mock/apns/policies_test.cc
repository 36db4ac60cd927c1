#include "server-mock/apns/policies.h"

#include <gtest/gtest.h>

namespace understudy::apns_mock {
namespace {

TEST(Policies, TakesWhatAValueMayBeAndNamesIt) {
  Policies policies;
  EXPECT_TRUE(set_policy(policies, "courier.low-priority-batch", "34560000"));
  EXPECT_EQ(policies.low_priority_batch, std::chrono::days(400));
  const auto refused = set_policy(policies, "courier.low-priority-batch", "34560001");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("seconds, 0 to 34560000"), std::string::npos);
}

TEST(Policies, NoPushIsStoredForMoreThanThirtyDays) {
  Policies policies;
  EXPECT_TRUE(set_policy(policies, "provider.absent-expiration", "2592000"));
  const auto refused = set_policy(policies, "provider.absent-expiration", "2592001");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("seconds, 0 to 2592000"), std::string::npos);
  EXPECT_EQ(policies.absent_expiration, std::chrono::days(30));
}

}  // namespace
}  // namespace understudy::apns_mock
