#pragma once

/// The identity payload of an enrollment profile becomes a key and a certificate: by SCEP, or from
/// the PKCS#12 inside. Source: device-behaviour.md section 3.

#include "agent/device/device.h"
#include "agent/enroll/key_maker.h"
#include "agent/session/context.h"
#include "shared/mdm/profile.h"

namespace understudy::agent {

/// What macOS puts for %HardwareUUID% and the like (3.11).
mdm::DeviceVariables variables_of(const Device& device);

/// Errors: scep::errc, crypto::errc (an expired certificate included), net::http_errc.
/// `anchors`: for a SCEP URL with https; plain http is allowed there, the messages protect
/// themselves.
Task<Result<crypto::Identity>> obtain_identity(const AgentContext& context, KeyMaker& keys,
                                               mdm::IdentityPayload payload,
                                               mdm::DeviceVariables variables,
                                               std::vector<crypto::Certificate> anchors);

}  // namespace understudy::agent
