/// What the store promises when other processes come and go.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/fleet/device_store.h"
#include "tests/support/temp_dir.h"

namespace understudy::agent {
namespace {

using ::testing::HasSubstr;

/// A child process that runs `body` and never comes back from it; killed with -9 at the end.
class Child {
 public:
  template <class Body>
  explicit Child(Body body) {
    int ends[2] = {-1, -1};
    if (pipe(ends) != 0) std::abort();
    id_ = fork();
    if (id_ == 0) {
      close(ends[0]);
      body(ends[1]);
      _exit(1);
    }
    close(ends[1]);
    from_ = ends[0];
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (id_ > 0) kill_now();
    close(from_);
  }

  /// Waits for the next octet the child writes; false when it is gone.
  bool heard() {
    char octet = 0;
    return read(from_, &octet, 1) == 1;
  }
  void kill_now() {
    kill(id_, SIGKILL);
    waitpid(id_, nullptr, 0);
    id_ = -1;
  }
  pid_t id() const { return id_; }

 private:
  pid_t id_ = -1;
  int from_ = -1;
};

TEST(DirectoryLock, RefusesASecondProcessAndNamesTheFirst) {
  const support::TempDir directory;
  Child child([&](int out) {
    auto store = DeviceStore::open(directory.path());
    if (store && write(out, "x", 1) == 1) pause();
  });
  ASSERT_TRUE(child.heard());
  const auto second = DeviceStore::open(directory.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::io);
  EXPECT_THAT(second.error().message(), HasSubstr(std::to_string(child.id())));
  EXPECT_THAT(second.error().message(), HasSubstr(directory.path().string()));

  child.kill_now();
  EXPECT_TRUE(DeviceStore::open(directory.path()));  // the dead hold nothing
}

TEST(DirectoryLock, RefusesASecondStoreInTheSameProcess) {
  const support::TempDir directory;
  auto first = DeviceStore::open(directory.path());
  ASSERT_TRUE(first);
  EXPECT_FALSE(DeviceStore::open(directory.path()));
  DeviceStore moved = std::move(*first);
  EXPECT_FALSE(DeviceStore::open(directory.path()));
}

TEST(DeviceStoreProcess, KeepsStateAndResultTogetherThroughKill9) {
  const support::TempDir directory;
  for (int round = 0; round < 5; ++round) {
    Child child([&](int out) {
      auto store = DeviceStore::open(directory.path());
      if (!store) return;
      Device device = make_device(Rng(1), 1, {}).value();
      if (auto stored = store->load("d1")) device = std::move(*stored);
      for (;;) {
        ++device.erased_times;
        PendingResult result;
        result.command_uuid = "u" + std::to_string(device.erased_times);
        result.body = std::string(2000, 'b');
        if (!store->save_with_result(device, result)) return;
        if (write(out, "x", 1) != 1) return;
      }
    });
    for (int i = 0; i < 20 + round; ++i) ASSERT_TRUE(child.heard());
    child.kill_now();

    auto store = DeviceStore::open(directory.path());
    ASSERT_TRUE(store) << store.error().message();
    const Device device = store->load("d1").value();
    const auto pending = store->pending_results("d1").value();
    ASSERT_EQ(pending.size(), device.erased_times);
    EXPECT_GE(pending.size(), 20U * static_cast<unsigned>(round + 1));
    EXPECT_EQ(pending.back().command_uuid, "u" + std::to_string(device.erased_times));
    EXPECT_EQ(pending.back().body.size(), 2000U);
  }
}

}  // namespace
}  // namespace understudy::agent
