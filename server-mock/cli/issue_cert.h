#pragma once

/// Issues a push certificate from a data directory, whether or not a server runs on it.

#include <filesystem>
#include <string>
#include <vector>

#include "server-mock/apns/environment.h"
#include "shared/core/clock.h"

namespace understudy::server {

struct IssueCertOptions {
  std::filesystem::path data_dir;   ///< made when absent
  std::vector<std::string> topics;  ///< at least one; the first is the certificate's UID
  apns_mock::Environment environment = apns_mock::Environment::production;
  std::filesystem::path out;  ///< certificate and key, one PEM, mode 0600
  bool replace = false;       ///< a file that is there
};

struct IssuedCert {
  TimePoint not_after;
  std::string serial;  ///< as the portal lists it
  std::string fingerprint;
};

/// The portal of the directory knows it from then on. `now`: real time; the directory's virtual
/// clock is taken into account. Errors: errc::invalid_argument (topic), errc::already_exists (the
/// file, unless `replace`), errc::io, errc::corrupt, crypto::errc. Nothing is written then, and
/// nothing valid is issued.
Result<IssuedCert> issue_cert(const IssueCertOptions& options, TimePoint now);

}  // namespace understudy::server
