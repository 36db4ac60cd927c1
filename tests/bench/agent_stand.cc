#include "tests/bench/agent_stand.h"

#include <pthread.h>

#include "shared/plist/plist.h"
#include "tests/support/enrollment.h"

namespace understudy::bench {
namespace {

constexpr std::chrono::hours kDay{24};
constexpr const char* kTopic = "com.apple.mgmt.External.a4b3c2d1-0f1e-4a2b-8c3d-5e6f7a8b9c0d";

crypto::CertificateAuthority make_ca(TimePoint now) {
  return must(crypto::CertificateAuthority::create(
      crypto::Name::of({{"O", "Example"}, {"CN", "Example Device CA"}}), crypto::KeyType::rsa_2048,
      now - kDay, now + 365 * kDay));
}

scep::ResponderOptions issue_everything() {
  scep::ResponderOptions options;
  options.decide = [](const crypto::CertificateRequest&, const std::string&) {
    return scep::Decision();
  };
  return options;
}

}  // namespace

double cpu_seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

StubServer::StubServer() : ca_(make_ca(clock_.now())), responder_(ca_, clock_, issue_everything()) {
  server_ = must(net::HttpServer::start(
      io_.get_executor(), net::HttpServerOptions(),
      [this](net::IncomingRequest request) { return handle(std::move(request)); }));
  thread_ = std::thread([this] { io_.run(); });
  if (pthread_getcpuclockid(thread_.native_handle(), &thread_cpu_) != 0) std::exit(2);
}

StubServer::~StubServer() {
  io_.stop();
  thread_.join();
}

std::string StubServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(server_->port()) + path;
}

double StubServer::other_cpu_seconds() const {
  return cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_seconds(thread_cpu_);
}

Task<net::HttpResponse> StubServer::handle(net::IncomingRequest request) {
  co_return answer(request);
}

net::HttpResponse StubServer::answer(const net::IncomingRequest& request) {
  const auto target = net::Target::parse(request.target);
  if (target.path != "/scep") return net::HttpResponse::of(200, "", "");
  const auto reply =
      responder_.handle(target.parameter("operation").value_or(""), as_bytes(request.body));
  return net::HttpResponse::of(reply.http_status, reply.content_type, to_text(reply.body));
}

mdm::EnrollmentRules stub_rules() {
  mdm::EnrollmentRules rules;
  rules.allow_http = true;
  return rules;
}

Bytes enrollment_profile(const StubServer& server) {
  mdm::ScepPayload scep;
  scep.url = server.url("/scep");
  scep.name = "example";
  scep.challenge = "0123456789abcdef0123456789abcdef";
  scep.subject = crypto::Name::of({{"O", "Example"}, {"CN", "%HardwareUUID%"}});
  scep.key_size = 2048;
  scep.key_usage = 5;
  scep.ca_fingerprint = crypto::digest(crypto::Digest::sha1, server.ca().certificate().der());

  mdm::EnrollmentProfileSpec spec = support::enrollment_spec(
      server.url(""), std::move(scep),
      {server.ca().certificate(), make_ca(SystemClock().now()).certificate()});
  spec.mdm.topic = kTopic;
  spec.mdm.sign_message = true;
  spec.mdm.check_out_when_removed = true;
  return to_bytes(must(plist::write_xml(must(mdm::make_enrollment_profile(spec)))));
}

crypto::Identity issue_identity(const StubServer& server, crypto::PrivateKey key) {
  const TimePoint now = SystemClock().now();
  crypto::CertificateSpec spec;
  spec.subject = crypto::Name::of({{"O", "Example"}, {"CN", "Example Device Identity"}});
  spec.purpose = crypto::CertificateSpec::Purpose::any_client_or_email;
  spec.not_before = now - kDay;
  spec.not_after = now + 365 * kDay;
  auto certificate = must(server.ca().issue(spec, key.public_key()));
  return crypto::Identity{std::move(key), std::move(certificate), {}};
}

agent::Device enrolled_device(const mdm::EnrollmentProfile& profile,
                              const crypto::Identity& identity, std::uint64_t number) {
  const Rng seed(1);
  auto device = must(agent::make_device(seed, number, agent::FactoryOptions()));
  must(agent::accept_profile(device, profile, {identity, {}, {}, {}},
                             seed.derive("enrollment " + device.id)));
  device.enrollment->stage = agent::Enrollment::Stage::enrolled;
  device.push.topic_token = seed.derive("push " + device.id).bytes(32);
  return device;
}

}  // namespace understudy::bench
