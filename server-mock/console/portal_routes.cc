#include "server-mock/console/portal_routes.h"

#include <nlohmann/json.hpp>

#include "server-mock/console/json_text.h"

namespace understudy::server {
namespace {

using apns_mock::IssuedCertificate;
using apns_mock::PushPortal;
using apns_mock::SigningRequest;
using Json = nlohmann::json;

Json certificate_json(const IssuedCertificate& issued) {
  Json revoked_at = nullptr;
  if (issued.revoked_at) revoked_at = format_time(*issued.revoked_at);
  return {{"serial", issued.serial},
          {"topics", issued.topics},
          {"environment", environment_name(issued.environment)},
          {"not_before", format_time(issued.not_before)},
          {"not_after", format_time(issued.not_after)},
          {"revoked_at", std::move(revoked_at)},
          {"requester", issued.requester},
          {"pem", issued.pem}};
}

net::HttpResponse refused(const Error& error) {
  return error.code == errc::limit ? error_response(413, error.message()) : error_response(error);
}

net::HttpResponse answer(const SigningRequest& request, const Result<IssuedCertificate>& issued) {
  if (!issued) return refused(issued.error());
  Json body = certificate_json(*issued);
  if (request.vendor) {
    const bool is_sha1 = request.vendor->signature_digest == crypto::Digest::sha1;
    body["vendor"] = {{"subject", request.vendor->vendor.subject().text()},
                      {"root", request.vendor->root.subject().text()},
                      {"digest", is_sha1 ? "sha1" : "sha256"}};
  }
  return json_response(200, body);
}

class PortalRoutes {
 public:
  PortalRoutes(PushPortal& portal, const Clock& clock) : portal_(portal), clock_(clock) {}

  net::HttpResponse list() const {
    const auto all = portal_.issued();
    if (!all) return error_response(all.error());
    Json certificates = Json::array();
    for (const IssuedCertificate& issued : *all) certificates.push_back(certificate_json(issued));
    return json_response(200, Json{{"certificates", std::move(certificates)}});
  }

  net::HttpResponse issue(const RoutedRequest& request) const {
    const auto environment = apns_mock::parse_environment(
        request.target.parameter("environment").value_or("production"));
    if (!environment) return error_response(environment.error());
    const Result<SigningRequest> signing = read(request);
    if (!signing) return refused(signing.error());
    apns_mock::CertificateOrder order;
    order.environment = *environment;
    return answer(*signing, portal_.issue(*signing, order, clock_.now()));
  }

  net::HttpResponse renew(const RoutedRequest& request) const {
    const std::optional<std::string> topic = request.target.parameter("topic");
    if (!topic) return error_response(400, "name the topic: .../renew?topic=TOPIC");
    PushPortal::Renewal wanted{*topic};
    if (const auto name = request.target.parameter("environment")) {
      const auto environment = apns_mock::parse_environment(*name);
      if (!environment) return error_response(environment.error());
      wanted.environment = *environment;
    }
    const Result<SigningRequest> signing = read(request);
    if (!signing) return refused(signing.error());
    return answer(*signing, portal_.renew(wanted, *signing, clock_.now()));
  }

  net::HttpResponse revoke(const RoutedRequest& request) const {
    const Result<void> revoked = portal_.revoke(request.arguments.at(0), clock_.now());
    if (!revoked) return error_response(revoked.error());
    net::HttpResponse done;
    done.status = 204;
    return done;
  }

 private:
  Result<SigningRequest> read(const RoutedRequest& request) const {
    return apns_mock::read_signing_request(as_bytes(request.http.body), {}, clock_.now());
  }

  PushPortal& portal_;
  const Clock& clock_;
};

}  // namespace

void add_portal_routes(Router& router, PushPortal& portal, const Clock& clock) {
  const PortalRoutes routes(portal, clock);
  router.add_simple("GET", "/v1/apns/certificates",
                    [routes](const RoutedRequest&) { return routes.list(); });
  router.add_simple("POST", "/v1/apns/certificates",
                    [routes](const RoutedRequest& request) { return routes.issue(request); });
  router.add_simple("POST", "/v1/apns/certificates/renew",
                    [routes](const RoutedRequest& request) { return routes.renew(request); });
  router.add_simple("POST", "/v1/apns/certificates/{serial}/revoke",
                    [routes](const RoutedRequest& request) { return routes.revoke(request); });
}

}  // namespace understudy::server
