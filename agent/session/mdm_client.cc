#include "agent/session/mdm_client.h"

#include "agent/identity/trust.h"
#include "agent/session/checkin.h"
#include "shared/mdm/signature.h"
#include "shared/plist/plist.h"

namespace understudy::agent {
namespace {

constexpr std::chrono::seconds kTimeout{30};
constexpr int kRedirects = 5;  // followed, none of them remembered (6.7)
constexpr const char* kUserAgent = "understudy-agent/0.1";

/// For the transcript: secrets removed; what is no property list is only counted.
std::string redacted_text(const std::string& body) {
  if (body.empty()) return "";
  plist::ReadOptions options;
  options.mode = plist::Mode::tolerant;
  const auto value = plist::read(as_bytes(body), options);
  if (value) {
    auto text = plist::write_xml(mdm::redacted(*value));
    if (text) return std::move(*text);
  }
  return "(" + std::to_string(body.size()) + " octets, no property list)";
}

}  // namespace

Result<MdmClient> MdmClient::make(const AgentContext& context, const Device& device,
                                  DeviceCredentials& credentials) {
  UNDERSTUDY_TRY(auto own, credentials.of(device));
  return MdmClient(context, device, std::move(own));
}

MdmClient::MdmClient(const AgentContext& context, const Device& device,
                     ServerCredentials credentials)
    : context_(&context),
      device_id_(device.id),
      recipient_{device.target(), device.enrollment->profile_identifier,
                 heeds_unrecognized_device(device.target())},
      mdm_(device.enrollment->mdm),
      credentials_(std::move(credentials)) {}

Task<Result<net::HttpResponse>> MdmClient::check_in(std::string kind, mdm::Checkin message) {
  UNDERSTUDY_CO_TRY(auto body, plist::write_xml(mdm::to_plist(message)));
  const std::string message_type(mdm::message_type(message));
  net::HttpRequest request;
  request.url = mdm_.checkin_url;
  request.headers.set("Content-Type", std::string(mdm::kCheckinContentType));
  request.body = std::move(body);
  auto answer =
      co_await put(std::move(kind), std::move(request), std::string(), credentials_.for_checkin);
  if (answer) {
    context_->note(device_id_, witness::check_checkin_answer(message_type, *answer, recipient_));
  }
  co_return answer;
}

Task<Result<net::HttpResponse>> MdmClient::report(std::string kind, std::string body,
                                                  std::string command_uuid) {
  net::HttpRequest request;
  request.url = mdm_.server_url;
  request.headers.set("Content-Type", std::string(mdm::kCommandContentType));
  request.body = std::move(body);
  auto answer =
      co_await put(std::move(kind), std::move(request), command_uuid, credentials_.for_server);
  if (answer) {
    context_->note(device_id_, witness::check_command_answer(*answer, recipient_, command_uuid));
  }
  co_return answer;
}

Task<Result<net::HttpResponse>> MdmClient::put(
    std::string kind, net::HttpRequest request, std::string command_uuid,
    std::shared_ptr<net::ClientCredentials>& credentials) {
  request.method = "PUT";
  request.timeout = kTimeout;
  request.max_redirects = context_->transport.follow_redirects ? kRedirects : 0;
  // Allowed when the profile was accepted: a profile with an http URL needs --allow-http.
  request.allow_plain_http = request.url.starts_with("http://");
  request.headers.set("User-Agent", kUserAgent);
  if (mdm_.sign_message) {
    UNDERSTUDY_CO_TRY(auto signature, mdm::make_signature(request.body, *credentials->identity));
    request.headers.set(std::string(mdm::kSignatureHeader), std::move(signature));
  }
  const std::string said = context_->transcript.enabled() ? request.body : std::string();
  auto answer = co_await send_trusting(context_->http, std::move(request), credentials);
  record(kind, said, command_uuid, answer);
  co_return answer;
}

void MdmClient::record(const std::string& kind, const std::string& request,
                       const std::string& command_uuid,
                       const Result<net::HttpResponse>& answer) const {
  if (!context_->transcript.enabled()) return;
  io::Transcript::Entry entry;
  entry.time = context_->clock.now();
  entry.lane = "agent";
  entry.device = device_id_;
  entry.kind = kind;
  entry.request = redacted_text(request);
  if (answer) {
    entry.status = answer->status;
    entry.response = redacted_text(answer->body);
  } else {
    entry.ids.emplace_back("error", answer.error().message());
  }
  if (!command_uuid.empty()) entry.ids.emplace_back("command_uuid", command_uuid);
  context_->transcript.write(entry);
}

}  // namespace understudy::agent
