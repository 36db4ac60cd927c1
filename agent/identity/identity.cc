#include "agent/identity/identity.h"

#include <algorithm>

#include "agent/identity/trust.h"
#include "shared/crypto/pkcs12.h"
#include "shared/net/timer.h"
#include "shared/scep/client.h"

namespace understudy::agent {
namespace {

constexpr int kSigning = 1, kEncryption = 4;  // bits of Key Usage
constexpr std::size_t kTransactionId = 32;    // octets: as long as a digest of the key
constexpr std::size_t kMaxScepAnswer = std::size_t{1024} * 1024;

/// The library makes no RSA keys below 2048: the schema's default of 1024 is made larger.
crypto::KeyType key_type_of(int bits) {
  if (bits > 3072) return crypto::KeyType::rsa_4096;
  return bits > 2048 ? crypto::KeyType::rsa_3072 : crypto::KeyType::rsa_2048;
}

scep::ClientOptions client_options(const mdm::ScepPayload& payload,
                                   const mdm::DeviceVariables& variables) {
  scep::ClientOptions options;
  options.url = payload.url;
  options.name = payload.name;
  options.request.subject = payload.subject;
  for (auto& rdn : options.request.subject.rdns) {
    for (auto& attribute : rdn) {
      attribute.value = mdm::expand_variables(attribute.value, variables);
    }
  }
  options.request.alt_names = payload.alt_names;
  options.request.challenge = payload.challenge;
  if (payload.key_usage != 0) {
    options.request.may_sign = (payload.key_usage & kSigning) != 0;
    options.request.may_encipher = (payload.key_usage & kEncryption) != 0;
  }
  options.ca_fingerprint = payload.ca_fingerprint;
  options.retries = payload.retries;
  options.retry_delay = payload.retry_delay;
  return options;
}

net::HttpRequest http_request(const scep::Action& action) {
  net::HttpRequest request;
  request.max_response_bytes = kMaxScepAnswer;
  request.max_redirects = 5;
  request.allow_plain_http = true;
  if (const auto* get = std::get_if<scep::HttpGet>(&action)) request.url = get->url;
  if (const auto* post = std::get_if<scep::HttpPost>(&action)) {
    request.method = "POST";
    request.url = post->url;
    request.headers.set("Content-Type", std::string(scep::kTypePkiMessage));
    request.body = to_text(post->body);
  }
  return request;
}

Task<Result<crypto::Identity>> enroll_by_scep(IdentityTools tools, mdm::ScepPayload payload,
                                              mdm::DeviceVariables variables,
                                              std::vector<crypto::Certificate> anchors) {
  UNDERSTUDY_CO_TRY(auto key, co_await tools.keys.make(key_type_of(payload.key_size)));
  auto credentials = make_credentials(std::move(anchors));
  scep::ClientOptions options = client_options(payload, variables);
  if (!key.is_rsa()) {
    UNDERSTUDY_CO_TRY(options.carrier, co_await tools.keys.shared());
  }
  if (tools.keys.choice().kind == KeyChoice::Kind::pool) {
    options.transaction_id = hex_encode(crypto::random_bytes(kTransactionId));
  }
  scep::Client client(std::move(options), std::move(key), tools.clock.now());
  auto action = client.start();
  for (;;) {
    if (!action) co_return fail_in("SCEP at " + payload.url, std::move(action).error());
    if (auto* done = std::get_if<scep::Done>(&*action)) co_return std::move(done->identity);
    if (const auto* wait = std::get_if<scep::Wait>(&*action)) {
      co_await net::sleep_for(tools.clock, wait->delay);
      action = client.waited();
      continue;
    }
    auto request = http_request(*action);
    auto answer = co_await send_trusting(tools.http, std::move(request), credentials);
    if (!answer) co_return fail_in("SCEP", std::move(answer).error());
    const auto type = answer->headers.find("Content-Type").value_or("");
    action = client.answered(answer->status, type, as_bytes(answer->body));
  }
}

Result<void> check_dates(const crypto::Certificate& certificate, TimePoint now) {
  const auto code = now > certificate.not_after()    ? crypto::errc::expired
                    : now < certificate.not_before() ? crypto::errc::not_yet_valid
                                                     : crypto::errc{};
  if (code == crypto::errc{}) return {};
  return fail(code,
              "the identity certificate is valid from " + format_time(certificate.not_before()) +
                  " to " + format_time(certificate.not_after()),
              "have the server issue a new one, or set the clock");
}

}  // namespace

mdm::DeviceVariables variables_of(const Device& device) {
  mdm::DeviceVariables variables;
  std::string host = device.name;
  std::replace(host.begin(), host.end(), ' ', '-');
  variables.computer_name = device.name;
  variables.hardware_uuid = device.hardware.udid;
  variables.serial_number = device.hardware.serial_number;
  variables.host_name = host + ".local";
  variables.local_host_name = host;
  variables.mac_address = device.hardware.ethernet_mac.empty() ? device.hardware.wifi_mac
                                                               : device.hardware.ethernet_mac;
  return variables;
}

Task<Result<crypto::Identity>> obtain_identity(IdentityTools tools, IdentityWish wish) {
  std::optional<Result<crypto::Identity>> identity;
  if (auto* file = std::get_if<mdm::Pkcs12Payload>(&wish.payload)) {
    identity = crypto::read_pkcs12(file->file, file->password);
    if (!*identity) co_return fail_in("PKCS#12 payload", std::move(*identity).error());
  } else {
    auto scep = std::move(std::get<mdm::ScepPayload>(wish.payload));
    identity = co_await enroll_by_scep(tools, std::move(scep), std::move(wish.variables),
                                       std::move(wish.anchors));
    if (!*identity) co_return std::move(*identity);
  }
  UNDERSTUDY_CO_CHECK(check_dates((*identity)->certificate, tools.clock.now()));
  co_return std::move(*identity);
}

}  // namespace understudy::agent
