#include "server-mock/workflow/push_client.h"

#include <boost/asio/io_context.hpp>

#include "server-mock/apns/service.h"
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
  const PushAnswer foreign = push(client, "com.apple.mgmt.External.another");
  EXPECT_EQ(foreign.status, 400);
  EXPECT_NE(foreign.reason, "BadDeviceToken");
}

TEST_F(PushClientTest, SaysWhyThereIsNoAnswer) {
  PushClient stranger(*store_, http_, url(), {make_ca().certificate()});
  const PushAnswer untrusted = push(stranger);
  EXPECT_EQ(untrusted.status, 0);
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
}

}  // namespace
}  // namespace understudy::server
