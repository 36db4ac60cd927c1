#pragma once

/// Makes enrollment profiles: what GET /enroll answers.

#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "server-mock/store/store.h"
#include "shared/core/clock.h"
#include "shared/core/rng.h"
#include "shared/crypto/ca.h"
#include "shared/mdm/profile.h"
#include "shared/net/asio.h"
#include "shared/net/http.h"

namespace understudy::server {

struct EnrollmentOptions {
  std::string base_url;    ///< "https://host:port" of device services
  std::string identifier;  ///< PayloadIdentifier: the same for every device of this server
  std::string display_name = "Understudy enrollment";
  std::string organization = "Understudy";
  std::chrono::seconds challenge_lifetime{3600};
  std::chrono::hours identity_validity{24 * 365};
  int scep_retries = 3;  ///< how often a device asks again a CA that has not decided yet
};

/// Use from its executor only.
class EnrollmentService {
 public:
  /// `signer` signs profiles on request; its root is in `anchors`, which go into every profile.
  EnrollmentService(Store& store, const crypto::CertificateAuthority& device_ca,
                    crypto::Identity signer, std::vector<crypto::Certificate> anchors,
                    const Clock& clock, Rng& rng, EnrollmentOptions options);
  ~EnrollmentService();
  EnrollmentService(const EnrollmentService&) = delete;
  EnrollmentService& operator=(const EnrollmentService&) = delete;

  /// Query: identity=scep|pkcs12, urls=one|two, sign=1|0 (SignMessage), signed=1 (CMS).
  /// Errors: device_errc::bad_request (a query we do not know), not_ready (no push certificate).
  Task<Result<net::HttpResponse>> profile(net::Target target);
  /// The default one, for a device that comes back by itself. Errors: device_errc::not_ready.
  Result<std::string> scep_profile();

 private:
  struct Wishes {
    bool pkcs12 = false, two_urls = false, sign_messages = true, sign_profile = false;
    bool sandbox = false;  ///< UseDevelopmentAPNS, and the sandbox's topic
  };
  static Result<Wishes> read_wishes(const net::Target& target);
  Task<Result<mdm::IdentityPayload>> identity(bool pkcs12);
  Result<mdm::IdentityPayload> scep_identity();
  Task<Result<mdm::IdentityPayload>> pkcs12_identity();
  mdm::MdmPayload mdm_payload(const Wishes& wishes, const std::string& topic) const;
  Result<std::string> topic_of(const Wishes& wishes);
  Result<net::HttpResponse> write(const Wishes& wishes, const std::string& topic,
                                  mdm::IdentityPayload identity);

  Store& store_;
  const crypto::CertificateAuthority& device_ca_;
  const crypto::Identity signer_;
  const std::vector<crypto::Certificate> anchors_;
  const Clock& clock_;
  Rng& rng_;
  const EnrollmentOptions options_;
  asio::thread_pool key_maker_{1};  ///< an RSA key takes longer than anybody may wait for the loop
};

/// How a challenge is known to the store.
std::string challenge_digest(std::string_view challenge);

}  // namespace understudy::server
