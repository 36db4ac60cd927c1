#pragma once

/// Check-in messages: Authenticate, TokenUpdate, CheckOut, bootstrap tokens, GetToken,
/// ReturnToService. Source: docs/protocol/device-facts.md 7.

#include <initializer_list>
#include <string>

#include "server-mock/device_services/certificate_binding.h"
#include "server-mock/device_services/enrollment_service.h"
#include "server-mock/device_services/service_tokens.h"
#include "server-mock/workflow/command_watch.h"
#include "server-mock/workflow/outbound_push_queue.h"
#include "server-mock/workflow/timeline.h"
#include "shared/core/clock.h"
#include "shared/mdm/messages.h"
#include "shared/net/http.h"

namespace understudy::server {

/// The id a sender's channel has here and in the API: the device's, or "device:user" for a user
/// channel (a Shared iPad's user is known by the short name, 7.5).
std::string enrollment_id(const mdm::Sender& sender);

/// One thread, that of its Store.
class CheckinService {
 public:
  /// `enrollment_identifier`: PayloadIdentifier of the enrollment profile.
  CheckinService(Store& store, Timeline& timeline, OutboundPushQueue& pushes, CommandWatch& watch,
                 EnrollmentService& enrollments, ServiceTokens& tokens, const Clock& clock,
                 std::string enrollment_identifier);

  /// Errors: mdm::errc and device_errc (the device's fault), errc (ours).
  Result<net::HttpResponse> handle(const plist::Value& message,
                                   const crypto::Certificate& certificate);

 private:
  Result<net::HttpResponse> authenticate(const mdm::Authenticate& message,
                                         const crypto::Certificate& certificate);
  Result<net::HttpResponse> token_update(const mdm::TokenUpdate& message,
                                         const crypto::Certificate& certificate);
  Result<void> require_topic(std::string_view message, const std::string& topic,
                             const DeviceRecord& device);
  Result<void> wake_for_open_commands(const std::string& id);
  Result<net::HttpResponse> check_out(const mdm::CheckOut& message);
  // escrow_checkins.cc
  Result<net::HttpResponse> other(const mdm::OtherCheckin& message);
  Result<net::HttpResponse> set_bootstrap_token(const mdm::OtherCheckin& message);
  Result<net::HttpResponse> get_bootstrap_token(const mdm::OtherCheckin& message);
  Result<net::HttpResponse> get_token(const mdm::OtherCheckin& message);
  Result<net::HttpResponse> return_to_service(const mdm::OtherCheckin& message);
  Result<DeviceRecord> enrolled_device(const std::string& id);
  /// The device, if it is known and in one of these states.
  Result<DeviceRecord> device_in(const std::string& id,
                                 std::initializer_list<DeviceRecord::State> states);
  Result<void> finish_removal(const std::string& device_id);

  Store& store_;
  Timeline& timeline_;
  OutboundPushQueue& pushes_;
  CommandWatch& watch_;
  EnrollmentService& enrollments_;
  ServiceTokens& tokens_;
  const Clock& clock_;
  const std::string enrollment_identifier_;
  CertificateBinding binding_;
};

}  // namespace understudy::server
