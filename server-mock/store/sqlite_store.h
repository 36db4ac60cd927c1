#pragma once

/// Store on one SQLite file in WAL mode: what was written survives kill -9.

#include <filesystem>
#include <memory>

#include "server-mock/store/store.h"
#include "shared/io/sqlite.h"

namespace understudy::server {

class SqliteStore final : public Store {
 public:
  /// Opens or creates; `:memory:` works. Errors: errc::io, errc::corrupt (a newer version's file).
  static Result<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& file);

  Result<void> atomically(const std::function<Result<void>()>& work) override;

  Result<std::optional<DeviceRecord>> device(const std::string& id) override;
  Result<std::vector<DeviceRecord>> devices() override;
  Result<std::vector<DeviceRecord>> device_and_users(const std::string& id) override;
  Result<void> put_device(const DeviceRecord& record) override;
  Result<void> put_certificate(const std::string& fingerprint, const std::string& device_id,
                               TimePoint not_after) override;
  Result<std::optional<std::string>> certificate_owner(const std::string& fingerprint) override;
  Result<void> put_challenge(const std::string& digest, TimePoint not_after,
                             TimePoint now) override;
  Result<ChallengeUse> use_challenge(const std::string& digest, const std::string& requester,
                                     TimePoint now) override;

  Result<bool> put_action(const ActionEntry& entry) override;
  Result<std::vector<ActionEntry>> actions() override;
  Result<void> action_push_queued(const std::string& uuid, const std::string& device_id,
                                  const std::string& apns_id) override;
  Result<void> forget_action(const std::string& uuid, const std::string& device_id) override;
  Result<std::vector<EventEntry>> not_stored_yet(const std::string& uuid) override;

  Result<bool> put_command(const CommandRecord& record) override;
  Result<std::optional<CommandRecord>> command(const std::string& uuid,
                                               const std::string& device_id) override;
  Result<std::vector<CommandRecord>> commands_with_uuid(const std::string& uuid) override;
  Result<std::vector<CommandRecord>> commands_of(const std::string& device_id,
                                                 std::size_t limit) override;
  Result<std::optional<CommandRecord>> next_command(const std::string& device_id) override;
  Result<std::int64_t> waiting_commands(const std::string& device_id) override;
  Result<void> requeue_not_now(const std::string& device_id, TimePoint at) override;
  Result<void> set_command_status(const std::string& uuid, const std::string& device_id,
                                  CommandRecord::Status status, const std::string& result,
                                  TimePoint at) override;
  Result<std::vector<std::string>> cancel_commands(const std::string& device_id,
                                                   TimePoint at) override;

  Result<void> add_timeline(const std::string& command_uuid, const std::string& device_id,
                            const TimelineEntry& entry) override;
  Result<void> add_timeline_waiting(const std::string& device_id,
                                    const TimelineEntry& entry) override;
  Result<std::vector<TimelineEntry>> timeline(const std::string& command_uuid,
                                              const std::string& device_id) override;

  Result<std::int64_t> push_enqueue(const PushEntry& entry) override;
  Result<std::vector<PushEntry>> push_due(TimePoint now, std::size_t limit,
                                          bool only_stored) override;
  Result<std::optional<TimePoint>> push_next_due(TimePoint after, bool only_stored) override;
  Result<void> push_retry(std::int64_t id, TimePoint due) override;
  Result<void> push_retry_all(TimePoint due) override;
  Result<void> push_acknowledge(std::int64_t id, PushOutcome outcome, TimePoint at,
                                std::optional<TimePoint> repeat_at) override;
  Result<std::optional<PushEntry>> push_by_apns_id(const std::string& apns_id) override;
  Result<std::vector<PushEntry>> push_repeat_due(TimePoint now, std::size_t limit) override;
  Result<std::optional<TimePoint>> push_next_repeat() override;
  Result<void> push_set_repeat(std::int64_t id, std::optional<TimePoint> repeat_at) override;
  Result<void> push_purge(TimePoint before) override;
  Result<std::vector<std::string>> pushed_but_not_stored(const std::string& device_id) override;

  Result<std::int64_t> event_append(const EventEntry& entry) override;
  Result<std::vector<EventEntry>> event_read(std::size_t limit) override;
  Result<void> event_acknowledge(std::int64_t id) override;

  Result<bool> add_notification(const NotificationRecord& record) override;
  Result<std::optional<int>> notified_days(const std::string& certificate) override;
  Result<std::vector<NotificationRecord>> notifications(std::size_t limit) override;

  Result<std::optional<PushCertificateRecord>> push_certificate(
      const std::string& environment) override;
  Result<void> put_push_certificate(const PushCertificateRecord& record) override;
  Result<void> count(const std::string& name) override;
  Result<std::map<std::string, std::int64_t>> counters() override;
  Result<QueueDepths> queue_depths() override;

 private:
  explicit SqliteStore(io::Database database) : db_(std::move(database)) {}
  io::Database db_;
  bool in_transaction_ = false;
};

}  // namespace understudy::server
