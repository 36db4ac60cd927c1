/// Peers that begin something and do not finish it: each is timed out, on either side.

#include "shared/apns/nonce.h"
#include "tests/support/run_task.h"
#include "tests/unit/server-mock/apns/service_harness.h"

namespace understudy::apns_mock {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kShort{200};
constexpr milliseconds kLong{60'000};
const std::string kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const Bytes kSettings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
/// POST https / on stream 1, and a body to follow.
const Bytes kBegunRequest = {0, 0, 3, 1, 4, 0, 0, 0, 1, 0x83, 0x87, 0x84};

Bytes joined(std::initializer_list<BytesView> pieces) {
  Bytes all;
  for (const BytesView piece : pieces) all.insert(all.end(), piece.begin(), piece.end());
  return all;
}

/// Everything the peer says until it closes.
Task<std::string> read_to_end(net::Stream& stream) {
  std::string heard;
  Bytes buffer(4096);
  for (;;) {
    const auto size = co_await stream.read_some(buffer);
    if (!size || *size == 0) co_return heard;
    heard += to_text(BytesView(buffer).first(*size));
  }
}

Task<std::string> say(net::Stream& stream, Bytes octets) {
  const auto shaken = co_await stream.handshake();
  if (!shaken) co_return shaken.error().message();
  const auto written = co_await stream.write(octets);
  if (!written) co_return written.error().message();
  co_return co_await read_to_end(stream);
}

class SlowPeerTest : public ServiceTest {
 protected:
  SlowPeerTest() {
    options.light.emplace();
    options.light->host = "127.0.0.1";
    for (auto* timeout :
         {&options.courier_options.connect_timeout, &options.courier_options.frame_timeout,
          &options.provider_options.request_timeout}) {
      *timeout = kLong;
    }
    options.policies.courier_idle = options.policies.provider_idle = kLong;
  }
  net::tcp::socket socket_to(std::uint16_t port) {
    net::tcp::socket socket(client_io);
    socket.connect({asio::ip::address_v4::loopback(), port});
    return socket;
  }
  std::string to_courier(Bytes octets) {
    net::PlainStream stream(socket_to(ports.light));
    return support::run_task(client_io, say(stream, std::move(octets)));
  }
  std::string to_provider(Bytes octets) {
    net::TlsClientOptions tls;
    tls.anchors = {Certificates::get().server_ca.certificate()};
    tls.alpn = {"h2"};
    const auto context = net::TlsContext::client(tls).value();
    net::TlsStream stream(socket_to(ports.provider), context);
    return support::run_task(client_io, say(stream, std::move(octets)));
  }
  static Bytes connect_frame() {
    const crypto::Identity& device = Certificates::get().device;
    Rng rng(1);
    apns::Connect connect;
    connect.certificate = device.certificate.der();
    connect.nonce = apns::make_nonce(SystemClock().now(), rng);
    connect.signature = apns::sign_nonce(device.key, connect.nonce).value();
    return apns::encode_message(connect).value();
  }
  asio::io_context client_io;
};

TEST_F(SlowPeerTest, ADeviceThatNeverConnectsIsClosed) {
  options.courier_options.connect_timeout = kShort;
  start();
  EXPECT_EQ(to_courier({0x07, 0x00}), "");
}

TEST_F(SlowPeerTest, ADeviceThatSendsHalfAFrameIsClosed) {
  options.courier_options.frame_timeout = kShort;
  start();
  const Bytes half = {0x0c, 0x00, 0x00};
  EXPECT_NE(to_courier(joined({connect_frame(), half})), "") << "its Connect was answered";
}

TEST_F(SlowPeerTest, ADeviceThatIsSilentForTooLongIsClosed) {
  options.policies.courier_idle = kShort;
  start();
  EXPECT_NE(to_courier(connect_frame()), "");
}

TEST_F(SlowPeerTest, AProviderThatNeverFinishesItsRequestIsClosed) {
  options.provider_options.request_timeout = kShort;
  start();
  EXPECT_NE(to_provider(joined({as_bytes(kPreface), kSettings, kBegunRequest})), "");
}

TEST_F(SlowPeerTest, AProviderThatIsSilentHearsIdleTimeout) {
  options.policies.provider_idle = kShort;
  start();
  EXPECT_NE(
      to_provider(joined({as_bytes(kPreface), kSettings})).find(R"({"reason":"IdleTimeout"})"),
      std::string::npos);
}

TEST_F(SlowPeerTest, AProviderThatSaysNothingIsClosedByTheHandshakesDeadline) {
  options.provider_options.listener.handshake_timeout = kShort;
  start();
  EXPECT_NE(to_provider(to_bytes("PRI * HT")), "") << "our SETTINGS";
}

}  // namespace
}  // namespace understudy::apns_mock
