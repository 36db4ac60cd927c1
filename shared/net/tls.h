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
#include "shared/net/asio.h"

struct ssl_ctx_st;
struct ssl_st;

namespace understudy::net {

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
  std::string verify_host_, server_name_;
  bool server_ = false;
  friend class TlsStream;
};

/// One connection. Use from its executor only; one read and one write at a time.
class TlsStream {
 public:
  TlsStream(tcp::socket socket, const TlsContext& context);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;
  TlsStream(TlsStream&&) noexcept;
  TlsStream& operator=(TlsStream&&) noexcept;
  ~TlsStream();

  /// Errors: errc::io with OpenSSL's reason (alert names included).
  Task<Result<void>> handshake();
  /// At least one octet; 0 at the end of the stream (with or without close_notify, apns.md A1).
  Task<Result<std::size_t>> read_some(std::span<std::uint8_t> buffer);
  Task<Result<void>> write(BytesView data);
  /// Sends close_notify without waiting for the peer's, then closes the socket.
  void close();

  std::string alpn() const;
  std::optional<crypto::Certificate> peer_certificate() const;
  tcp::socket& socket();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy::net
