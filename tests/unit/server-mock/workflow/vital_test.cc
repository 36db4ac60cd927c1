#include "server-mock/workflow/vital.h"

#include <gtest/gtest.h>

#include <boost/system/system_error.hpp>

namespace understudy::server {
namespace {

Task<void> breaks() {
  throw std::runtime_error("no memory");
  co_return;
}
Task<void> is_cancelled() {
  throw boost::system::system_error(asio::error::operation_aborted);
  co_return;
}
Task<void> ends() {
  co_return;
}

TEST(SpawnVital, StopsTheLoopWhenThePartBreaks) {
  asio::io_context io;
  spawn_vital(io.get_executor(), "queue monitor", breaks());
  try {
    io.run();
    FAIL() << "the loop went on";
  } catch (const PartFailed& e) {
    EXPECT_STREQ(e.what(), "queue monitor: no memory");
  }
}

TEST(SpawnVital, TakesAnEndOrACancellationAsNoFailure) {
  asio::io_context io;
  spawn_vital(io.get_executor(), "ends", ends());
  spawn_vital(io.get_executor(), "cancelled", is_cancelled());
  EXPECT_NO_THROW(io.run());
}

}  // namespace
}  // namespace understudy::server
