#include "server-mock/witness/schema_witness.h"

#include <functional>

#include "server-mock/witness/platform.h"
#include "shared/core/log.h"
#include "shared/mdm/messages.h"
#include "shared/mdm/validate.h"
#include "shared/plist/plist.h"

namespace understudy::server {
namespace {

using Problems = std::vector<mdm::Problem>;
using Check = std::function<Problems(const mdm::Target&)>;

std::optional<mdm::Target> target_of(const DeviceRecord& device, mdm::Channel channel) {
  const auto platform = platform_of(device.product_name);
  auto os = mdm::Version::parse(device.os_version);
  if (!platform || !os) return std::nullopt;
  mdm::Target target;
  target.platform = *platform;
  target.os = std::move(*os);
  target.channel = channel;
  target.supervised = target.automated = true;
  return target;
}

/// The least that an ordinary device, a Shared iPad, and one of its user's own would have against
/// it: which it is, check-in does not say.
std::vector<std::string> least(const DeviceRecord& device, mdm::Channel channel,
                               const Check& check) {
  auto target = target_of(device, channel);
  if (!target) return {};
  Problems fewest = check(*target);
  const auto try_as = [&](bool is_shared, mdm::EnrollmentKind enrollment) {
    target->shared_ipad = is_shared;
    target->enrollment = enrollment;
    if (Problems found = check(*target); found.size() < fewest.size()) fewest = std::move(found);
  };
  if (!fewest.empty()) try_as(false, mdm::EnrollmentKind::user);
  if (!fewest.empty() && device.product_name.starts_with("iPad")) {
    try_as(true, mdm::EnrollmentKind::device);
  }
  std::vector<std::string> lines;
  for (const mdm::Problem& problem : fewest) {
    lines.push_back(problem.path.empty() ? problem.what : problem.path + ": " + problem.what);
  }
  return lines;
}

}  // namespace

Result<std::vector<std::string>> SchemaWitness::problems_of_command(const std::string& id,
                                                                    std::string_view xml) const {
  const std::size_t colon = id.find(':');
  UNDERSTUDY_TRY(const auto device, store_.device(id.substr(0, colon)));
  const auto message = plist::read(as_bytes(xml));
  if (!device || !message) return std::vector<std::string>();
  const auto channel = colon == std::string::npos ? mdm::Channel::device : mdm::Channel::user;
  return least(*device, channel, [&](const mdm::Target& target) {
    return mdm::validate_command(mdm::Catalog::builtin(), *message, target);
  });
}

Result<std::vector<std::string>> SchemaWitness::problems_of_message(
    const std::string& id, const plist::Value& message) const {
  UNDERSTUDY_TRY(const auto device, store_.device(id));
  if (!device) return std::vector<std::string>();
  const auto channel = message.string_at("UserID") ? mdm::Channel::user : mdm::Channel::device;
  const mdm::Catalog& catalog = mdm::Catalog::builtin();
  if (mdm::is_checkin(message)) {
    return least(*device, channel, [&](const mdm::Target& target) {
      return mdm::validate_checkin(catalog, message, target);
    });
  }
  UNDERSTUDY_TRY(const auto commands,
                 store_.commands_with_uuid(message.string_at("CommandUUID").value_or("")));
  if (commands.empty()) return std::vector<std::string>();
  return least(*device, channel, [&](const mdm::Target& target) {
    return mdm::validate_response(catalog, commands.front().request_type, message, target);
  });
}

void SchemaWitness::hear(const plist::Value& message) const {
  if (message.string_at("Status") == "Idle") return;
  const std::string id =
      message.string_at("UDID").value_or(message.string_at("EnrollmentID").value_or(""));
  const auto lines = problems_of_message(id, message);
  if (!lines) return log::error("device.schema", {{"error", lines.error().message()}});
  const std::string said =
      message.string_at("MessageType").value_or(message.string_at("CommandUUID").value_or(""));
  for (const std::string& line : *lines) {
    log::warn("device.schema", {{"device", id}, {"message", said}, {"problem", line}});
    if (auto counted = store_.count("schema_problems"); !counted) {
      log::error("device.schema", {{"error", counted.error().message()}});
    }
  }
}

}  // namespace understudy::server
