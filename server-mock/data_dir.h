#pragma once

/// The server's folder: its CAs and keys, made at the first start and kept, and what else has to be
/// the same after a restart. Mode 0700, secrets 0600.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "shared/core/clock.h"
#include "shared/crypto/ca.h"
#include "shared/io/directory_lock.h"

namespace understudy::server {

/// Remembered from one start to the next, so that enrolled devices find the server again.
struct Remembered {
  std::uint16_t port = 0, api_port = 0, apns_port = 0, courier_port = 0;
  std::uint16_t sandbox_port = 0, light_port = 0, proxy_port = 0;
  std::string host;               ///< that the server certificate was made for
  std::string apns_host;          ///< in the URLs of a push service that ran alone
  std::int64_t clock_offset = 0;  ///< microseconds that a virtual clock was set forward
  std::uint64_t starts = 0;
  std::string server_uuid;  ///< by which Apple's services would know this server
};

/// Anybody may look into it; one server at a time serves from it.
class DataDir {
 public:
  /// Errors: errc::io, errc::corrupt.
  static Result<DataDir> open(const std::filesystem::path& folder);

  const std::filesystem::path& path() const { return folder_; }
  std::filesystem::path root_certificate_file() const { return folder_ / "ca.pem"; }
  /// The push service's own: tokens, push CAs.
  std::filesystem::path apns_folder() const { return folder_ / "apns"; }

  Remembered& remembered() { return remembered_; }
  Result<void> save() const;
  /// Keeps how far a virtual clock was set forward: a certificate of tomorrow must not meet a
  /// server of today after a restart. A failure is logged.
  void remember_clock(TimePoint now);

  /// The root that signs TLS server certificates; its certificate is in `ca.pem` for clients. Who
  /// takes it serves: from now on the folder is this object's, by a lock on DIR/lock.
  /// Errors: errc::io, also when another process serves from it.
  Result<crypto::CertificateAuthority> server_root(TimePoint now);
  /// The CA of device identities: RSA, since SCEP enciphers to it.
  Result<crypto::CertificateAuthority> device_ca(TimePoint now) const;
  /// For device services' listener and signed profiles: kept until it is of another host or runs
  /// out.
  Result<crypto::Identity> server_identity(const crypto::CertificateAuthority& root,
                                           const std::string& host, TimePoint now);
  Result<std::string> api_key() const;
  /// RSA, for the tokens that GetToken hands out; its public half is beside it, in
  /// `service-token-key.pub.pem`.
  Result<crypto::PrivateKey> service_token_key() const;

 private:
  explicit DataDir(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Result<crypto::CertificateAuthority> authority(const std::string& file, const std::string& name,
                                                 crypto::KeyType key_type, TimePoint now) const;
  Result<void> load();
  Result<void> lock();

  std::filesystem::path folder_;
  Remembered remembered_;
  std::optional<io::DirectoryLock> lock_;
};

}  // namespace understudy::server
