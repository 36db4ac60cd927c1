#include "server-mock/apns/courier.h"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>

#include "shared/core/log.h"

namespace understudy::apns_mock {
namespace {

constexpr std::string_view kV3 = "apns-security-v3";
constexpr std::string_view kV2 = "apns-security-v2";
/// A device sends little and rarely. One buffer serves all connections of a thread, since nothing
/// is read before it is there (see net::Stream).
constexpr std::size_t kReadSize = 4096;

std::span<std::uint8_t> read_buffer() {
  thread_local std::array<std::uint8_t, kReadSize> buffer{};
  return buffer;
}

struct Terms {
  explicit Terms(const CourierOptions& options)
      : connect(options.connect_timeout),
        frame(options.frame_timeout),
        max_frame(options.max_frame) {}
  std::chrono::milliseconds connect, frame;
  std::size_t max_frame;
};

/// A connection's place in the hub for as long as its coroutine runs.
class Attachment {
 public:
  Attachment(std::shared_ptr<Hub> hub, StreamLink& link, CourierPeer::Transport transport)
      : hub_(std::move(hub)), id_(hub_->attach(link, transport)) {}
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;
  ~Attachment() { hub_->detach(id_); }
  ConnectionId id() const { return id_; }

 private:
  std::shared_ptr<Hub> hub_;
  ConnectionId id_;
};

/// One connection: octets to frames, and what each silence may last.
class Conversation {
 public:
  Conversation(std::shared_ptr<Hub> hub, StreamLink& link, CourierPeer peer, const Terms& terms)
      : hub_(std::move(hub)),
        link_(link),
        terms_(terms),
        attachment_(hub_, link, peer.transport),
        session_(hub_->session(attachment_.id(), std::move(peer))),
        parser_(terms.max_frame) {
    link_.set_deadline(terms_.connect);
  }

  Result<void> feed(BytesView octets) {
    parser_.feed(octets);
    bool whole = false;
    for (;;) {
      UNDERSTUDY_TRY(const auto frame, parser_.next());
      if (!frame) break;
      whole = true;
      UNDERSTUDY_CHECK(hub_->receive(session_, *frame));
    }
    follow_deadlines(whole);
    return {};
  }

  /// Octets of a frame that is not whole yet.
  std::size_t unfinished() const { return parser_.buffered(); }
  std::string remote() { return net::peer_text(link_.stream().socket()); }

 private:
  /// A deadline that stands is not moved by octets that complete nothing.
  void follow_deadlines(bool whole) {
    if (!session_.connected()) return;
    if (parser_.buffered() > 0) {
      if (whole || !partial_) set_deadline(terms_.frame);
    } else {
      set_deadline(idle_limit(hub_->policies().courier_idle));
    }
    partial_ = parser_.buffered() > 0;
  }

  /// Policy courier.filter-within: from Connect on, whatever else comes before the Filter.
  void set_deadline(std::chrono::milliseconds from_now) {
    using std::chrono::milliseconds;
    const Duration within = hub_->policies().filter_within;
    if (within > Duration{0} && !session_.filtered()) {
      const auto now = std::chrono::steady_clock::now();
      if (!filter_due_) filter_due_ = now + within;
      from_now = std::min(from_now, std::chrono::ceil<milliseconds>(*filter_due_ - now));
    }
    link_.set_deadline(from_now);
  }

