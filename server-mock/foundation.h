#pragma once

/// What every part of the server stands on: its folder, keys, numbers, time and memory.

#include <memory>
#include <string>

#include "server-mock/data_dir.h"
#include "server-mock/options.h"
#include "server-mock/store/sqlite_store.h"
#include "shared/core/rng.h"
#include "shared/io/transcript.h"

namespace understudy::server {

struct Foundation {
  ServerOptions options;
  const Clock& clock;
  VirtualClock* virtual_clock;  ///< the same clock, if the API may set it forward; else null
  DataDir dir;
  crypto::CertificateAuthority root, device_ca;
  crypto::Identity identity;  ///< of device services' listener
  std::string api_key;
  crypto::PrivateKey service_token_key;
  std::uint64_t seed;
  Rng rng;  ///< of this start: the next one gives out other uuids
  io::Transcript transcript;
  std::unique_ptr<SqliteStore> store;

  /// Makes what is not there yet. Errors: errc::io, errc::corrupt, crypto::errc.
  static Result<std::unique_ptr<Foundation>> load(const ServerOptions& options, const Clock& clock,
                                                  VirtualClock* virtual_clock);
  /// Under the name the server goes by.
  std::string url(const std::string& scheme, std::uint16_t port) const;
  /// As DataDir::remember_clock.
  void remember_clock();
};

}  // namespace understudy::server
