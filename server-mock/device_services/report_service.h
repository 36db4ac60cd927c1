#pragma once

/// The conversation a device opens with Idle: hands out commands, takes results. Source:
/// docs/protocol/device-facts.md 8.

#include <string>

#include "server-mock/device_services/certificate_binding.h"
#include "server-mock/workflow/command_watch.h"
#include "server-mock/workflow/timeline.h"
#include "shared/core/clock.h"
#include "shared/mdm/messages.h"
#include "shared/net/http.h"

namespace understudy::server {

/// One thread, that of its Store.
class ReportService {
 public:
  ReportService(Store& store, Timeline& timeline, CommandWatch& watch, const Clock& clock,
                std::string enrollment_identifier);

  /// `raw`: the octets `message` was read from, kept as the command's result. Answers the next
  /// command, or an empty body when there is none. Errors: mdm::errc and device_errc (the device's
  /// fault), errc (ours: the device keeps its result and sends it again).
  Result<net::HttpResponse> handle(const plist::Value& message, const std::string& raw,
                                   const crypto::Certificate& certificate);

 private:
  Result<void> begin(DeviceRecord device);
  Result<void> take_result(DeviceRecord device, const mdm::Report& report, const std::string& raw);
  Result<void> store_result(const CommandRecord& command, const mdm::Report& report,
                            const std::string& raw);
  Result<void> leave(const std::string& id, DeviceRecord::State state, const std::string& why);
  Result<net::HttpResponse> next(const std::string& device_id);
  Result<void> note_empty_wakes(const std::string& device_id);

  Store& store_;
  Timeline& timeline_;
  CommandWatch& watch_;
  const Clock& clock_;
  const std::string enrollment_identifier_;
  CertificateBinding binding_;
};

}  // namespace understudy::server
