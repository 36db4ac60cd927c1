#include "shared/io/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/support/temp_dir.h"

namespace understudy::io {
namespace {

using ::testing::HasSubstr;

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777U;
}

std::size_t entries(const std::filesystem::path& path) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
}

TEST(File, ReadsBackWhatWasWritten) {
  const support::TempDir dir;
  for (const Bytes& content : {Bytes{}, Bytes{0, 1, 255}, Bytes(300'000, 7)}) {
    ASSERT_TRUE(write_file(dir / "file", content));
    EXPECT_EQ(read_file(dir / "file").value(), content);
  }
  EXPECT_EQ(entries(dir.path()), 1U) << "a temporary file stayed behind";
}

TEST(File, ReadsAFileWithoutASize) {
  EXPECT_FALSE(read_file("/proc/self/status").value().empty());
}

TEST(File, HoldsTheBoundExactly) {
  const support::TempDir dir;
  ASSERT_TRUE(write_file(dir / "file", Bytes(100)));
  EXPECT_TRUE(read_file(dir / "file", 100));
  EXPECT_EQ(read_file(dir / "file", 99).error().code, errc::limit);
  EXPECT_EQ(read_file("/dev/zero", 1000).error().code, errc::limit);
}

TEST(File, NamesThePathAndTheReasonWhenItFails) {
  const support::TempDir dir;
  const auto absent = read_file(dir / "absent");
  EXPECT_EQ(absent.error().code, errc::not_found);
  EXPECT_THAT(absent.error().message(), HasSubstr((dir / "absent").string()));
  const auto directory = read_file(dir.path());
  EXPECT_EQ(directory.error().code, errc::io);
  EXPECT_THAT(directory.error().message(), HasSubstr("directory"));
  EXPECT_EQ(write_file(dir / "no/such/file", Bytes{1}).error().code, errc::not_found);
}

TEST(File, LeavesTheOldContentWhenWritingFails) {
  const support::TempDir dir;
  std::filesystem::create_directory(dir / "target");
  std::ofstream(dir / "target/inside") << "x";
  EXPECT_EQ(write_file(dir / "target", Bytes{1}).error().code, errc::io);
  EXPECT_TRUE(std::filesystem::exists(dir / "target/inside"));
  EXPECT_EQ(entries(dir.path()), 1U) << "a temporary file stayed behind";
}

TEST(File, IsReadableByItsOwnerOnlyWhenSecret) {
  const support::TempDir dir;
  ASSERT_TRUE(write_file(dir / "key", Bytes{1}, true));
  EXPECT_EQ(mode_of(dir / "key"), 0600U);
  ASSERT_TRUE(write_file(dir / "plain", Bytes{1}));
  EXPECT_EQ(mode_of(dir / "plain") & 0600U, 0600U);
  ASSERT_TRUE(write_file(dir / "plain", Bytes{2}, true)) << "an old mode must not stay";
  EXPECT_EQ(mode_of(dir / "plain"), 0600U);
}

TEST(File, IsOldOrNewToAReaderNeverHalf) {
  const support::TempDir dir;
  const auto path = dir / "file";
  ASSERT_TRUE(write_file(path, Bytes(50'000, 'a')));
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < 50; ++i)
      EXPECT_TRUE(write_file(path, Bytes(50'000, i % 2 == 0 ? 'b' : 'a')));
    done = true;
  });
  while (!done) {
    const auto content = read_file(path);
    ASSERT_TRUE(content) << content.error().message();
    ASSERT_EQ(content->size(), 50'000U);
    EXPECT_EQ(*content, Bytes(50'000, content->front()));
  }
  writer.join();
}

TEST(File, SurvivesWritersOfTheSameName) {
  const support::TempDir dir;
  std::vector<std::thread> writers;
  for (std::uint8_t n = 1; n <= 4; ++n) {
    writers.emplace_back([&dir, n] {
      for (int i = 0; i < 10; ++i) EXPECT_TRUE(write_file(dir / "file", Bytes(1000, n)));
    });
  }
  for (std::thread& writer : writers) writer.join();
  const Bytes content = read_file(dir / "file").value();
  EXPECT_EQ(content, Bytes(1000, content.front()));
  EXPECT_EQ(entries(dir.path()), 1U);
}

TEST(Directory, IsMadeWithItsParents) {
  const support::TempDir dir;
  ASSERT_TRUE(make_directory(dir / "a/b/secret", true));
  EXPECT_EQ(mode_of(dir / "a/b/secret"), 0700U);
  ASSERT_TRUE(make_directory(dir / "a/b/secret"));
  EXPECT_EQ(mode_of(dir / "a/b/secret"), 0700U) << "one that is there stays as it is";
  ASSERT_TRUE(make_directory(dir / "a/plain"));
}

TEST(Directory, IsRefusedWhereAFileStands) {
  const support::TempDir dir;
  ASSERT_TRUE(write_file(dir / "file", Bytes{1}));
  EXPECT_EQ(make_directory(dir / "file").error().code, errc::io);
  const auto under = make_directory(dir / "file/sub");
  EXPECT_THAT(under.error().message(), HasSubstr((dir / "file").string()));
}

}  // namespace
}  // namespace understudy::io
