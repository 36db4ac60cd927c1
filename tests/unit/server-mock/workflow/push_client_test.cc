#include "server-mock/workflow/push_client.h"

#include <boost/asio/io_context.hpp>

#include "server-mock/apns/service.h"
#include "shared/net/tls.h"
#include "tests/support/run_task.h"
#include "tests/unit/server-mock/store/store_fixture.h"

namespace understudy::server {
namespace {

const std::string kTopic = "com.apple.mgmt.External.00000000-0000-0000-0000-000000000001";

/// Against the mock APNs over real TLS and HTTP/2.
class PushClientTest : public StoreTest {
 protected:
  PushClientTest() : ca_(make_ca()) {
    apns_mock::ApnsOptions options;
    options.data_dir = dir_ / "apns";
    options.server_ca = ca_;
    apns_ =
        must(apns_mock::ApnsService::start(io_.get_executor(), clock_, Rng(1), std::move(options)));
    const auto identity = must(apns_->authority().issue_identity(kTopic, clock_.now()));
    must(store_->put_push_certificate(
        {"production", identity.pem(), kTopic, identity.certificate.not_after()}));
  }
  static crypto::CertificateAuthority make_ca() {
    const TimePoint now = SystemClock().now();
    return must(crypto::CertificateAuthority::create(
        crypto::Name::of({{"CN", "test CA"}}), crypto::KeyType::p256, now - std::chrono::hours(1),
        now + std::chrono::hours(24)));
  }
  crypto::Identity server_identity() const {
    auto key = must(crypto::PrivateKey::generate(crypto::KeyType::p256));
    crypto::CertificateSpec spec;
    spec.subject = crypto::Name::of({{"CN", "127.0.0.1"}});
    spec.alt_names.ip = {"127.0.0.1"};
    spec.purpose = crypto::CertificateSpec::Purpose::tls_server;
    spec.not_before = ca_.certificate().not_before();
    spec.not_after = ca_.certificate().not_after();
    auto certificate = must(ca_.issue(spec, key.public_key()));
    return {std::move(key), std::move(certificate), {ca_.certificate()}};
  }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(apns_->ports().provider); }
  PushAnswer push(PushClient& client, const std::string& topic = kTopic) {
    PushRequest request;
    request.token = Bytes(32, 0xab);
    request.push_magic = "magic";
    request.topic = topic;
    request.apns_id = "5736F13F-E2A2-48B9-A21C-3973BDAA4054";
    request.expiration = clock_.now() + std::chrono::hours(1);
    return support::run_task(io_, client.push(std::move(request)));
  }

  asio::io_context io_;
  SystemClock clock_;
  crypto::CertificateAuthority ca_;
  std::unique_ptr<apns_mock::ApnsService> apns_;
  net::HttpClient http_{io_.get_executor()};
};

TEST_F(PushClientTest, ReportsApnsReason) {
  PushClient client(*store_, http_, url(), {ca_.certificate()});
  const PushAnswer answer = push(client);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.reason, "BadDeviceToken") << "certificate, topic and path were taken";
  EXPECT_FALSE(answer.certificate_refused);
}

TEST_F(PushClientTest, AsksForACertificateOfTheTopic) {
  PushClient client(*store_, http_, url(), {ca_.certificate()});
  const PushAnswer answer = push(client, "com.apple.mgmt.External.another");
  EXPECT_EQ(answer.status, 0);
  EXPECT_TRUE(answer.certificate_refused);
  EXPECT_NE(answer.reason.find("topic com.apple.mgmt.External.another"), std::string::npos);
}

TEST_F(PushClientTest, TakesTheCertificateAndTheUrlOfTheTopicsEnvironment) {
  const std::string topic = "com.apple.mgmt.External.sandbox";
  const auto identity = must(apns_->authority().issue_identity(topic, clock_.now()));
  must(store_->put_push_certificate(
      {"sandbox", identity.pem(), topic, identity.certificate.not_after()}));
  PushClient one_url(*store_, http_, url(), {ca_.certificate()});
  EXPECT_EQ(push(one_url).reason, "BadDeviceToken");
  EXPECT_EQ(push(one_url, topic).reason, "BadDeviceToken");
  PushClient two_urls(*store_, http_, "https://127.0.0.1:1", {ca_.certificate()}, url());
  EXPECT_EQ(push(two_urls).status, 0);
  EXPECT_EQ(push(two_urls, topic).reason, "BadDeviceToken");
}

