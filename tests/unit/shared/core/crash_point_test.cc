#include "shared/core/crash_point.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace understudy {
namespace {

void crash_in_child(const char* wanted, const char* point) {
  if (wanted == nullptr) {
    unsetenv("UNDERSTUDY_CRASH_AT");
  } else {
    setenv("UNDERSTUDY_CRASH_AT", wanted, 1);
  }
  crash_point(point);
  std::_Exit(7);
}

TEST(CrashPointDeathTest, KillsTheProcessAtTheNamedPointOnly) {
  EXPECT_EXIT(crash_in_child("push_queued", "push_queued"), ::testing::KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(crash_in_child("push_queued", "push_sent"), ::testing::ExitedWithCode(7), "");
  EXPECT_EXIT(crash_in_child(nullptr, "push_queued"), ::testing::ExitedWithCode(7), "");
  EXPECT_EXIT(crash_in_child("", ""), ::testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace understudy
