#include <algorithm>
#include <array>

#include "agent/witness/checks.h"
#include "agent/witness/http_answer.h"
#include "shared/mdm/catalog.h"
#include "shared/plist/plist.h"

namespace understudy::agent::witness {
namespace {

/// Their files have no response keys: the status is the answer.
constexpr std::array<std::string_view, 4> kAnsweredByStatus = {"Authenticate", "TokenUpdate",
                                                               "CheckOut", "SetBootstrapToken"};
/// Their files have response keys.
constexpr std::array<std::string_view, 3> kAnsweredByPlist = {"GetBootstrapToken", "GetToken",
                                                              "ReturnToService"};

template <std::size_t N>
bool has(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::optional<plist::Value> read(std::string_view body) {
  plist::ReadOptions options;
  options.mode = plist::Mode::tolerant;
  auto value = plist::read(as_bytes(body), options);
  if (!value) return std::nullopt;
  return std::move(*value);
}

void check_body(const mdm::MessageSpec& spec, std::string_view body, Findings& out) {
  const auto complain = [&](const std::string& what) {
    out.push_back(found("checkin/malformed-answer", spec.name + ": " + what, "", spec.file));
  };
  const auto message = body.empty() ? plist::Value() : read(body).value_or(plist::Value(false));
  if (!message.is(plist::Type::dict)) return complain("the answer is no dictionary");
  for (const mdm::KeySpec& key : spec.response) {
    const plist::Value* value = message.find(key.name);
    if (value == nullptr && key.required) complain(key.name + " is missing");
    if (value == nullptr) continue;
    const std::string_view is = plist::type_name(value->type());
    const std::string_view due = mdm::key_type_name(key.type);
    if (is != due) {
      complain(key.name + " is " + std::string(is) + ", should be " + std::string(due));
    }
  }
}

}  // namespace

Findings check_checkin_answer(std::string_view message_type, const net::HttpResponse& answer,
                              const Recipient& recipient) {
  Findings out;
  check_status(answer, recipient, message_type, out);
  if (!is_success(answer)) return out;
  const std::string name(message_type);
  if (answer.status != 200) {
    out.push_back(found("checkin/status", "HTTP " + std::to_string(answer.status) + " to " + name));
  }
  if (is_no_message(answer, out)) {
    name_message(out.back(), "", name);
    return out;
  }
  if (has(kAnsweredByStatus, message_type) && !answer.body.empty()) {
    const auto message = read(answer.body);
    const bool is_command = message && message->find("Command") != nullptr;
    if (is_command && message_type == "CheckOut") {
      out.push_back(found("conversation/command-after-goodbye", "in the answer to CheckOut",
                          message->string_at("CommandUUID").value_or("")));
    } else {
      out.push_back(found("checkin/body-not-empty",
                          std::to_string(answer.body.size()) + " octets in the answer to " + name));
    }
  }
  const mdm::MessageSpec* spec = mdm::Catalog::builtin().checkin(message_type);
  if (spec != nullptr && has(kAnsweredByPlist, message_type)) check_body(*spec, answer.body, out);
  return out;
}

}  // namespace understudy::agent::witness
