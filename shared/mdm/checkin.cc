#include <algorithm>
#include <array>

#include "shared/mdm/catalog.h"
#include "shared/mdm/fields.h"
#include "shared/mdm/foreign_text.h"
#include "shared/mdm/messages.h"
#include "shared/mdm/sender.h"

namespace understudy::mdm {
namespace {

template <class T>
struct Member {
  std::string_view key;
  std::string T::* field;
};

constexpr std::array<Member<Sender>, 6> kSenderKeys = {{
    {"UDID", &Sender::udid},
    {"EnrollmentID", &Sender::enrollment_id},
    {"UserID", &Sender::user_id},
    {"UserShortName", &Sender::user_short_name},
    {"UserLongName", &Sender::user_long_name},
    {"EnrollmentUserID", &Sender::enrollment_user_id},
}};

/// Those the schema does not require everywhere: absent and empty are the same.
constexpr std::array<Member<Authenticate>, 9> kAuthenticateKeys = {{
    {"DeviceName", &Authenticate::device_name},
    {"ModelName", &Authenticate::model_name},
    {"Model", &Authenticate::model},
    {"ProductName", &Authenticate::product_name},
    {"OSVersion", &Authenticate::os_version},
    {"BuildVersion", &Authenticate::build_version},
    {"SerialNumber", &Authenticate::serial_number},
    {"IMEI", &Authenticate::imei},
    {"MEID", &Authenticate::meid},
}};

template <class T, std::size_t N>
Result<void> read_members(const Fields& fields, const std::array<Member<T>, N>& members, T& to) {
  for (const auto& member : members) {
    UNDERSTUDY_TRY(to.*member.field, fields.text_or(member.key, ""));
  }
  return {};
}

template <class T, std::size_t N>
void write_members(const T& from, const std::array<Member<T>, N>& members, plist::Dict& to) {
  for (const auto& member : members) {
    if (!(from.*member.field).empty()) to[std::string(member.key)] = from.*member.field;
  }
}

Result<Checkin> read_authenticate(const Fields& fields, Sender sender) {
  Authenticate out;
  out.sender = std::move(sender);
  UNDERSTUDY_TRY(out.topic, fields.text("Topic"));
  UNDERSTUDY_CHECK(read_members(fields, kAuthenticateKeys, out));
  return out;
}

Result<Checkin> read_token_update(const Fields& fields, Sender sender) {
  TokenUpdate out;
  out.sender = std::move(sender);
  UNDERSTUDY_TRY(out.topic, fields.text("Topic"));
  UNDERSTUDY_TRY(out.token, fields.data("Token"));
  UNDERSTUDY_TRY(out.push_magic, fields.text("PushMagic"));
  UNDERSTUDY_TRY(out.unlock_token, fields.maybe_data("UnlockToken"));
  UNDERSTUDY_TRY(out.awaiting_configuration, fields.maybe_boolean("AwaitingConfiguration"));
  UNDERSTUDY_TRY(out.not_on_console, fields.maybe_boolean("NotOnConsole"));
  return out;
}

Result<Checkin> read_check_out(const Fields& fields, Sender sender) {
  CheckOut out;
  out.sender = std::move(sender);
  UNDERSTUDY_TRY(out.topic, fields.text("Topic"));
  return out;
}

Checkin read_other(const plist::Dict& message, std::string type, Sender sender) {
  OtherCheckin out{std::move(sender), std::move(type), message};
  std::erase_if(out.body, [](const auto& member) {
    return member.first == "MessageType" || is_sender_key(member.first);
  });
  return out;
}

struct Writer {
  plist::Dict operator()(const Authenticate& message) const {
    plist::Dict out{{"Topic", message.topic}};
    write_members(message, kAuthenticateKeys, out);
    return out;
  }
  plist::Dict operator()(const TokenUpdate& message) const {
    plist::Dict out{
        {"Topic", message.topic}, {"Token", message.token}, {"PushMagic", message.push_magic}};
    if (message.unlock_token) out["UnlockToken"] = *message.unlock_token;
    if (message.awaiting_configuration)
      out["AwaitingConfiguration"] = *message.awaiting_configuration;
    if (message.not_on_console) out["NotOnConsole"] = *message.not_on_console;
    return out;
  }
  plist::Dict operator()(const CheckOut& message) const { return {{"Topic", message.topic}}; }
  plist::Dict operator()(const OtherCheckin& message) const { return message.body; }
};

}  // namespace

Result<Sender> read_sender(const plist::Dict& message, const std::string& where) {
  const Fields fields(message, where, "a device names itself in every message");
  Sender sender;
  UNDERSTUDY_CHECK(read_members(fields, kSenderKeys, sender));
  if (sender.device_id().empty())
    return fields.refuse(errc::missing_key, "UDID", "and EnrollmentID are both missing");
  return sender;
}

void write_sender(const Sender& sender, plist::Dict& to) {
  write_members(sender, kSenderKeys, to);
}

bool is_sender_key(std::string_view key) {
  return std::ranges::find(kSenderKeys, key, &Member<Sender>::key) != kSenderKeys.end();
}

std::string_view message_type(const Checkin& message) {
  if (std::holds_alternative<Authenticate>(message)) return "Authenticate";
  if (std::holds_alternative<TokenUpdate>(message)) return "TokenUpdate";
  if (std::holds_alternative<CheckOut>(message)) return "CheckOut";
  return std::get<OtherCheckin>(message).message_type;
}

const Sender& sender_of(const Checkin& message) {
  return std::visit([](const auto& one) -> const Sender& { return one.sender; }, message);
}

plist::Value to_plist(const Checkin& message) {
  plist::Dict out = std::visit(Writer{}, message);
  out["MessageType"] = message_type(message);
  write_sender(sender_of(message), out);
  return out;
}

bool is_checkin(const plist::Value& message) {
  return message.find("MessageType") != nullptr;
}

Result<Checkin> parse_checkin(const plist::Value& message) {
  const auto* dict = message.if_dict();
  if (dict == nullptr)
    return fail(errc::wrong_type, "check-in: the message is " +
                                      std::string(plist::type_name(message.type())) +
                                      ", should be <dictionary>");
  UNDERSTUDY_TRY(std::string type, Fields(*dict, "check-in").text("MessageType"));
  const MessageSpec* spec = Catalog::builtin().checkin(type);
  if (spec == nullptr) {
    return fail(errc::unknown_message, "check-in: MessageType " + quote(type),
                "docs/protocol/messages.md lists those that are known");
  }
  UNDERSTUDY_TRY(Sender sender, read_sender(*dict, type));
  if (spec == nullptr) return read_other(*dict, std::move(type), std::move(sender));
  const Fields fields(*dict, type, "see " + spec->file + " of Apple's schema");
  if (type == "Authenticate") return read_authenticate(fields, std::move(sender));
  if (type == "TokenUpdate") return read_token_update(fields, std::move(sender));
  if (type == "CheckOut") return read_check_out(fields, std::move(sender));
  return read_other(*dict, std::move(type), std::move(sender));
}

}  // namespace understudy::mdm
