#pragma once

/// Device services: the URLs that devices talk to.
///
///   PUT  /mdm      check-in and reports, told apart by Content-Type or MessageType
///   PUT  /checkin  check-in only, for profiles with a CheckInURL
///   GET  /enroll   an enrollment profile
///   GET, POST /scep

#include <string>
#include <utility>
#include <vector>

#include "server-mock/device_services/authenticator.h"
#include "server-mock/device_services/checkin_service.h"
#include "server-mock/device_services/enrollment_service.h"
#include "server-mock/device_services/report_service.h"
#include "server-mock/device_services/scep_endpoint.h"
#include "server-mock/witness/schema_witness.h"
#include "shared/io/transcript.h"

namespace understudy::server {

/// Its executor only. The parts outlive it.
class DeviceServices {
 public:
  DeviceServices(Authenticator authenticator, CheckinService& checkins, ReportService& reports,
                 EnrollmentService& enrollments, ScepEndpoint& scep, const SchemaWitness& witness,
                 const Clock& clock, io::Transcript transcript);

  /// Every refusal is one line of text: what, why, what to do; but for a device that is not
  /// recognized, JSON. The statuses: errc.h.
  Task<net::HttpResponse> handle(net::IncomingRequest request);

  /// Method and path of every route.
  static std::vector<std::pair<std::string, std::string>> routes();

 private:
  Task<net::HttpResponse> dispatch(net::IncomingRequest request, net::Target target);
  net::HttpResponse mdm(const net::IncomingRequest& request, bool checkin_only);
  Result<net::HttpResponse> answer(const net::IncomingRequest& request, const plist::Value& message,
                                   bool checkin_only);
  void record(const plist::Value& message, const net::HttpResponse& response) const;

  Authenticator authenticator_;
  CheckinService& checkins_;
  ReportService& reports_;
  EnrollmentService& enrollments_;
  ScepEndpoint& scep_;
  const SchemaWitness& witness_;
  const Clock& clock_;
  io::Transcript transcript_;
};

}  // namespace understudy::server
