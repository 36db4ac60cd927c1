#pragma once

/// A client and a responder that talk in memory, with a place to spoil each answer.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/core/clock.h"
#include "shared/scep/client.h"
#include "shared/scep/responder.h"
#include "tests/unit/shared/crypto/material.h"

namespace understudy::scep::test {

using crypto::test::code_of;
using crypto::test::kNow;
using crypto::test::kYear;
using crypto::test::make_ca;
using crypto::test::must;

struct Answer {
  int status = 200;
  std::string type;
  Bytes body;
};

/// What went over the wire, one entry each: "GET GetCACaps", "POST PKIOperation", "wait 10".
using Trace = std::vector<std::string>;
/// Called with the operation's name and our own answer before the client sees it.
using Spoil = std::function<void(const std::string& operation, Answer& answer)>;

/// The parameters of a URL's query, percent-decoded.
inline std::map<std::string, std::string> query_of(const std::string& url) {
  std::map<std::string, std::string> parameters;
  std::string rest = url.substr(std::min(url.find('?'), url.size() - 1) + 1);
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    const std::string pair = rest.substr(0, end);
    rest.erase(0, end + 1);
    const auto equals = std::min(pair.find('='), pair.size());
    std::string value;
    for (std::size_t i = equals + 1; i < pair.size(); ++i) {
      if (pair[i] == '%') {
        value += static_cast<char>(must(hex_decode(pair.substr(i + 1, 2))).front());
        i += 2;
      } else {
        value += pair[i];
      }
    }
    parameters[pair.substr(0, equals)] = value;
  }
  return parameters;
}

inline Answer serve(Responder& responder, const Action& action, Trace& trace) {
  const bool get = std::holds_alternative<HttpGet>(action);
  const std::string url = get ? std::get<HttpGet>(action).url : std::get<HttpPost>(action).url;
  auto query = query_of(url);
  trace.push_back((get ? "GET " : "POST ") + query["operation"]);
  Bytes message = get ? Bytes{} : std::get<HttpPost>(action).body;
  if (get && query["operation"] == "PKIOperation") message = must(base64_decode(query["message"]));
  Reply reply = responder.handle(query["operation"], message);
  return {reply.http_status, reply.content_type, std::move(reply.body)};
}

/// Runs the client to its end; waits pass at once.
inline Result<crypto::Identity> enroll(Client& client, Responder& responder, Trace& trace,
                                       const Spoil& spoil = {}) {
  auto action = client.start();
  while (action) {
    if (auto* done = std::get_if<Done>(&*action)) return std::move(done->identity);
    if (const auto* wait = std::get_if<Wait>(&*action)) {
      trace.push_back("wait " + std::to_string(wait->delay.count()));
      action = client.waited();
      continue;
    }
    Answer answer = serve(responder, *action, trace);
    if (spoil) spoil(trace.back().substr(trace.back().find(' ') + 1), answer);
    action = client.answered(answer.status, answer.type, answer.body);
  }
  return tl::unexpected(std::move(action).error());
}

/// One CA with its responder, and one device that wants a certificate.
class Scep : public testing::Test {
 protected:
  static crypto::CertificateAuthority make_rsa_ca(const std::string& name = "SCEP CA") {
    return make_ca(name, crypto::KeyType::rsa_2048);
  }
  static crypto::Identity make_ra(const crypto::CertificateAuthority& issuer) {
    auto spec = crypto::test::make_spec("SCEP RA");
    spec.purpose = crypto::CertificateSpec::Purpose::ra;
    auto ra_key = must(crypto::PrivateKey::generate(crypto::KeyType::rsa_2048));
    auto certificate = must(issuer.issue(spec, ra_key.public_key()));
    return {std::move(ra_key), std::move(certificate), {}};
  }
  Responder make_responder() { return {ca, *clock, responder_options}; }
  Client make_client() const { return {client_options, key, kNow}; }

  Result<crypto::Identity> run(const Spoil& spoil = {}) {
    Responder responder = make_responder();
    Client client = make_client();
    return enroll(client, responder, trace, spoil);
  }

  static ClientOptions default_options() {
    ClientOptions options;
    options.url = "http://ca.example/scep";
    options.name = "CA";
    options.request.subject = crypto::Name::of({{"CN", "device"}, {"2.5.4.5", "C02X"}});
    options.request.challenge = "sesame";
    return options;
  }

  crypto::CertificateAuthority ca = make_rsa_ca();
  std::unique_ptr<VirtualClock> clock = VirtualClock::frozen_at(kNow);
  ResponderOptions responder_options;
  ClientOptions client_options = default_options();
  crypto::PrivateKey key = must(crypto::PrivateKey::generate(crypto::KeyType::rsa_2048));
  Trace trace;
};

}  // namespace understudy::scep::test
