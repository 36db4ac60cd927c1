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
  return std::tie(device.id, device.number, device.hardware, device.name, device.supervised,
                  device.passcode, device.locked, device.lock_message, device.lock_phone_number,
                  device.lock_pin, device.profiles, device.keychain, device.apps, device.push,
                  device.wake_pending, device.erased_times);
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
  return enrollment;
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
  return device;
}

}  // namespace understudy::agent::test
