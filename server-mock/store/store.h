#pragma once

/// What the reference server remembers, behind one interface. SqliteStore is the one implementation
/// today; another database goes behind the same words. All calls are synchronous and short; a Store
/// belongs to one thread. Errors: errc::io, errc::not_found, errc::corrupt.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server-mock/store/records.h"
#include "shared/core/errc.h"
#include "shared/core/result.h"

namespace understudy::server {

class Store {
 public:
  virtual ~Store() = default;

  /// Runs `work` in one transaction: all of it is durable afterwards, or (on an error) none. Inside
  /// another `atomically` it is a part of that one.
  virtual Result<void> atomically(const std::function<Result<void>()>& work) = 0;

  // Devices.
  virtual Result<std::optional<DeviceRecord>> device(const std::string& id) = 0;
  virtual Result<std::vector<DeviceRecord>> devices() = 0;
  /// That one, if it is known, and its user channels ("ID:USER").
  virtual Result<std::vector<DeviceRecord>> device_and_users(const std::string& id) = 0;
  virtual Result<void> put_device(const DeviceRecord& record) = 0;  ///< inserts or replaces

  // Certificates and challenges.
  /// A certificate the CA issued, or one that a device was bound to; the device id is empty until
  /// then.
  virtual Result<void> put_certificate(const std::string& fingerprint, const std::string& device_id,
                                       TimePoint not_after) = 0;
  /// The device a certificate is bound to; nullopt: unknown certificate; empty: not bound yet.
  virtual Result<std::optional<std::string>> certificate_owner(const std::string& fingerprint) = 0;
  /// A SCEP challenge, by its SHA-256: the challenge itself is not kept. Forgets those that
  /// expired.
  virtual Result<void> put_challenge(const std::string& digest, TimePoint not_after,
                                     TimePoint now) = 0;
  /// Uses it up for one requester (not empty), who may come again (a lost reply) until it expires.
  virtual Result<ChallengeUse> use_challenge(const std::string& digest,
                                             const std::string& requester, TimePoint now) = 0;

  // Console actions that are not wholly queued yet: what a crash between two hops leaves behind.
  /// False, and nothing done, when that (uuid, device) is known in any form.
  virtual Result<bool> put_action(const ActionEntry& entry) = 0;
  virtual Result<std::vector<ActionEntry>> actions() = 0;
  virtual Result<void> action_push_queued(const std::string& uuid, const std::string& device_id,
                                          const std::string& apns_id) = 0;
  virtual Result<void> forget_action(const std::string& uuid, const std::string& device_id) = 0;
  /// Those of that uuid that are no commands yet: actions and events.
  virtual Result<std::vector<EventEntry>> not_stored_yet(const std::string& uuid) = 0;

  // The command store.
  /// False, and nothing done, if (uuid, device) is there already.
  virtual Result<bool> put_command(const CommandRecord& record) = 0;
  virtual Result<std::optional<CommandRecord>> command(const std::string& uuid,
                                                       const std::string& device_id) = 0;
  virtual Result<std::vector<CommandRecord>> commands_with_uuid(const std::string& uuid) = 0;
  /// Newest first.
  virtual Result<std::vector<CommandRecord>> commands_of(const std::string& device_id,
                                                         std::size_t limit) = 0;
  /// The oldest that is queued, or sent without an answer so far.
  virtual Result<std::optional<CommandRecord>> next_command(const std::string& device_id) = 0;
  /// How many the device has not finished.
  virtual Result<std::int64_t> waiting_commands(const std::string& device_id) = 0;
  /// Offers again what the device said NotNow to (a new conversation begins).
  virtual Result<void> requeue_not_now(const std::string& device_id, TimePoint at) = 0;
  virtual Result<void> set_command_status(const std::string& uuid, const std::string& device_id,
                                          CommandRecord::Status status, const std::string& result,
                                          TimePoint at) = 0;
  /// Unfinished commands of a device that starts anew or left: they will never be answered. The
  /// uuids that were cancelled.
  virtual Result<std::vector<std::string>> cancel_commands(const std::string& device_id,
                                                           TimePoint at) = 0;

