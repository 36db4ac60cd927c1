#include "agent/device/return_to_service.h"

#include "agent/device/device.h"

namespace understudy::agent {

ReturnToService return_with(Bytes mdm_profile, const Device& device) {
  ReturnToService settings;
  settings.mdm_profile = std::move(mdm_profile);
  if (!device.enrollment) return settings;
  settings.anchors_der = device.enrollment->anchors_der;
  settings.allow_http = device.enrollment->mdm.server_url.starts_with("http://");
  return settings;
}

}  // namespace understudy::agent
