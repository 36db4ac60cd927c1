#pragma once

/// What the reference server remembers, behind one interface. SqliteStore is the one implementation
/// today; another database goes behind the same words. All calls are synchronous and short; a Store
/// belongs to one thread. Errors: errc::io, errc::not_found, errc::already_exists.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "shared/core/bytes.h"
#include "shared/core/clock.h"
#include "shared/core/errc.h"
#include "shared/core/result.h"

namespace understudy::server {

/// A device, as far as it has introduced itself.
struct DeviceRecord {
  std::string id;  ///< UDID or EnrollmentID
  enum class State { authenticated, enrolled, checked_out, erased } state = State::authenticated;
  std::string topic, push_magic;
  Bytes push_token;
  Bytes unlock_token;       ///< the last one that was not empty (device-behaviour.md 7.4)
  std::string certificate;  ///< fingerprint of the identity it is bound to
  std::string serial_number, model, product_name, device_name, os_version, build_version;
  TimePoint enrolled_at, last_seen_at;
};
std::string_view state_name(DeviceRecord::State state);

/// A command for one device. The same uuid may be given to several devices.
struct CommandRecord {
  std::string uuid, device_id, request_type;
  std::string body;  ///< the exact XML to send
  enum class Status {
    queued,
    sent,
    not_now,
    acknowledged,
    error,
    format_error,
    cancelled
  } status = Status::queued;
  std::string result;  ///< the device's XML; empty while there is none
  TimePoint created_at, changed_at;
  bool finished() const { return status >= Status::acknowledged; }
};
std::string_view status_name(CommandRecord::Status status);

/// One hop of a command's way. Names: action, push_queued, event_queued, command_stored, push_sent,
/// push_delivered, idle, command_sent, result; also empty_wake, push_failed, not_now where they
/// happen.
struct TimelineEntry {
  std::string hop;
  TimePoint at;
  std::string detail;
};

/// An entry of the outbound push queue (FastLaneAPNsOutBound).
struct PushEntry {
  std::int64_t id = 0;
  std::string apns_id;  ///< chosen when queued, so that the caller can be told at once
  std::string device_id;
  std::string command_uuid;  ///< empty: a push for its own sake
  int attempts = 0;
  TimePoint due;
};

/// An entry of the event log queue (AWEventLog).
struct EventEntry {
  std::int64_t id = 0;
  std::string command_uuid, device_id, request_type, body;
  TimePoint at;
};

struct PushCertificateRecord {
  std::string environment = "production";
  std::string pem;  ///< certificate and key
  std::string topic;
  TimePoint not_after;
};

class Store {
 public:
  virtual ~Store() = default;

  /// Runs `work` in one transaction: all of it is durable afterwards, or (on an error) none.
  virtual Result<void> atomically(const std::function<Result<void>()>& work) = 0;

  virtual Result<std::optional<DeviceRecord>> device(const std::string& id) = 0;
  virtual Result<std::vector<DeviceRecord>> devices() = 0;
  virtual Result<void> put_device(const DeviceRecord& record) = 0;  ///< inserts or replaces

  /// A certificate the CA issued, or one that a device was bound to; the device id is empty until
  /// then.
  virtual Result<void> put_certificate(const std::string& fingerprint, const std::string& device_id,
                                       TimePoint not_after) = 0;
  /// The device a certificate is bound to; nullopt: unknown certificate; empty: not bound yet.
  virtual Result<std::optional<std::string>> certificate_owner(const std::string& fingerprint) = 0;

  virtual Result<void> put_command(
      const CommandRecord& record) = 0;  ///< nothing if (uuid, device) is there already
  virtual Result<std::optional<CommandRecord>> command(const std::string& uuid,
                                                       const std::string& device_id) = 0;
  virtual Result<std::vector<CommandRecord>> commands_with_uuid(const std::string& uuid) = 0;
  virtual Result<std::vector<CommandRecord>> commands_of(const std::string& device_id,
                                                         std::size_t limit) = 0;
  /// The oldest unfinished one; `skip_not_now`: leaves out those the device said NotNow to.
  virtual Result<std::optional<CommandRecord>> next_command(const std::string& device_id,
                                                            bool skip_not_now) = 0;
  virtual Result<void> set_command_status(const std::string& uuid, const std::string& device_id,
                                          CommandRecord::Status status, const std::string& result,
                                          TimePoint at) = 0;
  /// Unfinished commands of a device that starts anew or left: they will never be answered.
  virtual Result<void> cancel_commands(const std::string& device_id, TimePoint at) = 0;

  virtual Result<void> add_timeline(const std::string& command_uuid, const std::string& device_id,
                                    const TimelineEntry& entry) = 0;
  virtual Result<std::vector<TimelineEntry>> timeline(const std::string& command_uuid,
                                                      const std::string& device_id) = 0;

  virtual Result<std::int64_t> push_enqueue(const PushEntry& entry) = 0;
  /// Due and unacknowledged, oldest first.
  virtual Result<std::vector<PushEntry>> push_due(TimePoint now, std::size_t limit) = 0;
  virtual Result<std::optional<TimePoint>> push_next_due() = 0;
  virtual Result<void> push_retry(std::int64_t id, TimePoint due) = 0;  ///< counts the attempt
  virtual Result<void> push_acknowledge(std::int64_t id) = 0;
  virtual Result<std::optional<PushEntry>> push_by_apns_id(
      const std::string& apns_id) = 0;  ///< acknowledged ones too (kept a day)

  virtual Result<std::int64_t> event_append(const EventEntry& entry) = 0;
  virtual Result<std::vector<EventEntry>> event_read(std::size_t limit) = 0;  ///< oldest first
  virtual Result<void> event_acknowledge(std::int64_t id) = 0;

  virtual Result<std::optional<PushCertificateRecord>> push_certificate(
      const std::string& environment) = 0;
  virtual Result<void> put_push_certificate(const PushCertificateRecord& record) = 0;

  virtual Result<void> count(
      const std::string& name) = 0;  ///< adds one to a named counter ("empty_wakes")
  virtual Result<std::int64_t> counter(const std::string& name) = 0;
};

}  // namespace understudy::server
