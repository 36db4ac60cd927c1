#include "agent/cli/counts.h"

#include <gtest/gtest.h>

namespace understudy::agent::cli {
namespace {

AgentEvent conversation(const std::string& end, const std::string& why) {
  AgentEvent event{"conversation", "d1", {{"end", end}, {"commands", std::int64_t{1}}}};
  if (!why.empty()) event.fields.emplace_back("why", why);
  return event;
}

TEST(Counts, AreWhatTheEventsSay) {
  Counts counts;
  for (const char* status : {"Acknowledged", "NotNow", "Acknowledged"}) {
    counts.see(AgentEvent{"command", "d1", {{"request_type", "DeviceLock"}, {"status", status}}});
  }
  counts.see(AgentEvent{"push", "d1", {}});
  counts.see(conversation("done", ""));
  counts.see(conversation("not_now", ""));
  counts.see(conversation("retry", "HTTP 503: busy"));
  counts.see(conversation("retry", "HTTP 503: still busy"));
  counts.see(conversation("unenrolled", "HTTP 401"));
  EXPECT_EQ(counts.statuses(), (Statuses{{"Acknowledged", 2}, {"NotNow", 1}}));
  EXPECT_EQ(counts.conversations(), 5U);
  EXPECT_EQ(counts.failures().failed(), 3U);
  const auto kinds = counts.failures().failures();
  ASSERT_EQ(kinds.size(), 2U);
  EXPECT_EQ(kinds[0].kind, "HTTP 503");
  EXPECT_EQ(kinds[0].count, 2U);
  EXPECT_EQ(kinds[1].kind, "HTTP 401");
}

}  // namespace
}  // namespace understudy::agent::cli
