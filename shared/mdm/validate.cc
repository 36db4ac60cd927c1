#include "shared/mdm/validate.h"

#include <algorithm>

#include "shared/mdm/foreign_text.h"
#include "shared/mdm/messages.h"
#include "shared/mdm/rules.h"

namespace understudy::mdm {
namespace {

using Kind = Problem::Kind;
using Problems = std::vector<Problem>;

/// The member if it is there and of that type; else a problem, and null.
const plist::Value* need(const plist::Value& dict, const char* key, plist::Type type,
                         const std::string& path, Problems& out) {
  const plist::Value* value = dict.find(key);
  if (value == nullptr) {
    out.push_back({Kind::missing_key, path + key, "is required, and missing"});
    return nullptr;
  }
  if (value->is(type)) return value;
  out.push_back({Kind::wrong_type, path + key,
                 "is " + std::string(plist::type_name(value->type())) + ", should be " +
                     std::string(plist::type_name(type))});
  return nullptr;
}

bool is_dictionary(const plist::Value& message, Problems& out) {
  if (message.is(plist::Type::dict)) return true;
  out.push_back({Kind::wrong_type, "",
                 "the message is " + std::string(plist::type_name(message.type())) +
                     ", should be <dictionary>"});
  return false;
}

/// Every message of a device says who it is (docs/protocol/messages.md).
void need_sender(const plist::Value& message, Problems& out) {
  const auto reported = [](const Problem& problem) {
    return problem.path == "UDID" || problem.path == "EnrollmentID";
  };
  if (message.find("UDID") != nullptr || message.find("EnrollmentID") != nullptr ||
      std::ranges::any_of(out, reported))
    return;
  out.push_back({Kind::missing_key, "UDID", "neither UDID nor EnrollmentID is there"});
}

void check_error_chain(const plist::Value& message, Status status, Problems& out) {
  const plist::Value* chain = message.find("ErrorChain");
  if (chain == nullptr) {
    if (status == Status::error)
      out.push_back({Kind::missing_key, "ErrorChain", "an Error without its reasons"});
    return;
  }
  const auto* entries = chain->if_array();
  if (entries == nullptr) {
    need(message, "ErrorChain", plist::Type::array, "", out);
    return;
  }
  if (entries->empty() && status == Status::error)
    out.push_back({Kind::bad_value, "ErrorChain", "an Error without its reasons"});
  for (std::size_t i = 0; i < entries->size() && out.size() < kMaxProblems; ++i) {
    const std::string path = "ErrorChain[" + std::to_string(i) + "].";
    need((*entries)[i], "ErrorCode", plist::Type::integer, path, out);
    need((*entries)[i], "ErrorDomain", plist::Type::string, path, out);
    need((*entries)[i], "LocalizedDescription", plist::Type::string, path, out);
  }
}

/// Status, CommandUUID, sender, ErrorChain. The status, if it is one.
std::optional<Status> check_envelope(const plist::Value& response, Problems& out) {
  std::optional<Status> status;
  if (const auto* name = need(response, "Status", plist::Type::string, "", out)) {
    status = status_from_name(*name->if_string());
    if (!status)
      out.push_back({Kind::bad_value, "Status", quote(*name->if_string()) + " is no status"});
  }
  if (status != Status::idle) need(response, "CommandUUID", plist::Type::string, "", out);
  need_sender(response, out);
  if (status) check_error_chain(response, *status, out);
  return status;
}

}  // namespace

std::vector<Problem> validate_command(const Catalog& catalog, const plist::Value& command,
                                      const Target& target) {
  Problems out;
  if (!is_dictionary(command, out)) return out;
  need(command, "CommandUUID", plist::Type::string, "", out);
  const auto* body = need(command, "Command", plist::Type::dict, "", out);
  if (body == nullptr) return out;
  const auto* name = need(*body, "RequestType", plist::Type::string, "Command.", out);
  if (name == nullptr) return out;

  Problems allowed = check_allowed(catalog, *name->if_string(), target);
  const bool nowhere = std::ranges::any_of(allowed, [](const Problem& problem) {
    return problem.kind == Kind::unknown_request || problem.kind == Kind::not_on_platform;
  });
  std::ranges::move(allowed, std::back_inserter(out));
  if (nowhere) return out;
  if (const auto* tether = body->find("RequestRequiresNetworkTether");
      tether != nullptr && !tether->is(plist::Type::boolean))
    need(*body, "RequestRequiresNetworkTether", plist::Type::boolean, "Command.", out);
  const MessageSpec& spec = *catalog.command(*name->if_string());
  check_keys(*body->if_dict(), spec.request, {Place::Part::command, spec.name}, target, "Command.",
             out);
  return out;
}

std::vector<Problem> validate_response(const Catalog& catalog, std::string_view request_type,
                                       const plist::Value& response, const Target& target) {
  Problems out;
  if (!is_dictionary(response, out)) return out;
  if (check_envelope(response, out) != Status::acknowledged) return out;
  const MessageSpec* spec = catalog.command(request_type);
  if (spec == nullptr) {
    out.push_back({Kind::unknown_request, "", quote(request_type) + " is no command"});
    return out;
  }
  check_keys(*response.if_dict(), spec->response, {Place::Part::response, spec->name}, target, "",
             out);
  return out;
}

std::vector<Problem> validate_checkin(const Catalog& catalog, const plist::Value& message,
                                      const Target& target) {
  Problems out;
  if (!is_dictionary(message, out)) return out;
  const auto* name = need(message, "MessageType", plist::Type::string, "", out);
  if (name == nullptr) return out;
  const MessageSpec* spec = catalog.checkin(*name->if_string());
  if (spec == nullptr) {
    out.push_back({Kind::unknown_request, "MessageType",
                   quote(*name->if_string()) + " is no check-in message"});
    return out;
  }
  const auto& entry = spec->platforms.at(static_cast<std::size_t>(target.platform));
  for (Problem& problem : refusals(entry.value_or(Availability{}), target))
    out.push_back({problem.kind, "MessageType", spec->name + " " + problem.what});
  if (!out.empty() && out.front().kind == Kind::not_on_platform) return out;
  check_keys(*message.if_dict(), spec->request, {Place::Part::checkin, spec->name}, target, "",
             out);
  need_sender(message, out);
  return out;
}

}  // namespace understudy::mdm