TEST_F(PushClientTest, KnowsARefusalOfTheCertificate) {
  const auto foreign = must(apns_mock::PushAuthority::open(dir_ / "elsewhere", clock_.now()));
  const auto identity = must(foreign.issue_identity(kTopic, clock_.now()));
  must(store_->put_push_certificate(
      {"production", identity.pem(), kTopic, identity.certificate.not_after()}));
  PushClient client(*store_, http_, url(), {ca_.certificate()});
  const PushAnswer answer = push(client);
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.reason, "BadCertificate");
  EXPECT_TRUE(answer.certificate_refused);
}

/// nghttp2 is not needed: the handshake already ends it.
Task<void> refuse_one(net::tcp::acceptor acceptor, const net::TlsContext& context) {
  auto [ec, socket] = co_await acceptor.async_accept(net::kAsTuple);
  if (ec) co_return;
  net::TlsStream stream(std::move(socket), context);
  const auto shaken = co_await stream.handshake();
  EXPECT_FALSE(shaken);
  // In TLS 1.3 the client has spoken already: what is not read would reset its connection, and the
  // alert with it.
  stream.socket().shutdown(net::tcp::socket::shutdown_send);
  std::array<std::uint8_t, 4096> rest{};
  for (boost::system::error_code end; !end;) {
    auto [error, size] =
        co_await stream.socket().async_read_some(asio::buffer(rest), net::kAsTuple);
    end = error;
  }
}

TEST_F(PushClientTest, KnowsARefusalOfTheCertificateByAnAlert) {
  using Alert = net::CertificateAlert;
  for (const Alert alert :
       {Alert::certificate_revoked, Alert::certificate_expired, Alert::internal_error}) {
    net::TlsServerOptions options{server_identity(), {}, {}, {"h2"}};
    options.client_certificate = net::TlsServerOptions::ClientCertificate::required;
    options.judge = [alert](const crypto::Certificate&) { return alert; };
    const net::TlsContext context = must(net::TlsContext::server(options));
    auto acceptor = must(net::listen(io_.get_executor(), {"127.0.0.1", 0}));
    const std::string refusing =
        "https://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
    net::spawn(io_.get_executor(), "refuse", refuse_one(std::move(acceptor), context));
    PushClient client(*store_, http_, refusing, {ca_.certificate()});
    const PushAnswer answer = push(client);
    EXPECT_EQ(answer.status, 0);
    EXPECT_TRUE(answer.certificate_refused) << answer.reason;
  }
}

TEST_F(PushClientTest, SaysWhyThereIsNoAnswer) {
  PushClient stranger(*store_, http_, url(), {make_ca().certificate()});
  const PushAnswer untrusted = push(stranger);
  EXPECT_EQ(untrusted.status, 0);
  EXPECT_FALSE(untrusted.certificate_refused) << "it is we who refuse";
  EXPECT_FALSE(untrusted.reason.empty());
  apns_->stop();
  PushClient client(*store_, http_, url(), {ca_.certificate()});
  const PushAnswer refused = push(client);
  EXPECT_EQ(refused.status, 0);
  EXPECT_FALSE(refused.reason.empty());
}

TEST_F(PushClientTest, UsesTheCertificateOfTheStoreAfterAReload) {
  PushClient client(*store_, http_, url(), {ca_.certificate()});
  EXPECT_EQ(push(client).reason, "BadDeviceToken");
  const std::string other = "com.apple.mgmt.External.00000000-0000-0000-0000-000000000002";
  const auto identity = must(apns_->authority().issue_identity(other, clock_.now()));
  must(store_->put_push_certificate(
      {"production", identity.pem(), other, identity.certificate.not_after()}));
  client.reload();
  EXPECT_NE(push(client).reason, "BadDeviceToken") << "the old topic is not this certificate's";
  EXPECT_EQ(push(client, other).reason, "BadDeviceToken");
}

TEST_F(PushClientTest, NeedsAPushCertificate) {
  store_ = must(SqliteStore::open(dir_ / "empty.db"));
  PushClient client(*store_, http_, url(), {ca_.certificate()});
  const PushAnswer answer = push(client);
  EXPECT_EQ(answer.status, 0);
  EXPECT_NE(answer.reason.find("push certificate"), std::string::npos);
  EXPECT_TRUE(answer.certificate_refused);
}

}  // namespace
}  // namespace understudy::server
