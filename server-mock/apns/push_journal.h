#pragma once

/// What became of the newest pushes: for the inspection API, never for decisions. A ring that is
/// used again in place; payloads and their PushMagic are not kept. The service's thread only.
///
/// Pushes of a former run, and those that left the ring, are unknown: their events are dropped.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server-mock/apns/broker.h"
#include "shared/apns/provider.h"

namespace understudy::apns_mock {

/// A push that was accepted, as the provider ordered it. Views hold for the call.
struct JournalPush {
  std::string_view apns_id;
  apns::Token token{};
  std::string_view topic;  ///< its name
  std::string_view push_type, collapse_id;
  std::uint8_t priority = 10;
  TimePoint expires_at;
  std::size_t payload_size = 0;
  TimePoint at;
};

/// A push that was refused.
struct JournalRefusal {
  std::string_view apns_id;
  apns::Reason reason{};
  int status = 0;          ///< the reason's own, unless a fault gave another
  std::string_view token;  ///< as it stood in the path; may be anything, or nothing
  TimePoint at;
  const apns::Token* parsed = nullptr;  ///< the same, where it was a token and is known to be one
  FaultNotePtr fault = nullptr;         ///< that refused it
};

struct PushRecord {
  struct Step {
    Stage stage{};
    TimePoint at;
    bool from_storage = false;     ///< with `delivered`
    FaultNotePtr fault = nullptr;  ///< with `faulted`
    std::uint8_t ack_status = 0;   ///< with `refused`
  };

  std::uint64_t sequence = 0;  ///< from 1, one more with each push
  std::string apns_id;
  std::optional<apns::Token> token;
  std::string strange_token;  ///< the path's text where it is no token; at most kMaxTokenText
  std::string topic, push_type, collapse_id;
  std::uint8_t priority = 10;
  TimePoint at;  ///< accepted or refused
  TimePoint expires_at;
  std::size_t payload_size = 0;
  std::optional<apns::Reason> refusal;
  FaultNotePtr refused_by = nullptr;  ///< null: refused as the real service does
  int status = 200;
  std::vector<Step> steps;           ///< in order; none of a refusal
  std::uint32_t steps_left_out = 0;  ///< over kMaxSteps: before the last one
};

class PushJournal {
 public:
  static constexpr std::size_t kMaxSteps = 32;
  static constexpr std::size_t kMaxTokenText = 128;

  /// `capacity` pushes, at least one.
  explicit PushJournal(std::size_t capacity = 10'000);
  PushJournal(const PushJournal&) = delete;
  PushJournal& operator=(const PushJournal&) = delete;
  ~PushJournal() = default;

  /// Begins a record, with stage `accepted`. Before the events of the same push.
  void accepted(const JournalPush& push);
  void refused(const JournalRefusal& refusal);
  /// The record it belongs to, nullptr when there is none any more. `accepted` is there already.
  const PushRecord* observe(const PushEvent& event);
  /// Forgets all pushes. Sequence numbers go on.
  void clear();

  // Records hold until the next change.
  /// The newest one with this id, exactly as it was sent or made.
  const PushRecord* find(std::string_view apns_id) const;
  struct Query {
    std::optional<apns::Token> token;
    std::string topic;           ///< empty: any
    std::optional<Stage> stage;  ///< the last one so far
    bool refused_only = false;
    std::size_t limit = 100;
  };
  /// Newest first.
  std::vector<const PushRecord*> newest(const Query& query) const;
  /// The first accepted push for the token after this sequence number: what a long poll waits for.
  const PushRecord* next_after(const apns::Token& token, std::uint64_t sequence) const;
  std::uint64_t last_sequence() const { return last_; }  ///< 0 before the first push
  std::size_t size() const { return count_; }

 private:
  PushRecord& begin(std::string_view apns_id, TimePoint at);
  PushRecord& slot(std::uint64_t sequence) { return ring_[(sequence - 1) % capacity_]; }
  const PushRecord& slot(std::uint64_t sequence) const { return ring_[(sequence - 1) % capacity_]; }
  const std::size_t capacity_;
  std::deque<PushRecord> ring_;  ///< slot (sequence - 1) % capacity
  std::uint64_t last_ = 0;
  std::size_t count_ = 0;
};

}  // namespace understudy::apns_mock
