#include "server-mock/apns/courier.h"

#include <array>

#include "shared/core/log.h"

namespace understudy::apns_mock {
namespace {

constexpr std::string_view kAlpn = "apns-security-v3";
/// A device sends little and rarely, and this stays with every idle connection.
constexpr std::size_t kReadSize = 1024;

struct Terms {
  std::chrono::milliseconds connect_timeout;
  std::chrono::milliseconds idle_timeout;
  std::size_t max_frame;
};

/// A connection's place in the hub for as long as its coroutine runs.
class Attachment {
 public:
  Attachment(std::shared_ptr<Hub> hub, Link& link)
      : hub_(std::move(hub)), id_(hub_->attach(link)) {}
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;
  ~Attachment() { hub_->detach(id_); }
  ConnectionId id() const { return id_; }

 private:
  std::shared_ptr<Hub> hub_;
  ConnectionId id_;
};

/// Everything that can be read from what has arrived.
Result<void> receive_all(Hub& hub, CourierSession& session, apns::FrameParser& parser) {
  for (;;) {
    UNDERSTUDY_TRY(const auto frame, parser.next());
    if (!frame) return {};
    UNDERSTUDY_CHECK(hub.receive(session, *frame));
  }
}

Task<void> serve(std::shared_ptr<Hub> hub, Terms terms, std::shared_ptr<TlsLink> link) {
  if (link->stream().alpn() != kAlpn) {
    log::info("apns.courier.no_alpn", {{"wanted", std::string(kAlpn)}});
    co_return;
  }
  const Attachment attachment(hub, *link);
  CourierSession session = hub->session(attachment.id());
  apns::FrameParser parser(terms.max_frame);
  link->set_deadline(terms.connect_timeout);
  std::array<std::uint8_t, kReadSize> buffer{};
  for (;;) {
    const auto size = co_await link->stream().read_some(buffer);
    if (!size || *size == 0) co_return;
    parser.feed(BytesView(buffer).first(*size));
    const auto received = receive_all(*hub, session, parser);
    if (!received) {
      log::warn("apns.courier.closed", {{"error", received.error().message()}});
      co_return;
    }
    if (session.connected()) link->set_deadline(terms.idle_timeout);
  }
}

}  // namespace

Result<std::unique_ptr<Listener>> start_courier(const asio::any_io_executor& executor,
                                                std::shared_ptr<Hub> hub, crypto::Identity identity,
                                                CourierOptions options) {
  net::TlsServerOptions tls_options{
      .identity = std::move(identity),
      .client_certificate = net::TlsServerOptions::ClientCertificate::none,
      .client_anchors = {},
      .alpn = {std::string(kAlpn)}};
  UNDERSTUDY_TRY(net::TlsContext tls, net::TlsContext::server(tls_options));
  const Terms terms{options.connect_timeout, options.idle_timeout, options.max_frame};
  return Listener::start(executor, std::move(tls), std::move(options.listener),
                         [hub = std::move(hub), terms](std::shared_ptr<TlsLink> link) {
                           return serve(hub, terms, std::move(link));
                         });
}

}  // namespace understudy::apns_mock
