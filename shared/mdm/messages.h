#pragma once

/// Check-in messages, commands and results as plain structs, to and from property lists. No I/O.
/// Sources: mdm/checkin/*.yaml; docs/protocol/messages.md.

#include <optional>
#include <string>
#include <variant>

#include "shared/core/bytes.h"
#include "shared/mdm/errc.h"
#include "shared/mdm/error_chain.h"
#include "shared/plist/value.h"

namespace understudy::mdm {

inline constexpr std::string_view kCheckinContentType = "application/x-apple-aspen-mdm-checkin";
inline constexpr std::string_view kCommandContentType =
    "application/x-apple-aspen-mdm; charset=UTF-8";
inline constexpr std::string_view kProfileContentType = "application/x-apple-aspen-config";
inline constexpr std::string_view kSignatureHeader = "Mdm-Signature";

// The empty braces let a designated initializer leave members out under -Wextra.

/// Who speaks: one of udid and enrollment_id; the user keys mark the user channel.
struct Sender {
  std::string udid{};
  std::string enrollment_id{};
  std::string user_id{};
  std::string user_short_name{};
  std::string user_long_name{};
  std::string enrollment_user_id{};  ///< the user of a User Enrollment (macOS), instead of user_id

  /// udid or enrollment_id.
  const std::string& device_id() const { return udid.empty() ? enrollment_id : udid; }
  bool user_channel() const { return !user_id.empty() || !enrollment_user_id.empty(); }
  friend bool operator==(const Sender&, const Sender&) = default;
};

struct Authenticate {
  Sender sender{};
  std::string topic{};
  std::string device_name{}, model_name{}, model{}, product_name{}, os_version{}, build_version{},
      serial_number{}, imei{}, meid{};
};

struct TokenUpdate {
  Sender sender{};
  std::string topic{};
  Bytes token{};
  std::string push_magic{};
  std::optional<Bytes> unlock_token{};
  std::optional<bool> awaiting_configuration{};
  std::optional<bool> not_on_console{};
};

struct CheckOut {
  Sender sender{};
  std::string topic{};
};

/// A message whose flows live elsewhere (bootstrap tokens, GetToken, declarative management, ...).
struct OtherCheckin {
  Sender sender{};
  std::string message_type{};
  plist::Dict body{};  ///< without MessageType and the sender's keys
};

using Checkin = std::variant<Authenticate, TokenUpdate, CheckOut, OtherCheckin>;

std::string_view message_type(const Checkin& message);
const Sender& sender_of(const Checkin& message);
plist::Value to_plist(const Checkin& message);
/// Errors: errc::missing_key, wrong_type, unknown_message (a MessageType outside the catalog).
Result<Checkin> parse_checkin(const plist::Value& message);
/// Whether this is a check-in rather than a result: it has MessageType. One URL may serve both.
bool is_checkin(const plist::Value& message);

/// A command, as the server sends it.
struct Command {
  std::string uuid{};
  std::string request_type{};
  plist::Dict body{};  ///< the Command dictionary, RequestType included

  bool needs_tether() const;  ///< RequestRequiresNetworkTether
};
plist::Value to_plist(const Command& command);
/// Errors: errc::missing_key, wrong_type.
Result<Command> parse_command(const plist::Value& message);

enum class Status { idle, acknowledged, error, command_format_error, not_now };
std::string_view status_name(Status status);  ///< "NotNow"
std::optional<Status> status_from_name(std::string_view name);

/// What the device sends to the ServerURL: Idle, or the result of a command.
struct Report {
  Sender sender{};
  Status status = Status::idle;
  std::string command_uuid{};  ///< empty with Idle only
  ErrorChain error_chain{};
  plist::Dict body{};  ///< the response keys of the command, beside the envelope
  std::optional<bool> not_on_console{};
};
plist::Value to_plist(const Report& report);
/// Errors: errc::missing_key, wrong_type, unknown_message.
Result<Report> parse_report(const plist::Value& message);

/// A copy in which everything secret (Token, UnlockToken, PushMagic, BootstrapToken, passwords,
/// PINs, PayloadContent secrets, challenge) is replaced by a value of the same type: for logs and
/// transcripts.
plist::Value redacted(const plist::Value& message);

}  // namespace understudy::mdm
