// The part every administrator lives through once a year: the push certificate runs out, is
// renewed, or is mistaken for a new one. A year passes under virtual time.

#include "server-mock/apns/push_authority.h"
#include "tests/integration/push_fixture.h"

namespace understudy::server {
namespace {

using std::chrono::days;
using std::chrono::hours;

class ServerCertificate : public ServerPush {
 protected:
  void set_forward(std::chrono::seconds step) {
    const json body{{"advance_seconds", step.count()}};
    api_json(200, {"-d", body.dump()}, "/v1/clock");
  }
  /// As another process: its clock begins with what the folder remembers.
  void restart_after(Duration downtime) {
    stop();
    clock_ = VirtualClock::flowing();
    clock_->advance(downtime);
    start();
  }
  /// The thresholds notified so far, oldest first, once there are that many.
  std::vector<int> reminded(std::size_t count) {
    std::vector<int> thresholds;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    do {
      thresholds.clear();
      const json answer = api_json(200, {}, "/v1/notifications");
      for (const json& entry : answer["notifications"]) {
        thresholds.insert(thresholds.begin(), entry["days"].get<int>());
      }
    } while (thresholds.size() < count && std::chrono::steady_clock::now() < until);
    return thresholds;
  }
  /// A certificate of the mock's own CA, valid from now for a year, with its key, as a file.
  std::string certificate(const std::string& topic) {
    const auto authority =
        apns_mock::PushAuthority::open(dir_ / "server" / "apns", clock_->now()).value();
    const auto identity = authority.issue_identity(topic, clock_->now()).value();
    write("push.pem", as_bytes(identity.certificate.pem() + identity.key.pem()));
    return file("push.pem");
  }
  json counters() { return api_json(200, {}, "/v1/counters"); }
  /// A push that falls due is tried by the server's own thread, in its own time.
  void wait_for_refusals(int count) {
    int refusals = 0;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    do {
      refusals = counters()["push_certificate_refusals"];
    } while (refusals < count && std::chrono::steady_clock::now() < until);
    EXPECT_GE(refusals, count);
  }
};

using Days = std::vector<int>;

TEST_F(ServerCertificate, RemindsThroughAYearAndStartsAnewWhenRenewed) {
  set_forward(days(334));
  EXPECT_EQ(reminded(0), Days{});
  set_forward(days(1));
  EXPECT_EQ(reminded(1), Days{30});
  set_forward(days(16));
  EXPECT_EQ(reminded(2), (Days{30, 14}));
  restart_after(hours(0));
  EXPECT_EQ(reminded(2), (Days{30, 14})) << "not again after a restart";
  restart_after(days(13));  // down over the threshold of a week
  EXPECT_EQ(reminded(3), (Days{30, 14, 1}));

  const json renewed = api_json(200, {"-T", certificate(ready("topic"))}, "/v1/pushcert");
  EXPECT_EQ(renewed["topic"], ready("topic"));
  set_forward(days(2));
  set_forward(days(332));
  EXPECT_EQ(reminded(3).size(), 3U) << "the renewed one has its own year";
  set_forward(days(1));
  EXPECT_EQ(reminded(4), (Days{30, 14, 1, 30}));
  set_forward(days(31));
  EXPECT_EQ(reminded(5), (Days{30, 14, 1, 30, 0}));
  EXPECT_EQ(counters()["push_certificate_reminders"], 5);
}

TEST_F(ServerCertificate, PushesFailVisiblyUntilTheRenewedOneIsUploaded) {
  enroll_with_token();
  set_forward(days(366));
  enqueue("D1", "U1");
  EXPECT_EQ(wait_for_hop("U1", "push_retry"), "403 BadCertificate");
  wait_for_refusals(1);
  const int refusals = counters()["push_certificate_refusals"];
  set_forward(hours(24));
  wait_for_refusals(refusals + 1);
  EXPECT_EQ(api_json(200, {}, "/v1/queues")["outbound_push"], 1) << "a day later it still waits";

  api_json(200, {"-T", certificate(ready("topic"))}, "/v1/pushcert");
  wait_for_hop("U1", "push_sent");
  EXPECT_EQ(counters()["pushes_failed"], 0);
}

/// The renewal as an administrator does it: a vendor's request by openssl and Python, the portal by
/// curl. From then until the upload nothing is pushed.
TEST_F(ServerCertificate, ARenewalIsAnOutageUntilItIsUploaded) {
  enroll_with_token();
  enqueue("D1", "U1");
  wait_for_hop("U1", "push_sent");  // and the connection stays open
  set_forward(days(340));
  const std::string maker = std::string(UNDERSTUDY_SOURCE_DIR) + "/tests/support/vendor_request.py";
  // Its certificates begin by the machine's clock, and last until the portal sees them.
  const auto made =
      support::run({"/usr/bin/python3", maker, dir_.path().string(), "--days", "700"});
  ASSERT_EQ(made.status, 0) << made.err;
  const Arguments upload = {"--data-binary", "@" + file("request.b64")};
  const json issued = api_json(200, upload, "/v1/apns/certificates/renew?topic=" + ready("topic"));
  EXPECT_EQ(issued["topics"][0], ready("topic"));
  EXPECT_EQ(issued["vendor"]["subject"], "O=Vendor Inc., CN=MDM Vendor: Example");

  enqueue("D1", "U2");
  EXPECT_EQ(wait_for_hop("U2", "push_retry"), "403 BadCertificate");
  const int refusals = counters()["push_certificate_refusals"];
  set_forward(hours(24));
  wait_for_refusals(refusals + 1);

  const auto key = io::read_file(dir_ / "customer.key");
  ASSERT_TRUE(key);
  write("renewed.pem", as_bytes(issued["pem"].get<std::string>() + to_text(*key)));
  api_json(200, {"-T", file("renewed.pem")}, "/v1/pushcert");
  wait_for_hop("U2", "push_sent");
  EXPECT_EQ(counters()["pushes_failed"], 0);
  EXPECT_EQ(api_json(200, {}, "/v1/apns/certificates")["certificates"].size(), 2U);
}

TEST_F(ServerCertificate, AChangedTopicIsRefusedUntilForcedAndStrandsTheDevice) {
  enroll_with_token();
  const std::string topic = ready("topic");
  const std::string other = "com.apple.mgmt.External.00000000-0000-0000-0000-00000000000e";
  const json refused = api_json(409, {"-T", certificate(other)}, "/v1/pushcert");
  EXPECT_EQ(refused["stranded_devices"], 1);
  EXPECT_EQ(api_json(200, {}, "/v1/pushcert")["topic"], topic);
  enqueue("D1", "U1");
  wait_for_hop("U1", "push_sent");

  api_json(200, {"-T", certificate(other)}, "/v1/pushcert?force=1");
  enqueue("D1", "U2");
  EXPECT_NE(wait_for_hop("U2", "push_retry").find("no push certificate for topic " + topic),
            std::string::npos);
  api_json(200, {"-T", certificate(topic)}, "/v1/pushcert");
  wait_for_hop("U2", "push_sent");
}

}  // namespace
}  // namespace understudy::server
