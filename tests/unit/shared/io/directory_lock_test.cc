#include "shared/io/directory_lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>

#include "shared/core/errc.h"
#include "tests/support/temp_dir.h"

namespace understudy::io {
namespace {

Result<DirectoryLock> take(const support::TempDir& directory) {
  return DirectoryLock::take(directory.path(), "test directory", "use another one");
}

TEST(DirectoryLock, RefusesASecondAndSaysWhoHasIt) {
  const support::TempDir directory;
  auto first = take(directory);
  ASSERT_TRUE(first) << first.error().message();
  const auto second = take(directory);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::io);
  const std::string words = second.error().message();
  for (const std::string& part :
       {"test directory " + directory.path().string(),
        "in use by process " + std::to_string(getpid()), std::string("use another one")}) {
    EXPECT_NE(words.find(part), std::string::npos) << words;
  }
}

TEST(DirectoryLock, LetsGoAtItsEndOnly) {
  const support::TempDir directory;
  {
    auto first = take(directory);
    ASSERT_TRUE(first);
    const DirectoryLock moved = std::move(*first);
    EXPECT_FALSE(take(directory));
  }
  EXPECT_TRUE(take(directory));
}

TEST(DirectoryLock, SaysWhatItCannotOpen) {
  const auto none = DirectoryLock::take("/dev/null/none", "test directory", "");
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message().find("/dev/null/none/lock"), std::string::npos);
}

}  // namespace
}  // namespace understudy::io
