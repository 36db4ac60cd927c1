#pragma once

/// What Apple's public schema says about commands and check-in messages, as data: catalog.json,
/// written by tools/catalog and compiled in. Source: apple-device-management, iOS 18.1 /
/// macOS 15.1.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/mdm/target.h"

namespace understudy::mdm {

/// `supportedOS.<platform>` of a message or key.
struct Availability {
  std::optional<Version> introduced;  ///< nullopt: "n/a", does not exist there
  std::optional<Version> removed;
  bool supervised = false;  ///< needs supervision
  bool automated = false;   ///< requiresdep
  bool device_channel = true;
  bool user_channel = true;
  std::uint32_t access_rights = 0;  ///< bits that are all needed; 0: none
  enum class Mode { allowed, forbidden, required, ignored } user_enrollment = Mode::allowed;
  Mode shared_ipad = Mode::allowed;
  bool shared_ipad_device_channel = true;
  bool shared_ipad_user_channel = true;
  // Of payloads only.
  bool multiple = false;       ///< several on one device
  bool user_approved = false;  ///< needs an enrollment that its user approved
  bool by_hand = true;         ///< a person may install it
};
/// Absent: a message or payload does not exist there; a key is as its parent.
using Platforms = std::array<std::optional<Availability>, kPlatforms>;

enum class KeyType { boolean, integer, real, string, data, date, array, dictionary, any };
std::string_view key_type_name(KeyType type);  ///< "<string>"

struct KeySpec {
  std::string name;  ///< one that begins with "ANY" is a wildcard
  KeyType type = KeyType::any;
  bool required = false;
  std::vector<std::string> choices;  ///< rangelist, as text; empty: any
  std::optional<double> min, max;
  /// Members of a dictionary; the alternatives for an array's items; for a string, values that are
  /// known by name (the queries of DeviceInformation, each with its availability and right).
  std::vector<KeySpec> subkeys;
  Platforms platforms;
};

struct MessageSpec {
  std::string name;  ///< RequestType or MessageType
  /// "mdm/commands/device.lock.yaml"; "newer/mdm/..." where that schema does not have it yet
  /// (tools/catalog/newer).
  std::string file;
  Platforms platforms;
  std::vector<KeySpec> request;
  std::vector<KeySpec> response;

  bool is_newer() const { return file.starts_with("newer/"); }
};

/// Immutable, any thread.
class Catalog {
 public:
  /// The one compiled in; parsed at first use.
  static const Catalog& builtin();
  /// Errors: errc::bad_value with the place.
  static Result<Catalog> parse(std::string_view json);

  const std::vector<MessageSpec>& commands() const { return commands_; }
  const std::vector<MessageSpec>& checkins() const { return checkins_; }
  const MessageSpec* command(std::string_view request_type) const;
  const MessageSpec* checkin(std::string_view message_type) const;

 private:
  std::vector<MessageSpec> commands_, checkins_;  ///< sorted by name
};

}  // namespace understudy::mdm
