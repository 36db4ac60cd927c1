#pragma once

/// The HTTP requests of one enrolled device: PUT, Apple's content types, the identity as client
/// certificate, Mdm-Signature when the profile asks for it.
/// Source: docs/protocol/device-facts.md section 6.

#include <memory>
#include <string>

#include "agent/identity/trust.h"
#include "agent/session/context.h"
#include "agent/witness/checks.h"
#include "shared/mdm/messages.h"

namespace understudy::agent {

/// What the server answers goes past the witness here (agent/witness).
///
/// Made for one conversation. Use from the HTTP client's executor only; the context must outlive
/// it.
class MdmClient {
 public:
  /// Takes identity, URLs, anchors and pins from device.enrollment. Errors: those of `credentials`.
  static Result<MdmClient> make(const AgentContext& context, const Device& device,
                                DeviceCredentials& credentials);

  /// On which channel what follows is said: the witness judges by it.
  void speak_on(mdm::Channel channel) { recipient_.target.channel = channel; }
  /// To the CheckInURL. Errors: net::http_errc; any HTTP status is a success.
  Task<Result<net::HttpResponse>> check_in(std::string kind, mdm::Checkin message);
  /// Idle or a result, to the ServerURL. `body` is sent as it is.
  Task<Result<net::HttpResponse>> report(std::string kind, std::string body,
                                         std::string command_uuid);

 private:
  MdmClient(const AgentContext& context, const Device& device, ServerCredentials credentials);
  Task<Result<net::HttpResponse>> put(std::string kind, net::HttpRequest request,
                                      std::string command_uuid,
                                      std::shared_ptr<net::ClientCredentials>& credentials);
  void record(const std::string& kind, const std::string& request, const std::string& command_uuid,
              const Result<net::HttpResponse>& answer) const;

  const AgentContext* context_;
  std::string device_id_;
  witness::Recipient recipient_;
  mdm::MdmPayload mdm_;
  ServerCredentials credentials_;
};

}  // namespace understudy::agent
