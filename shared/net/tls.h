#pragma once

/// TLS for connections that stay open: OpenSSL bound to the descriptor, waited on with Asio, at a
/// third of the memory of asio::ssl::stream (docs/decisions/0002-async.md).

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/core/bytes.h"
#include "shared/crypto/certificate.h"
#include "shared/net/stream.h"

struct ssl_ctx_st;
struct ssl_st;

namespace understudy::net {

/// The alert that refuses a client's certificate (RFC 8446 6.2).
enum class CertificateAlert {
  unknown_ca,
  certificate_expired,
  certificate_revoked,
  bad_certificate,
  internal_error,
};
/// Looks at the leaf; nullopt takes it. Runs inside the handshake, on its executor: it must be
/// quick. An exception is internal_error.
using CertificateJudge = std::function<std::optional<CertificateAlert>(const crypto::Certificate&)>;

struct TlsServerOptions {
  crypto::Identity identity;
  enum class ClientCertificate {
    none,
    optional,
    required
  } client_certificate = ClientCertificate::none;
  /// Whom client certificates must chain to. Empty: any certificate is taken in the handshake
  /// (possession of its key is proven), and judging it is the application's.
  std::vector<crypto::Certificate> client_anchors;
  std::vector<std::string> alpn;  ///< in order of preference; empty: not negotiated
  /// Asked about a client certificate that the anchors let pass; not asked where none is given.
  CertificateJudge judge = nullptr;
};

struct TlsClientOptions {
  std::vector<crypto::Certificate> anchors;  ///< must contain the server's root
  std::optional<crypto::Identity> identity;
  std::string
      verify_host;  ///< name or IP in the server's certificate; empty: the name is not checked
  std::string server_name;  ///< SNI; empty: none
  std::vector<std::string> alpn;
};

/// An SSL_CTX, shared by its connections. Immutable after creation.
class TlsContext {
 public:
  static Result<TlsContext> server(const TlsServerOptions& options);
  static Result<TlsContext> client(const TlsClientOptions& options);
  ssl_ctx_st* native() const { return native_.get(); }

 private:
  explicit TlsContext(std::shared_ptr<ssl_ctx_st> native) : native_(std::move(native)) {}
  std::shared_ptr<ssl_ctx_st> native_;
  std::string server_name_;
  bool server_ = false;
  friend class TlsStream;
};

/// One connection. Use from its executor only; one read and one write at a time.
class TlsStream final : public Stream {
 public:
  TlsStream(tcp::socket socket, const TlsContext& context);
  TlsStream(TlsStream&&) noexcept;
  TlsStream& operator=(TlsStream&&) noexcept;
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;
  ~TlsStream() override;

  /// Errors: errc::io with OpenSSL's reason (alert names included).
  Task<Result<void>> handshake() override;
  /// The stream ends with or without close_notify (docs/protocol/courier.md, Transport).
  Result<std::optional<std::size_t>> read_now(std::span<std::uint8_t> buffer) override;
  Result<std::size_t> write_now(BytesView data) override;
  /// Sends close_notify without waiting for the peer's, then closes the socket.
  void close() override;

  std::string alpn() const;
  std::string server_name() const;  ///< what the client asked for by SNI; empty: nothing
  std::optional<crypto::Certificate> peer_certificate() const;
  tcp::socket& socket() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy::net
