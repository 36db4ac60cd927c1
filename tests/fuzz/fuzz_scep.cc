/// SCEP from both sides: the responder with any request, the client with any reply.

#include <cstdlib>

#include "shared/scep/client.h"
#include "shared/scep/responder.h"
#include "tests/fuzz/patched.h"

namespace {

using namespace understudy;

constexpr TimePoint kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24};

struct World {
  crypto::CertificateAuthority ca = *crypto::CertificateAuthority::create(
      crypto::Name::of({{"CN", "fuzz"}}), crypto::KeyType::rsa_2048, kNow,
      kNow + std::chrono::days(30));
  std::unique_ptr<VirtualClock> clock = VirtualClock::frozen_at(kNow);
  scep::Responder responder{ca, *clock, {}};
  scep::Client wants_certificates = make_client();  ///< waits for GetCACert's answer
  scep::Client wants_reply = make_client();         ///< has sent its request
  std::vector<Bytes> valid;

  scep::Client make_client() {
    scep::ClientOptions options;
    options.url = "http://fuzz.example/";
    options.request.subject = crypto::Name::of({{"CN", "device"}});
    options.request.challenge = "sesame";
    return {options, *crypto::PrivateKey::generate(crypto::KeyType::rsa_2048), kNow};
  }

  World() {
    for (scep::Client* client : {&wants_certificates, &wants_reply}) {
      (void)client->start();
      (void)client->answered(200, "text/plain", as_bytes("SCEPStandard"));
    }
    const auto action = wants_reply.answered(200, scep::kTypeCaCert, ca.certificate().der());
    valid.push_back(std::get<scep::HttpPost>(*action).body);
    valid.push_back(responder.handle("PKIOperation", valid.front()).body);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  const Bytes message = fuzz::patched({data, size}, world.valid);
  const auto parsed = scep::parse_message(message);
  const scep::Reply reply = world.responder.handle("PKIOperation", message);
  // Understood or not decides the status, and nothing is ever sent that is no message.
  if (parsed.has_value() != (reply.http_status == 200)) std::abort();
  if (reply.http_status == 200 && !scep::parse_message(reply.body)) std::abort();
  scep::Client at_reply = world.wants_reply;
  (void)at_reply.answered(200, scep::kTypePkiMessage, message);
  scep::Client at_certificates = world.wants_certificates;
  (void)at_certificates.answered(200, scep::kTypeCaRaCert, message);
  (void)scep::Capabilities::parse(as_text(message));
  return 0;
}
