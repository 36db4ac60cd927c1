#include "server-mock/apns/push_journal.h"

#include <algorithm>

namespace understudy::apns_mock {

PushJournal::PushJournal(std::size_t capacity) : capacity_(std::max<std::size_t>(capacity, 1)) {}

void PushJournal::accepted(const JournalPush& push) {
  PushRecord& record = begin(push.apns_id, push.at);
  record.token = push.token;
  record.topic = push.topic;
  record.push_type = push.push_type;
  record.collapse_id = push.collapse_id;
  record.priority = push.priority;
  record.expires_at = push.expires_at;
  record.payload_size = push.payload_size;
  record.steps.push_back({Stage::accepted, push.at, false, nullptr});
}

void PushJournal::refused(const JournalRefusal& refusal) {
  PushRecord& record = begin(refusal.apns_id, refusal.at);
  if (refusal.parsed != nullptr) {
    record.token = *refusal.parsed;
  } else if (auto token = apns::token_from_hex(refusal.token)) {
    record.token = *token;
  } else {
    record.strange_token = refusal.token.substr(0, kMaxTokenText);
  }
  record.refusal = refusal.reason;
  record.refused_by = refusal.fault;
  record.status = refusal.status;
}

const PushRecord* PushJournal::observe(const PushEvent& event) {
  const bool kept = event.sequence > last_ - count_ && event.sequence <= last_;
  if (!kept) return nullptr;
  PushRecord& record = slot(event.sequence);
  if (event.stage == Stage::accepted) return &record;
  const PushRecord::Step step{event.stage, event.at, event.from_storage, event.fault,
                              event.ack_status};
  if (record.steps.size() < kMaxSteps) {
    record.steps.push_back(step);
  } else {
    record.steps.back() = step;
    ++record.steps_left_out;
  }
  return &record;
}

void PushJournal::clear() {
  count_ = 0;
}

const PushRecord* PushJournal::find(std::string_view apns_id) const {
  for (std::size_t back = 0; back < count_; ++back) {
    const PushRecord& record = slot(last_ - back);
    if (record.apns_id == apns_id) return &record;
  }
  return nullptr;
}

std::vector<const PushRecord*> PushJournal::newest(const Query& query) const {
  const auto fits = [&](const PushRecord& record) {
    if (query.refused_only && !record.refusal) return false;
    if (query.token && record.token != query.token) return false;
    if (!query.topic.empty() && record.topic != query.topic) return false;
    return !query.stage || (!record.steps.empty() && record.steps.back().stage == *query.stage);
  };
  std::vector<const PushRecord*> found;
  for (std::size_t back = 0; back < count_ && found.size() < query.limit; ++back) {
    const PushRecord& record = slot(last_ - back);
    if (fits(record)) found.push_back(&record);
  }
  return found;
}

const PushRecord* PushJournal::next_after(const apns::Token& token, std::uint64_t sequence) const {
  const std::uint64_t before_oldest = last_ - count_;
  for (std::uint64_t next = std::max(sequence, before_oldest); next < last_;) {
    const PushRecord& record = slot(++next);
    if (record.token == token && !record.refusal) return &record;
  }
  return nullptr;
}

PushRecord& PushJournal::begin(std::string_view apns_id, TimePoint at) {
  ++last_;
  if (ring_.size() < capacity_) ring_.emplace_back();
  count_ = std::min(count_ + 1, capacity_);
  PushRecord& record = slot(last_);
  record.sequence = last_;
  record.apns_id = apns_id;
  record.token.reset();
  // Cleared, not replaced: what they allocated is used again.
  for (std::string* text :
       {&record.strange_token, &record.topic, &record.push_type, &record.collapse_id}) {
    text->clear();
  }
  record.priority = 10;
  record.at = at;
  record.expires_at = {};
  record.payload_size = 0;
  record.refusal.reset();
  record.refused_by.reset();
  record.status = 200;
  record.steps.clear();
  record.steps_left_out = 0;
  return record;
}

}  // namespace understudy::apns_mock
