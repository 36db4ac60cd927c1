#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <new>

#include "shared/core/errc.h"
#include "shared/net/openssl_error.h"
#include "shared/net/socket_bio.h"
#include "shared/net/tls.h"

namespace understudy::net {

struct TlsStream::Impl {
  Impl(tcp::socket connected, SSL_CTX* context, bool server);

  /// Waits until the call that reported `wanted` can go on.
  Task<Result<void>> ready(int wanted, const char* doing);
  /// What happened to the socket meanwhile, before OpenSSL touches the descriptor again.
  Result<void> open(const char* doing) const;
  tl::unexpected<Error> failed(const char* doing, int wanted, int os_error) const;

  tcp::socket socket;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl;
  std::string remote;
};

namespace {

/// What one call into OpenSSL said. `os_error` is errno as the call left it.
struct Outcome {
  int wanted = SSL_ERROR_NONE;
  int os_error = 0;
  bool waits() const { return wanted == SSL_ERROR_WANT_READ || wanted == SSL_ERROR_WANT_WRITE; }
};

void before_call() {
  ERR_clear_error();
  errno = 0;
}

Outcome after_call(const SSL* ssl, int returned) {
  const int os_error = errno;
  return Outcome{returned == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl, returned), os_error};
}

/// The peer closed, politely or not.
bool is_end(const Outcome& outcome) {
  if (outcome.wanted == SSL_ERROR_ZERO_RETURN) return true;
  if (outcome.wanted == SSL_ERROR_SYSCALL) return outcome.os_error == 0 && ERR_peek_error() == 0;
  return outcome.wanted == SSL_ERROR_SSL &&
         ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

/// Why the peer's certificate was refused, when that is what ended the handshake.
std::string verify_reason(const SSL* ssl) {
  const long result = SSL_get_verify_result(ssl);
  if (result == X509_V_OK) return "";
  return std::string(" (") + X509_verify_cert_error_string(result) + ")";
}

}  // namespace

TlsStream::Impl::Impl(tcp::socket connected, SSL_CTX* context, bool server)
    : socket(std::move(connected)), ssl(SSL_new(context), SSL_free), remote(peer_text(socket)) {
  BIO* bio = new_socket_bio(socket.native_handle());
  if (!ssl || bio == nullptr) throw std::bad_alloc();
  SSL_set_bio(ssl.get(), bio, bio);
  boost::system::error_code ignored;  // a closed socket fails in the handshake, with its reason
  socket.native_non_blocking(true, ignored);
  socket.set_option(tcp::no_delay(true), ignored);
  server ? SSL_set_accept_state(ssl.get()) : SSL_set_connect_state(ssl.get());
}

Result<void> TlsStream::Impl::open(const char* doing) const {
  if (socket.is_open()) return {};
  return fail(errc::cancelled, std::string("TLS ") + doing + ": the connection was closed here");
}

tl::unexpected<Error> TlsStream::Impl::failed(const char* doing, int wanted, int os_error) const {
  std::string reason;
  if (wanted == SSL_ERROR_SYSCALL && os_error != 0) {
    reason = std::generic_category().message(os_error);
    ERR_clear_error();
  } else {
    reason = take_openssl_reason() + verify_reason(ssl.get());
  }
  if (reason.empty()) reason = "the peer closed the connection";
  return fail(errc::io, std::string("TLS ") + doing + " with " + remote + ": " + reason);
}

Task<Result<void>> TlsStream::Impl::ready(int wanted, const char* doing) {
  const auto direction =
      wanted == SSL_ERROR_WANT_READ ? tcp::socket::wait_read : tcp::socket::wait_write;
  auto [ec] = co_await socket.async_wait(direction, kAsTuple);
  if (!ec) co_return open(doing);
  if (ec == asio::error::operation_aborted) {
    co_return fail(errc::cancelled, std::string("TLS ") + doing + " with " + remote + ": stopped");
  }
  co_return fail(errc::io, std::string("TLS ") + doing + " with " + remote + ": " + ec.message());
}

TlsStream::TlsStream(tcp::socket socket, const TlsContext& context)
    : impl_(std::make_unique<Impl>(std::move(socket), context.native(), context.server_)) {
  if (!context.server_name_.empty()) {
    // What SSL_set_tlsext_host_name does, without its C cast.
    std::string name = context.server_name_;
    SSL_ctrl(impl_->ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             name.data());
  }
}
TlsStream::TlsStream(TlsStream&&) noexcept = default;
TlsStream& TlsStream::operator=(TlsStream&&) noexcept = default;
TlsStream::~TlsStream() = default;

Task<Result<void>> TlsStream::handshake() {
  Impl* impl = impl_.get();
  UNDERSTUDY_CO_CHECK(impl->open("handshake"));
  for (;;) {
    before_call();
    const Outcome outcome = after_call(impl->ssl.get(), SSL_do_handshake(impl->ssl.get()));
    if (outcome.wanted == SSL_ERROR_NONE) co_return Result<void>();
    if (!outcome.waits()) co_return impl->failed("handshake", outcome.wanted, outcome.os_error);
    UNDERSTUDY_CO_CHECK(co_await impl->ready(outcome.wanted, "handshake"));
  }
}

/// Only the socket can make it wait: renegotiation, which would make a read wait for a write, is
/// off, and TLS 1.3's post-handshake messages are answered by reads.
Result<std::optional<std::size_t>> TlsStream::read_now(std::span<std::uint8_t> buffer) {
  Impl* impl = impl_.get();
  UNDERSTUDY_CHECK(impl->open("read"));
  std::size_t size = 0;
  before_call();
  const Outcome outcome = after_call(
      impl->ssl.get(), SSL_read_ex(impl->ssl.get(), buffer.data(), buffer.size(), &size));
  if (outcome.wanted == SSL_ERROR_NONE) return size;
  if (is_end(outcome)) {
    ERR_clear_error();
    return 0;
  }
  if (outcome.waits()) return std::nullopt;
  return impl->failed("read", outcome.wanted, outcome.os_error);
}

Result<std::size_t> TlsStream::write_now(BytesView data) {
  Impl* impl = impl_.get();
  UNDERSTUDY_CHECK(impl->open("write"));
  std::size_t written = 0;
  while (written < data.size()) {
    const BytesView rest = data.subspan(written);
    std::size_t size = 0;
    before_call();
    const Outcome outcome =
        after_call(impl->ssl.get(), SSL_write_ex(impl->ssl.get(), rest.data(), rest.size(), &size));
    if (outcome.wanted == SSL_ERROR_WANT_WRITE) break;
    if (outcome.wanted != SSL_ERROR_NONE) {
      return impl->failed("write", outcome.wanted, outcome.os_error);
    }
    written += size;
  }
  return written;
}

void TlsStream::close() {
  if (!impl_->socket.is_open()) return;
  ERR_clear_error();
  if (SSL_is_init_finished(impl_->ssl.get()) != 0) SSL_shutdown(impl_->ssl.get());
  ERR_clear_error();
  boost::system::error_code ignored;
  impl_->socket.shutdown(tcp::socket::shutdown_send, ignored);
  impl_->socket.close(ignored);
}

std::string TlsStream::alpn() const {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(impl_->ssl.get(), &name, &size);
  return name == nullptr ? "" : std::string(reinterpret_cast<const char*>(name), size);
}

std::string TlsStream::server_name() const {
  const char* name = SSL_get_servername(impl_->ssl.get(), TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? "" : name;
}

std::optional<crypto::Certificate> TlsStream::peer_certificate() const {
  X509* certificate = SSL_get1_peer_certificate(impl_->ssl.get());
  if (certificate == nullptr) return std::nullopt;
  return crypto::Certificate(std::shared_ptr<X509>(certificate, X509_free));
}

tcp::socket& TlsStream::socket() {
  return impl_->socket;
}

}  // namespace understudy::net
