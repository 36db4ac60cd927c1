// understudy-agent list, show. Nothing secret is shown: no passcode, token, PushMagic or key.

#include <cstdio>
#include <nlohmann/json.hpp>

#include "agent/cli/process.h"

namespace understudy::agent::cli {
namespace {

using Json = nlohmann::ordered_json;

const char* stage_name(const Device& device) {
  if (!device.enrollment) return device.erased_times > 0 ? "erased" : "not enrolled";
  switch (device.enrollment->stage) {
    case Enrollment::Stage::authenticating:
      return "authenticating";
    case Enrollment::Stage::token_pending:
      return "token pending";
    case Enrollment::Stage::enrolled:
      return "enrolled";
    case Enrollment::Stage::leaving:
      return "leaving";
  }
  return "";
}

Json summary(const Device& device, std::int64_t findings) {
  Json out;
  out["device"] = device.id;
  out["name"] = device.name;
  out["state"] = stage_name(device);
  out["platform"] = mdm::platform_name(device.hardware.platform);
  out["product_name"] = device.hardware.product_name;
  out["os_version"] = device.hardware.os_version;
  out["serial_number"] = device.hardware.serial_number;
  out["udid"] = device.hardware.udid;
  out["server"] = device.enrollment ? device.enrollment->mdm.server_url : "";
  out["keys"] = device.enrollment ? keys_of(device) : "";
  out["findings"] = findings;
  return out;
}

Json details(const Device& device, std::int64_t findings, std::size_t pending_results) {
  Json out = summary(device, findings);
  out["model"] = device.hardware.model;
  out["build_version"] = device.hardware.build_version;
  out["supervised"] = device.supervised;
  out["automated"] = device.automated;
  out["passcode"] = device.passcode.empty() ? "none" : "set";
  out["locked"] = device.locked;
  out["offline"] = device.offline;
  out["powered_off"] = device.powered_off;
  out["power_nap"] = device.power.power_nap;
  out["wake_pending"] = device.wake_pending;
  out["pending_results"] = pending_results;
  out["erased_times"] = device.erased_times;
  out["courier"] = device.push.courier;
  if (device.enrollment) {
    out["topic"] = device.enrollment->mdm.topic;
    out["check_in_url"] = device.enrollment->mdm.checkin_url;
    out["access_rights"] = device.enrollment->mdm.access_rights;
    out["sign_message"] = device.enrollment->mdm.sign_message;
    out["check_out_when_removed"] = device.enrollment->mdm.check_out_when_removed;
  }
  for (const auto& profile : device.profiles) {
    out["profiles"].push_back(Json{
        {"identifier", profile.identifier}, {"uuid", profile.uuid}, {"managed", profile.managed}});
  }
  for (const auto& item : device.keychain) {
    out["certificates"].push_back(
        Json{{"common_name", item.common_name}, {"identity", !item.private_key_der.empty()}});
  }
  for (const auto& app : device.apps) out["apps"].push_back(app.identifier);
  return out;
}

/// "key: value" lines; a list has one line an entry.
void print_lines(const Json& object) {
  const auto text = [](const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
  };
  for (const auto& [key, value] : object.items()) {
    if (!value.is_array()) {
      std::printf("%-22s %s\n", key.c_str(), text(value).c_str());
      continue;
    }
    std::printf("%-22s %zu\n", key.c_str(), value.size());
    for (const auto& entry : value) std::printf("%-22s   %s\n", "", text(entry).c_str());
  }
}

constexpr const char* kRow = "%-6s %-14s %-30s %-17s %-8s %-13s %-40s %-8s %s\n";

void print_row(const Json& row) {
  const auto cell = [&row](const char* key) { return row[key].get<std::string>(); };
  std::printf(kRow, cell("device").c_str(), cell("state").c_str(), cell("name").c_str(),
              cell("product_name").c_str(), cell("os_version").c_str(),
              cell("serial_number").c_str(), cell("udid").c_str(), cell("keys").c_str(),
              cell("server").c_str());
}

}  // namespace

ExitCode list(const CommonArguments& common, const DevicesArguments& arguments) {
  auto process = Process::open(common, Access::read);
  if (!process) return complain(process.error(), ExitCode::unreachable);
  DeviceStore& store = (*process)->context().store;
  const auto ids = chosen_devices(store, {});
  if (!ids) return complain(ids.error(), ExitCode::unreachable);
  if (!arguments.json) {
    std::printf(kRow, "DEVICE", "STATE", "NAME", "PRODUCT", "OS", "SERIAL", "UDID", "KEYS",
                "SERVER");
  }
  Json rows = Json::array();
  for (const auto& id : *ids) {
    const auto device = store.load(id);
    if (!device) return complain(device.error(), ExitCode::unreachable);
    const auto findings = store.findings().count_of(id);
    if (!findings) return complain(findings.error(), ExitCode::unreachable);
    Json row = summary(*device, *findings);
    if (arguments.json) {
      rows.push_back(std::move(row));
    } else {
      print_row(row);
    }
  }
  if (arguments.json) std::printf("%s\n", rows.dump().c_str());
  return ExitCode::ok;
}

ExitCode show(const CommonArguments& common, const DevicesArguments& arguments) {
  auto process = Process::open(common, Access::read);
  if (!process) return complain(process.error(), ExitCode::unreachable);
  DeviceStore& store = (*process)->context().store;
  const auto ids = chosen_devices(store, arguments.devices);
  if (!ids) return complain(ids.error(), ExitCode::usage);
  for (const auto& id : *ids) {
    const auto device = store.load(id);
    if (!device) return complain(device.error(), ExitCode::unreachable);
    const auto pending = store.pending_results(id);
    if (!pending) return complain(pending.error(), ExitCode::unreachable);
    const auto findings = store.findings().count_of(id);
    if (!findings) return complain(findings.error(), ExitCode::unreachable);
    const Json all = details(*device, *findings, pending->size());
    arguments.json ? static_cast<void>(std::printf("%s\n", all.dump().c_str())) : print_lines(all);
  }
  return ExitCode::ok;
}

}  // namespace understudy::agent::cli
