#pragma once

/// What the agent's benches stand on: a server that answers and judges nothing, in a thread whose
/// CPU time is told apart, and devices that are enrolled with it.

#include <time.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "agent/enroll/enroller.h"
#include "shared/net/http_server.h"
#include "shared/scep/responder.h"

namespace understudy::bench {

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::cerr << "bench: " << result.error().message() << "\n";
    std::exit(2);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

double cpu_seconds(clockid_t clock);

/// Answers SCEP as a CA that issues whatever is asked, and everything else with an empty 200, which
/// is what TokenUpdate and Idle get from a server that wants nothing. Plain http: a TLS handshake
/// would add signatures of its own.
class StubServer {
 public:
  StubServer();
  StubServer(const StubServer&) = delete;
  StubServer& operator=(const StubServer&) = delete;
  ~StubServer();
  std::string url(const std::string& path) const;
  const crypto::CertificateAuthority& ca() const { return ca_; }
  /// CPU time of the process without that of the stub.
  double other_cpu_seconds() const;

 private:
  net::HttpResponse answer(const net::IncomingRequest& request);
  Task<net::HttpResponse> handle(net::IncomingRequest request);

  asio::io_context io_;
  SystemClock clock_;
  crypto::CertificateAuthority ca_;
  scep::Responder responder_;
  std::unique_ptr<net::HttpServer> server_;
  std::thread thread_;
  clockid_t thread_cpu_{};
};

/// The enrollment profile of such a server, as server-mock writes it: SCEP, two roots, signed
/// messages.
Bytes enrollment_profile(const StubServer& server);
mdm::EnrollmentRules stub_rules();

/// The identity a device has from the CA of the stub.
crypto::Identity issue_identity(const StubServer& server, crypto::PrivateKey key);
/// A device that is enrolled with the stub, without push channel, not stored.
agent::Device enrolled_device(const mdm::EnrollmentProfile& profile,
                              const crypto::Identity& identity, std::uint64_t number);

}  // namespace understudy::bench
