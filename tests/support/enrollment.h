#pragma once

/// The enrollment profile that tests and benches enroll their devices with.

#include <string>
#include <utility>
#include <vector>

#include "shared/mdm/profile.h"

namespace understudy::support {

/// For the server at `base`, "https://127.0.0.1:1234", with its paths /mdm and /checkin. A test
/// changes what it is about.
inline mdm::EnrollmentProfileSpec enrollment_spec(const std::string& base,
                                                  mdm::IdentityPayload identity,
                                                  std::vector<crypto::Certificate> anchors) {
  mdm::EnrollmentProfileSpec spec;
  spec.identifier = "org.example.enroll";
  spec.display_name = "Example Enrollment";
  spec.organization = "Example";
  spec.profile_uuid = "11111111-0000-4000-8000-000000000001";
  spec.mdm_uuid = "11111111-0000-4000-8000-000000000002";
  spec.identity_uuid = "11111111-0000-4000-8000-000000000003";
  spec.mdm.server_url = base + "/mdm";
  spec.mdm.checkin_url = base + "/checkin";
  spec.mdm.topic = "com.apple.mgmt.External.test";
  spec.identity = std::move(identity);
  spec.anchors = std::move(anchors);
  return spec;
}

}  // namespace understudy::support
