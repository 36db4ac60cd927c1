#include <algorithm>
#include <nlohmann/json.hpp>

#include "server-mock/console/console_api.h"
#include "server-mock/console/json_text.h"
#include "shared/apns/provider.h"
#include "shared/core/errc.h"
#include "shared/core/log.h"
#include "shared/crypto/certificate.h"

/// NanoMDM's /v1/pushcert, with what it has no word for: the environment, and a changed topic.
/// Source: micromdm/nanomdm docs/openapi.yaml.

namespace understudy::server {
namespace {

/// `cat cert.pem key.pem` of files without a last line break.
std::string with_line_breaks(std::string pem) {
  constexpr std::string_view kJoined = "----------";
  for (std::size_t at = pem.find(kJoined); at != std::string::npos; at = pem.find(kJoined, at)) {
    pem.replace(at, kJoined.size(), "-----\n-----");
  }
  return pem;
}

Result<void> check_parts(const std::string& pem) {
  const auto holds = [&](const char* words) { return pem.find(words) != std::string::npos; };
  const bool has_certificate = holds("BEGIN CERTIFICATE"), has_key = holds("PRIVATE KEY-----");
  const char* wrong = nullptr;
  if (!has_key) {
    wrong = has_certificate ? "has no private key" : "has neither certificate nor private key";
  } else if (!has_certificate) {
    wrong = "has no certificate";
  } else if (holds("BEGIN ENCRYPTED") || holds("Proc-Type: 4,ENCRYPTED")) {
    wrong = "has an encrypted private key";
  }
  if (wrong == nullptr) return {};
  return fail(errc::invalid_argument, std::string("the body ") + wrong,
              "send one PEM with certificate and unencrypted key, as of `cat push.pem push.key`");
}

Result<std::string> environment_of(const RoutedRequest& request) {
  std::string name = request.target.parameter("environment").value_or(kPushEnvironments.front());
  if (std::find(kPushEnvironments.begin(), kPushEnvironments.end(), name) !=
      kPushEnvironments.end()) {
    return name;
  }
  return fail(errc::invalid_argument, "environment=" + name + " is unknown",
              "it is production or sandbox");
}

net::HttpResponse show_record(const PushCertificateRecord& record) {
  return json_response(
      200, nlohmann::json{{"topic", record.topic}, {"not_after", format_time(record.not_after)}});
}

Result<PushCertificateRecord> read_push_certificate(const RoutedRequest& request, TimePoint now) {
  PushCertificateRecord record;
  UNDERSTUDY_TRY(record.environment, environment_of(request));
  UNDERSTUDY_CHECK(check_parts(request.http.body));
  UNDERSTUDY_TRY(const crypto::Identity identity,
                 crypto::Identity::from_pem(with_line_breaks(request.http.body)));
  record.pem = identity.pem();
  record.topic = identity.certificate.subject().find(crypto::kUidOid).value_or("");
  record.not_after = identity.certificate.not_after();
  if (!record.topic.starts_with(apns::kMdmTopicPrefix)) {
    return fail(
        errc::invalid_argument,
        "the certificate's UID is '" + record.topic + "', no MDM push topic",
        "an MDM push certificate has a UID that begins " + std::string(apns::kMdmTopicPrefix));
  }
  if (record.not_after <= now) {
    return fail(crypto::errc::expired,
                "the certificate ran out at " + format_time(record.not_after),
                "renew it at the portal and upload the new one");
  }
  return record;
}

/// Devices that enrolled for that topic. A user channel goes with its device.
std::size_t devices_of(const std::vector<DeviceRecord>& devices, const std::string& topic) {
  const auto counts = [&](const DeviceRecord& device) {
    return device.state == DeviceRecord::State::enrolled && device.topic == topic &&
           device.id.find(':') == std::string::npos;
  };
  return static_cast<std::size_t>(std::count_if(devices.begin(), devices.end(), counts));
}

/// How many enrolled devices can no longer be reached once `record` is in use: those of the topic
/// it takes the place of, unless the other environment's certificate is for that one too.
Result<std::size_t> stranded_by(Store& store, const PushCertificateRecord& record) {
  UNDERSTUDY_TRY(const auto in_use, store.push_certificate(record.environment));
  if (!in_use || in_use->topic == record.topic) return std::size_t{0};
  for (const char* environment : kPushEnvironments) {
    UNDERSTUDY_TRY(const auto other, store.push_certificate(environment));
    const bool is_other = environment != record.environment;
    if (is_other && other && other->topic == in_use->topic) return std::size_t{0};
  }
  UNDERSTUDY_TRY(const std::vector<DeviceRecord> devices, store.devices());
  return devices_of(devices, in_use->topic);
}

net::HttpResponse refuse(const PushCertificateRecord& record, std::size_t stranded) {
  const std::string devices =
      stranded == 1 ? "1 enrolled device" : std::to_string(stranded) + " enrolled devices";
  const std::string why =
      "the certificate is for another topic (" + record.topic +
      ") than the one in use: " + devices +
      " could no longer be reached and would have to enroll again. To renew, ask the " +
      "portal for a renewal, which keeps the topic; force=1 takes this one all the same";
  return json_response(409, nlohmann::json{{"error", why}, {"stranded_devices", stranded}});
}

net::HttpResponse put_push_certificate(const ConsoleParts& parts, const RoutedRequest& request) {
  const Result<PushCertificateRecord> record = read_push_certificate(request, parts.clock.now());
  if (!record) return error_response(record.error());
  const Result<std::size_t> stranded = stranded_by(parts.store, *record);
  if (!stranded) return error_response(stranded.error());
  if (*stranded > 0 && request.target.parameter("force") != "1") return refuse(*record, *stranded);
  const Result<void> stored = parts.store.put_push_certificate(*record);
  if (!stored) return error_response(stored.error());
  if (*stranded > 0) {
    log::warn("push_certificate.topic_changed",
              {{"topic", record->topic}, {"stranded_devices", std::to_string(*stranded)}});
  }
  parts.push_certificate_changed();
  return show_record(*record);
}

Result<std::optional<PushCertificateRecord>> find_record(const ConsoleParts& parts,
                                                         const RoutedRequest& request) {
  const std::optional<std::string> topic = request.target.parameter("topic");
  UNDERSTUDY_TRY(const std::string only, environment_of(request));
  for (const char* environment : kPushEnvironments) {
    const bool is_asked =
        only == environment || (topic && !request.target.parameter("environment"));
    if (!is_asked) continue;
    UNDERSTUDY_TRY(auto record, parts.store.push_certificate(environment));
    if (record && (!topic || *topic == record->topic)) return record;
  }
  return std::optional<PushCertificateRecord>();
}

net::HttpResponse get_push_certificate(const ConsoleParts& parts, const RoutedRequest& request) {
  const auto record = find_record(parts, request);
  if (!record) return error_response(record.error());
  if (*record) return show_record(**record);
  const std::optional<std::string> topic = request.target.parameter("topic");
  return error_response(
      404, "there is no push certificate" + (topic ? " for topic " + *topic : std::string()));
}

}  // namespace

void add_push_certificate_routes(Router& router, const ConsoleParts& parts) {
  router.add_simple("PUT", "/v1/pushcert", [&parts](const RoutedRequest& request) {
    return put_push_certificate(parts, request);
  });
  router.add_simple("GET", "/v1/pushcert", [&parts](const RoutedRequest& request) {
    return get_push_certificate(parts, request);
  });
}

}  // namespace understudy::server
