#include "agent/payloads/judge.h"

#include <algorithm>
#include <set>

#include "agent/payloads/removal.h"
#include "agent/payloads/rules.h"
#include "agent/payloads/stored_profile.h"
#include "shared/mdm/payload_catalog.h"

namespace understudy::agent {
namespace {

using mdm::ErrorEntry;
using mdm::PayloadSpec;
using Kind = mdm::Problem::Kind;
using Refusal = std::optional<ErrorEntry>;

// MCPayloadErrorDomain
constexpr const char* kPayloadDomain = "MCPayloadErrorDomain";
constexpr std::int64_t kVersion = 2001, kMissing = 2002, kType = 2003, kValue = 2004;
// MCInstallationErrorDomain
constexpr std::int64_t kFailed = 4001, kDuplicateUuid = 4002, kRemovalDate = 4006,
                       kUnacceptable = 4023, kSupervision = 4025, kUnacceptableOnSharedIpad = 4030;

ErrorEntry installation(std::int64_t code, std::string why) {
  return {mdm::kInstallationErrorDomain, code, std::move(why)};
}

std::string name_of(const mdm::Payload& payload) {
  return "Payload " + payload.uuid + " of type " + payload.type;
}

/// Why the device may not have that form; the first reason decides.
Refusal refuse_form(const PayloadSpec& form, const mdm::Payload& payload,
                    const mdm::Target& target) {
  for (const mdm::Problem& problem : mdm::check_allowed(form, target)) {
    // A channel is the server's choice, and devices are not known to refuse a profile for it.
    if (problem.kind == Kind::wrong_channel) continue;
    std::string why = name_of(payload) + " " + problem.what + ".";
    if (problem.kind == Kind::needs_supervision) return installation(kSupervision, std::move(why));
    const bool shared = target.shared_ipad && problem.kind == Kind::not_on_platform &&
                        form.on(target.platform).has_value();
    return installation(shared ? kUnacceptableOnSharedIpad : kUnacceptable, std::move(why));
  }
  return std::nullopt;
}

/// Unknown keys, and those of other systems, are ignored.
Refusal refuse_keys(const PayloadSpec& form, const mdm::Payload& payload,
                    const mdm::Target& target) {
  for (const mdm::Problem& problem : mdm::validate_payload(form, payload.body, target)) {
    const std::int64_t code = problem.kind == Kind::missing_key  ? kMissing
                              : problem.kind == Kind::wrong_type ? kType
                              : problem.kind == Kind::bad_value  ? kValue
                                                                 : 0;
    if (code == 0) continue;
    return ErrorEntry{kPayloadDomain, code,
                      name_of(payload) + ": " + problem.path + " " + problem.what + "."};
  }
  return std::nullopt;
}

/// The form a payload has, or why it has none. Where a type has several, the first that fits.
struct Fit {
  const PayloadSpec* form = nullptr;
  Refusal refusal;
};
Fit fit(const mdm::Payload& payload, const mdm::Target& target) {
  const auto forms = mdm::PayloadCatalog::builtin().forms(payload.type);
  Fit result;
  if (forms.empty()) {
    // A Mac takes any type for a preference domain.
    if (target.platform != mdm::Platform::macos) {
      result.refusal = installation(kUnacceptable, name_of(payload) + " is not known here.");
    }
    return result;
  }
  for (const PayloadSpec& form : forms) {
    auto refusal = refuse_form(form, payload, target);
    if (!refusal) refusal = refuse_keys(form, payload, target);
    const bool has_keys =
        forms.size() == 1 || !mdm::keys_in_force(form, payload.body, target).empty();
    if (!refusal && has_keys) return {&form, std::nullopt};
    if (refusal && !result.refusal) result.refusal = std::move(refusal);
  }
  return result;
}

/// Members by which a payload names another of its profile: certificates.
bool names_a_payload(std::string_view key) {
  return key.starts_with("Payload") && key != "PayloadUUID"
             ? key.ends_with("UUID")
             : key == "EncryptCertPayloadUUID" || key == "ServerURLPinningCertificateUUIDs" ||
                   key.ends_with("PayloadCertificateUUID") ||
                   key.ends_with("PayloadCertificateAnchorUUID") ||
                   key == "SMIMESigningCertificateUUID" || key == "SMIMEEncryptionCertificateUUID";
}

/// The first such name that is nobody's, at any depth; empty: none.
std::string lost_reference(const plist::Value& value, const std::set<std::string>& uuids,
                           bool is_name) {
  if (const std::string* text = value.if_string()) {
    return is_name && !uuids.contains(*text) ? *text : "";
  }
  if (const plist::Array* array = value.if_array()) {
    for (const plist::Value& element : *array) {
      if (auto lost = lost_reference(element, uuids, is_name); !lost.empty()) return lost;
    }
  }
  const plist::Dict* dict = value.if_dict();
  if (dict == nullptr) return "";
  for (const auto& [key, member] : *dict) {
    if (auto lost = lost_reference(member, uuids, names_a_payload(key)); !lost.empty()) return lost;
  }
  return "";
}

Refusal refuse_references(const mdm::Profile& profile, const mdm::Payload& payload,
                          const PayloadRow* row) {
  std::set<std::string> uuids;
  for (const mdm::Payload& other : profile.payloads) uuids.insert(other.uuid);
  const std::string lost = lost_reference(payload.body, uuids, false);
  if (lost.empty()) return std::nullopt;
  const PayloadError special = row == nullptr ? PayloadError{} : row->certificate;
  const bool general = special.domain.empty();
  return ErrorEntry{std::string(general ? kPayloadDomain : special.domain),
                    general ? kValue : special.code,
                    name_of(payload) + " names the payload " + lost + ", which is not there."};
}

Refusal refuse_meaning(const mdm::Payload& payload, const PayloadRow* row) {
  if (row == nullptr) return std::nullopt;
  const plist::Value body(payload.body);
  if (!row->host_key.empty() && body.string_at(row->host_key) == "") {
    return ErrorEntry{std::string(row->no_host.domain), row->no_host.code,
                      name_of(payload) + " has no host name."};
  }
  return row->judge == nullptr ? std::nullopt : row->judge(payload);
}

bool may_repeat(const PayloadSpec& form, const mdm::Target& target) {
  const auto& entry = form.on(target.platform);
  return entry && entry->multiple;
}

/// The forms of which the device may have one only and has one, beside the profile that is judged.
std::set<const PayloadSpec*> taken_forms(const Device& device, const std::string& except,
                                         const mdm::Target& target) {
  std::set<const PayloadSpec*> taken;
  for (const InstalledProfile& installed : device.profiles) {
    if (installed.identifier == except) continue;
    const auto profile = read_profile(device, installed.raw);
    if (!profile) continue;
    for (const mdm::Payload& payload : profile->payloads) {
      const Fit found = fit(payload, target);
      if (found.form != nullptr && !may_repeat(*found.form, target)) taken.insert(found.form);
    }
  }
  return taken;
}

Refusal refuse_second(const mdm::Payload& payload, const PayloadRow* row) {
  const PayloadError special = row == nullptr ? PayloadError{} : row->second;
  const bool general = special.domain.empty();
  return ErrorEntry{std::string(general ? mdm::kInstallationErrorDomain : special.domain),
                    general ? kUnacceptable : special.code,
                    name_of(payload) + ": there can be only one of its kind on a device."};
}

/// What the top level asks for.
Refusal refuse_profile(const Device& device, const mdm::Profile& profile, TimePoint now) {
  for (const InstalledProfile& installed : device.profiles) {
    if (installed.uuid == profile.uuid && installed.identifier != profile.identifier) {
      return installation(kDuplicateUuid,
                          "The profile \"" + installed.identifier + "\" has that PayloadUUID.");
    }
  }
  const std::int64_t removal = removal_time(profile, now);
  const auto this_second = std::chrono::floor<std::chrono::seconds>(now);
  if (removal != 0 && TimePoint(std::chrono::seconds(removal)) < this_second) {
    return installation(kRemovalDate, "The profile's removal date has passed.");
  }
  if (profile.uuid.empty()) {
    return ErrorEntry{mdm::kProfileErrorDomain, 1010, "The profile's PayloadUUID is empty."};
  }
  if (profile.identifier.empty()) {
    return ErrorEntry{mdm::kProfileErrorDomain, 1010, "The profile's PayloadIdentifier is empty."};
  }
  return std::nullopt;
}

Refusal refuse_payload(const mdm::Profile& profile, const mdm::Payload& payload, const Fit& found) {
  if (payload.uuid.empty()) {
    return ErrorEntry{kPayloadDomain, kValue,
                      "A payload of type " + payload.type + " has an empty PayloadUUID."};
  }
  if (payload.version != 1) {
    return ErrorEntry{kPayloadDomain, kVersion, name_of(payload) + " is not of version 1."};
  }
  if (found.refusal) return found.refusal;
  const PayloadRow* row = find_payload_row(payload.type);
  if (auto refusal = refuse_references(profile, payload, row)) return refusal;
  return refuse_meaning(payload, row);
}

Refusal refuse_payloads(const Device& device, const mdm::Profile& profile,
                        const mdm::Target& target) {
  std::set<const PayloadSpec*> taken = taken_forms(device, profile.identifier, target);
  for (const mdm::Payload& payload : profile.payloads) {
    const Fit found = fit(payload, target);
    if (auto refusal = refuse_payload(profile, payload, found)) return refusal;
    if (found.form == nullptr || may_repeat(*found.form, target)) continue;
    if (!taken.insert(found.form).second) {
      return refuse_second(payload, find_payload_row(payload.type));
    }
  }
  return std::nullopt;
}

}  // namespace

mdm::ErrorChain judge_profile(const Device& device, const mdm::Profile& profile,
                              mdm::Channel channel, TimePoint now) {
  mdm::Target target = device.target();
  target.channel = channel;
  Refusal cause = refuse_profile(device, profile, now);
  if (!cause) cause = refuse_payloads(device, profile, target);
  if (!cause) return {};
  return {
      installation(kFailed, "The profile \"" + profile.identifier + "\" could not be installed."),
      *std::move(cause)};
}

}  // namespace understudy::agent
