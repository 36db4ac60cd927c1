#pragma once

/// A device in which every member has a value of its own, and a comparison that misses none.

#include <gtest/gtest.h>

#include <tuple>

#include "agent/device/device.h"

namespace understudy::agent::test {

inline auto members(const mdm::MdmPayload& mdm) {
  return std::tie(mdm.server_url, mdm.checkin_url, mdm.topic, mdm.identity_uuid, mdm.access_rights,
                  mdm.check_out_when_removed, mdm.sign_message, mdm.use_development_apns,
                  mdm.server_capabilities);
}

inline auto members(const Enrollment& enrollment) {
  return std::tie(enrollment.stage, enrollment.profile_identifier, enrollment.identity_payload_uuid,
                  enrollment.anchors_der, enrollment.push_magic, enrollment.unlock_token);
}

inline auto members(const Device& device) {
  return std::tie(
      device.id, device.number, device.hardware, device.name, device.supervised, device.passcode,
      device.locked, device.lock_message, device.lock_phone_number, device.lock_pin,
      device.profiles, device.keychain, device.apps, device.push, device.wake_pending,
      device.erased_times, device.automated, device.shared_ipad, device.managed_apps, device.books,
      device.provisioning, device.users, device.os_updates, device.update_scan_at, device.settings,
      device.setup, device.lost_mode, device.mac, device.position, device.restrictions_password,
      device.mirroring_to, device.esim_server, device.program_invitation, device.declarative,
      device.bypass_code_at, device.bypass_code_cleared, device.content_caching, device.powered_off,
      device.waits_for_first_unlock, device.restarts, device.offline, device.power,
      device.comes_back, device.tethered);
}

inline bool same(const Device& a, const Device& b) {
  if (members(a) != members(b) || a.enrollment.has_value() != b.enrollment.has_value())
    return false;
  if (!a.enrollment) return true;
  return members(*a.enrollment) == members(*b.enrollment) &&
         members(a.enrollment->mdm) == members(b.enrollment->mdm);
}

inline Enrollment sample_enrollment() {
  Enrollment enrollment;
  enrollment.stage = Enrollment::Stage::token_pending;
  enrollment.mdm.server_url = "https://mdm.example.org/connect";
  enrollment.mdm.checkin_url = "https://mdm.example.org/checkin";
  enrollment.mdm.topic = "com.apple.mgmt.External.1";
  enrollment.mdm.identity_uuid = "IDENTITY";
  enrollment.mdm.access_rights = 63;
  enrollment.mdm.check_out_when_removed = true;
  enrollment.mdm.sign_message = true;
  enrollment.mdm.use_development_apns = true;
  enrollment.mdm.server_capabilities = {"com.apple.mdm.bootstraptoken"};
  enrollment.profile_identifier = "org.example.mdm";
  enrollment.identity_payload_uuid = "IDENTITY";
  enrollment.anchors_der = {{1, 2}, {3}};
  enrollment.push_magic = "MAGIC";
  enrollment.unlock_token = {9, 9};
  enrollment.mdm.server_url_pins = {"PIN-1"};
  enrollment.mdm.checkin_url_pins = {"PIN-1", "PIN-2"};
  enrollment.mdm.pinning_revocation_check = true;
  enrollment.user_channel = {"ann", "USER-MAGIC", Bytes(32, 5), Bytes(32, 6),
                             true,  true,         true,         "InstallProfile"};
  enrollment.bootstrap_token = {7, 7};
  enrollment.bootstrap_owed = enrollment.asks_return = true;
  enrollment.token_request = {"com.apple.watch.pairing", "S", "P", "W"};
  return enrollment;
}

/// What commands leave behind.
inline void add_traces(Device& device) {
  const plist::Dict some = {{"Key", plist::Array{1, "two"}}};
  device.automated = device.shared_ipad = true;
  device.managed_apps = {
      {"org.example.managed", "Managed", "1.0", "Managed", 7, 1, true, true, some, some, some}};
  device.books = {{7, "B1", "https://example.org/b", "pdf", "1", "Author", "Title", "Managed"}};
  device.provisioning = {{"V1", "Provisioning", {800'000'000}, true}};
  device.users = {
      {"ann", "Ann", "G1", 501, true, true, true, true, true, true, 9, true, true, {1}, true}};
  device.console_user = "ann";
  device.user_sessions = 4;
  device.os_updates = {{"Key", "18.2", "22C1", "InstallASAP", 5, true, 6, 2}};
  device.update_scan_at = 12;
  device.settings = {{1},  {2}, true, true, true, true, "Europe/Paris", "host", true,
                     true, 60,  240,  2,    some, some, some,           some};
  device.setup = {true, true, true, true, "Primary", "primary", true, "managed", true};
  device.return_to_service = {{1, 2}, {3}, {{4}, {5}}, true};
  device.lost_mode = {true, "Lost", "+1 202 555 0101", "Thanks", 3};
  device.mac = {{true, "ABCD", {3}}, "recovery", "firmware", true, {{"next", true}}, true, true};
  device.position = {{-33.5, 151.25}};
  device.restrictions_password = "1234";
  device.mirroring_to = "Meeting room";
  device.esim_server = "https://esim.example.org";
  device.program_invitation = "https://vpp.example.org/invitation";
  device.declarative = device.bypass_code_cleared = device.content_caching = true;
  device.bypass_code_at = 11;
  device.powered_off = device.waits_for_first_unlock = true;
  device.restarts = 2;
  device.offline = device.comes_back = device.tethered = true;
  device.put_off = "CertificateList";
  device.power = {40, true, true};
}

/// Enrolled, with one managed and one own profile, app and certificate each.
inline Device sample_device() {
  Device device = make_device(Rng(5), 12, {.model = "iphone"}).value();
  device.supervised = true;
  device.locked = true;
  device.lock_message = "Call home";
  device.lock_phone_number = "+1 202 555 0100";
  device.lock_pin = "123456";
  device.profiles = {{"org.example.mdm", "P1", {0x30, 0}, false},
                     {"org.example.wifi", "P2", {0x31, 1}, true},
                     {"org.example.own", "P3", {0x32, 2}, false}};
  device.keychain = {{"IDENTITY", "org.example.mdm", "device", {1}, {2}},
                     {"C1", "org.example.wifi", "wifi", {3}, {}},
                     {"C2", "org.example.own", "own", {4}, {5}}};
  device.apps = {{"org.example.managed", "Managed", "1", "1.0", 10, 20, true},
                 {"org.example.own", "Own", "2", "2.0", 30, 40, false}};
  device.enrollment = sample_enrollment();
  device.push = {"localhost:5223", {{7}}, {8}, {9}, Bytes(32, 1), Bytes(32, 2)};
  device.wake_pending = true;
  device.erased_times = 3;
  add_traces(device);
  return device;
}

}  // namespace understudy::agent::test
