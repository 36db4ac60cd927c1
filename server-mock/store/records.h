#pragma once

/// The rows of the reference server's store as plain structs.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "shared/core/bytes.h"
#include "shared/core/clock.h"

namespace understudy::server {

/// An enrollment, as far as it has introduced itself. A user channel is one of its own.
struct DeviceRecord {
  std::string id;  ///< UDID or EnrollmentID; "UDID:UserID" for a user channel
  enum class State { authenticated, enrolled, checked_out, erased } state = State::authenticated;
  std::string topic, push_magic;
  Bytes push_token;
  Bytes unlock_token;              ///< the last nonempty one: docs/protocol/device-facts.md 7.4
  Bytes bootstrap_token;           ///< empty: none in escrow (7.7)
  TimePoint bootstrap_token_at{};  ///< when it was last set or removed
  std::string user_short_name, user_long_name;                  ///< of a user channel
  bool awaiting_configuration = false, not_on_console = false;  ///< by its last word on it
  std::string certificate;  ///< fingerprint of the identity it was bound to last
  std::string serial_number, model, model_name, product_name, device_name, os_version,
      build_version;
  std::string imei, meid;  ///< of what has a modem
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
/// push_delivered, idle, command_sent, result; also empty_wake, push_retry, push_failed, not_now,
/// cancelled where they happen.
struct TimelineEntry {
  std::string hop;
  TimePoint at;
  std::string detail;
};

/// A console action for one device on its way into the two queues.
struct ActionEntry {
  std::string command_uuid, device_id, request_type, body;
  bool push = true;     ///< false: the caller asked for no push
  std::string apns_id;  ///< of the push that was queued; empty: not queued so far
  TimePoint at;
};

/// An entry of the outbound push queue (FastLaneAPNsOutBound).
struct PushEntry {
  std::int64_t id = 0;
  std::string apns_id;  ///< chosen when queued, so that the caller can be told at once
  std::string device_id;
  std::string command_uuid;  ///< empty: a push for its own sake
  int attempts = 0;          ///< failed ones, of this entry
  int repeat = 0;            ///< how many pushes for this command went before it
  TimePoint due;
};
enum class PushOutcome { sent, failed, dropped };

/// An entry of the event log queue (AWEventLog).
struct EventEntry {
  std::int64_t id = 0;
  std::string command_uuid, device_id, request_type, body;
  TimePoint at;
};

/// There is one push certificate an environment; production is the one new enrollments get.
inline constexpr std::array<const char*, 2> kPushEnvironments = {"production", "sandbox"};

struct PushCertificateRecord {
  std::string environment = "production";
  std::string pem;  ///< certificate and key
  std::string topic;
  TimePoint not_after;
};

/// Something an administrator has to know, once: so far, that a push certificate runs out.
struct NotificationRecord {
  std::int64_t id = 0;
  TimePoint at;
  std::string environment, topic;
  std::string certificate;  ///< its fingerprint: a renewed one is another
  TimePoint not_after;
  int days = 0;      ///< the threshold that was reached, days before `not_after`; 0: it is over
  std::string text;  ///< one sentence for a person
};

enum class ChallengeUse { accepted, unknown, used, expired };

/// How much waits where.
struct QueueDepths {
  std::int64_t actions = 0, outbound_push = 0, event_log = 0;
  std::map<std::string, std::int64_t> commands;  ///< by status name
};

}  // namespace understudy::server