  // Timelines.
  virtual Result<void> add_timeline(const std::string& command_uuid, const std::string& device_id,
                                    const TimelineEntry& entry) = 0;
  /// The same entry for every unfinished command of the device, but for those whose last entry has
  /// that hop already: a device that comes in vain adds nothing.
  virtual Result<void> add_timeline_waiting(const std::string& device_id,
                                            const TimelineEntry& entry) = 0;
  /// By time, then in the order of writing.
  virtual Result<std::vector<TimelineEntry>> timeline(const std::string& command_uuid,
                                                      const std::string& device_id) = 0;

  // The outbound push queue. `only_stored`: leaves out entries whose command is not in the command
  // store yet.
  virtual Result<std::int64_t> push_enqueue(const PushEntry& entry) = 0;
  /// Due and unacknowledged, oldest first.
  virtual Result<std::vector<PushEntry>> push_due(TimePoint now, std::size_t limit,
                                                  bool only_stored) = 0;
  /// When the next entry after `after` falls due.
  virtual Result<std::optional<TimePoint>> push_next_due(TimePoint after, bool only_stored) = 0;
  virtual Result<void> push_retry(std::int64_t id, TimePoint due) = 0;  ///< counts the attempt
  /// What kept them back is gone: every waiting entry that failed before is due at `due`, with its
  /// attempts forgotten.
  virtual Result<void> push_retry_all(TimePoint due) = 0;
  /// Done with, whatever the outcome. `repeat_at`: when to look whether the command was answered.
  virtual Result<void> push_acknowledge(std::int64_t id, PushOutcome outcome, TimePoint at,
                                        std::optional<TimePoint> repeat_at) = 0;
  /// Acknowledged ones too, as long as they are kept (see push_purge).
  virtual Result<std::optional<PushEntry>> push_by_apns_id(const std::string& apns_id) = 0;
  /// Sent entries whose `repeat_at` has come, oldest first.
  virtual Result<std::vector<PushEntry>> push_repeat_due(TimePoint now, std::size_t limit) = 0;
  virtual Result<std::optional<TimePoint>> push_next_repeat() = 0;
  virtual Result<void> push_set_repeat(std::int64_t id, std::optional<TimePoint> repeat_at) = 0;
  /// Forgets entries that were acknowledged before `before` and wait for nothing.
  virtual Result<void> push_purge(TimePoint before) = 0;
  /// Commands of the device that were pushed for but are not in the command store yet.
  virtual Result<std::vector<std::string>> pushed_but_not_stored(const std::string& device_id) = 0;

  // The event log queue.
  virtual Result<std::int64_t> event_append(const EventEntry& entry) = 0;
  virtual Result<std::vector<EventEntry>> event_read(std::size_t limit) = 0;  ///< oldest first
  virtual Result<void> event_acknowledge(std::int64_t id) = 0;

  // Notifications.
  /// False, and nothing done, if there is one for that certificate and threshold.
  virtual Result<bool> add_notification(const NotificationRecord& record) = 0;
  /// The lowest threshold that was notified for that certificate; nullopt: none so far.
  virtual Result<std::optional<int>> notified_days(const std::string& certificate) = 0;
  /// Newest first.
  virtual Result<std::vector<NotificationRecord>> notifications(std::size_t limit) = 0;

  // The rest.
  virtual Result<std::optional<PushCertificateRecord>> push_certificate(
      const std::string& environment) = 0;
  virtual Result<void> put_push_certificate(const PushCertificateRecord& record) = 0;
  /// Adds one to a named counter ("empty_wakes").
  virtual Result<void> count(const std::string& name) = 0;
  virtual Result<std::map<std::string, std::int64_t>> counters() = 0;
  virtual Result<QueueDepths> queue_depths() = 0;
};

}  // namespace understudy::server