  std::shared_ptr<Hub> hub_;
  StreamLink& link_;
  Terms terms_;
  Attachment attachment_;
  CourierSession session_;
  apns::FrameParser parser_;
  bool partial_ = false;
  std::optional<std::chrono::steady_clock::time_point> filter_due_;
};

/// The peer closed, or was closed when its time was up.
void tell_of_truncation(const std::string& device, std::size_t unfinished) {
  if (unfinished == 0) return;
  log::warn("apns.courier.truncated",
            {{"remote", device},
             {"octets", std::to_string(unfinished)},
             {"error", "the connection ended within a frame: the rest of it never came"}});
}

/// False when the connection is to end.
bool read_all(Conversation& conversation, net::Stream& stream) {
  const auto buffer = read_buffer();
  for (;;) {
    const auto size = stream.read_now(buffer);
    if (!size || (*size && **size == 0)) {
      tell_of_truncation(conversation.remote(), conversation.unfinished());
      return false;
    }
    if (!*size) return true;
    const auto fed = conversation.feed(BytesView(buffer).first(**size));
    if (fed) continue;
    log::warn("apns.courier.closed",
              {{"remote", conversation.remote()}, {"error", fed.error().message()}});
    return false;
  }
}

/// Where a device spends its life: this frame is most of what it costs besides TLS.
Task<void> converse(std::shared_ptr<Hub> hub, Terms terms, std::shared_ptr<StreamLink> link,
                    CourierPeer peer) {
  Conversation conversation(std::move(hub), *link, std::move(peer), terms);
  net::Stream& stream = link->stream();
  while (read_all(conversation, stream)) {
    co_await stream.socket().async_wait(net::tcp::socket::wait_read, net::kInPlace);
  }
}

Task<void> leave() {
  co_return;
}

bool is_sandbox(const std::string& server_name) {
  return server_name.find(".sandbox.") != std::string::npos;
}

Task<void> serve_tls(const CourierHubs& hubs, const Terms& terms,
                     std::shared_ptr<StreamLink> link) {
  const auto& stream = static_cast<const net::TlsStream&>(link->stream());
  CourierPeer peer;
  const std::string protocol = stream.alpn();
  if (protocol == kV2) {
    peer.transport = CourierPeer::Transport::v2;
    peer.certificate = stream.peer_certificate();
  } else if (protocol != kV3) {
    log::info("apns.courier.no_alpn", {{"wanted", std::string(kV3) + " or " + std::string(kV2)}});
    return leave();
  }
  const auto& hub = is_sandbox(stream.server_name()) ? hubs.sandbox : hubs.production;
  return converse(hub, terms, std::move(link), std::move(peer));
}

}  // namespace

Result<std::unique_ptr<Listener>> start_courier(const asio::any_io_executor& executor,
                                                CourierHubs hubs, crypto::Identity identity,
                                                CourierOptions options) {
  net::TlsServerOptions tls_options{std::move(identity), {}, {}, {}};
  // Devices of v2 prove themselves in the handshake; any certificate, as with v3.
  tls_options.client_certificate = net::TlsServerOptions::ClientCertificate::optional;
  tls_options.alpn = {std::string(kV3), std::string(kV2)};
  UNDERSTUDY_TRY(net::TlsContext tls, net::TlsContext::server(tls_options));
  const Terms terms(options);
  return Listener::start(executor, Listener::with_tls(std::move(tls)), std::move(options.listener),
                         [hubs = std::move(hubs), terms](std::shared_ptr<StreamLink> link) {
                           return serve_tls(hubs, terms, std::move(link));
                         });
}

Result<std::unique_ptr<Listener>> start_light_courier(const asio::any_io_executor& executor,
                                                      std::shared_ptr<Hub> hub,
                                                      CourierOptions options) {
  boost::system::error_code no_address;
  const auto address = asio::ip::make_address(options.listener.address.host, no_address);
  if (no_address || !address.is_loopback()) {
    return fail(errc::invalid_argument,
                "light courier on " + options.listener.address.text() +
                    ": without TLS it listens on loopback only",
                "listen on 127.0.0.1, or use the courier with TLS");
  }
  const Terms terms(options);
  return Listener::start(executor, Listener::plain(), std::move(options.listener),
                         [hub = std::move(hub), terms](std::shared_ptr<StreamLink> link) {
                           CourierPeer peer;
                           peer.transport = CourierPeer::Transport::light;
                           return converse(hub, terms, std::move(link), std::move(peer));
                         });
}

}  // namespace understudy::apns_mock
