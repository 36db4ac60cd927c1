#include "shared/crypto/ca.h"
#include "shared/plist/plist.h"
#include "tests/unit/server-mock/console/api_fixture.h"

namespace understudy::server {
namespace {

class NanoMdmRoutesTest : public ApiTest {
 protected:
  NanoMdmRoutesTest() {
    DeviceRecord second = *must(store_->device("D1"));
    second.id = "D2";
    must(store_->put_device(second));
  }
  static std::string command_xml(const std::string& uuid = "U1") {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>"
           "<key>Command</key><dict><key>RequestType</key><string>ProfileList</string></dict>"
           "<key>CommandUUID</key><string>" +
           uuid + "</string></dict></plist>";
  }
  static std::string push_pem(const std::string& topic,
                              Duration lifetime = std::chrono::hours(24)) {
    const TimePoint now(std::chrono::seconds(1'700'000'000));
    return must(crypto::CertificateAuthority::create(
                    crypto::Name::of({{std::string(crypto::kUidOid), topic}, {"CN", "push"}}),
                    crypto::KeyType::p256, now, now + lifetime))
        .identity()
        .pem();
  }
};

TEST_F(NanoMdmRoutesTest, EnqueuesForSeveralDevices) {
  const auto answer = json(200, "PUT", "/v1/enqueue/D1,D2", command_xml());
  EXPECT_EQ(answer["command_uuid"], "U1");
  EXPECT_EQ(answer["request_type"], "ProfileList");
  EXPECT_FALSE(answer.contains("no_push"));
  for (const char* id : {"D1", "D2"}) {
    const std::string apns_id = answer["status"][id]["push_result"];
    EXPECT_EQ(must(store_->push_by_apns_id(apns_id))->device_id, id);
  }
  EXPECT_EQ(must(store_->event_read(10)).at(1).body, command_xml()) << "the octets as they came";
}

TEST_F(NanoMdmRoutesTest, EnqueuesWithoutAPush) {
  const auto answer = json(200, "POST", "/v1/enqueue/D1?nopush=1", command_xml());
  EXPECT_EQ(answer, nlohmann::json::parse(
                        R"({"no_push":true,"command_uuid":"U1","request_type":"ProfileList"})"));
  EXPECT_EQ(must(store_->queue_depths()).outbound_push, 0);
}

TEST_F(NanoMdmRoutesTest, SaysWhichDevicesFailed) {
  const auto some = json(207, "PUT", "/v1/enqueue/D1,D9", command_xml());
  EXPECT_TRUE(some["status"]["D1"].contains("push_result"));
  EXPECT_TRUE(some["status"]["D9"].contains("command_error"));
  const auto all = json(500, "PUT", "/v1/enqueue/D8,D9", command_xml("U2"));
  EXPECT_EQ(all["status"].size(), 2U);
  EXPECT_TRUE(json(500, "GET", "/v1/push/D9")["status"]["D9"].contains("push_error"));
  EXPECT_EQ(json(207, "PUT", "/v1/push/D1,,D2")["status"].size(), 3U);
}

TEST_F(NanoMdmRoutesTest, RefusesWhatIsNoCommand) {
  for (const char* body : {"", "hello", "<plist version=\"1.0\"><dict/></plist>"}) {
    EXPECT_TRUE(json(400, "PUT", "/v1/enqueue/D1", body).contains("command_error")) << body;
  }
  const auto empty = json(400, "PUT", "/v1/enqueue/D1", command_xml(""));
  EXPECT_NE(empty["command_error"].get<std::string>().find("CommandUUID is empty"),
            std::string::npos)
      << empty;
  EXPECT_EQ(must(store_->queue_depths()).event_log, 0);
}

TEST_F(NanoMdmRoutesTest, AnswersARepeatedEnqueueWithoutQueueingTwice) {
  const auto first = json(200, "PUT", "/v1/enqueue/D1", command_xml());
  EXPECT_FALSE(first["status"]["D1"].contains("already_queued"));
  const auto again = json(200, "PUT", "/v1/enqueue/D1,D2", command_xml());
  EXPECT_EQ(again["command_uuid"], "U1");
  EXPECT_EQ(again["status"]["D1"],
            nlohmann::json::parse(R"({"already_queued":true,"command_status":"queued"})"));
  EXPECT_TRUE(again["status"]["D2"].contains("push_result"));
  EXPECT_EQ(must(store_->queue_depths()).event_log, 2);
}

TEST_F(NanoMdmRoutesTest, SaysWhatTheSchemaHasAgainstACommandAndQueuesIt) {
  DeviceRecord phone = must(store_->device("D1")).value();
  phone.product_name = "iPhone15,2";
  phone.os_version = "18.1";
  must(store_->put_device(phone));
  const auto good = json(200, "PUT", "/v1/enqueue/D1", command_xml());
  EXPECT_FALSE(good["status"]["D1"].contains("schema_problems")) << good;
  const auto bad =
      json(200, "PUT", "/v1/enqueue/D1,D2",
           must(plist::write_xml(plist::Dict{
               {"CommandUUID", "U2"},
               {"Command", plist::Dict{{"RequestType", "DeviceLock"}, {"Message", 5}}}})));
  ASSERT_EQ(bad["status"]["D1"]["schema_problems"].size(), 1U) << bad;
  EXPECT_EQ(bad["status"]["D1"]["schema_problems"][0],
            "Command.Message: is <integer>, should be <string>");
  EXPECT_FALSE(bad["status"]["D2"].contains("schema_problems")) << "nobody knows what it is";
  EXPECT_EQ(must(store_->queue_depths()).event_log, 3) << "it is sent all the same";
  const auto acted = json(202, "POST", "/v1/devices/D1/actions",
                          R"({"action": "command", "command": {"RequestType": "Nonsense"}})");
  EXPECT_EQ(acted["schema_problems"].size(), 1U) << acted;
}

TEST_F(NanoMdmRoutesTest, RefusesTheUuidOfAnotherCommand) {
  json(200, "PUT", "/v1/enqueue/D1", command_xml());
  std::string other = command_xml();
  other.replace(other.find("ProfileList"), 11, "DeviceLock");
  const auto refused = json(409, "PUT", "/v1/enqueue/D1", other);
  EXPECT_NE(refused["status"]["D1"]["command_error"].get<std::string>().find("ProfileList"),
            std::string::npos);
  EXPECT_EQ(must(store_->queue_depths()).event_log, 1);
  const auto some = json(207, "PUT", "/v1/enqueue/D1,D2", other);
  EXPECT_TRUE(some["status"]["D2"].contains("push_result"));
}

TEST_F(NanoMdmRoutesTest, PushesWithoutACommand) {
  const auto answer = json(200, "GET", "/v1/push/D1");
  const std::string apns_id = answer["status"]["D1"]["push_result"];
  EXPECT_EQ(must(store_->push_by_apns_id(apns_id))->command_uuid, "");
}

TEST_F(NanoMdmRoutesTest, TakesAPushCertificate) {
  json(404, "GET", "/v1/pushcert");
  const std::string topic = "com.apple.mgmt.External.1";
  const auto put = json(200, "PUT", "/v1/pushcert", push_pem(topic));
  EXPECT_EQ(put["topic"], topic);
  EXPECT_EQ(put["not_after"], "2023-11-15T22:13:20.000000Z");
  EXPECT_EQ(json(200, "GET", "/v1/pushcert"), put);
  EXPECT_EQ(json(200, "GET", "/v1/pushcert?topic=" + topic), put);
  json(404, "GET", "/v1/pushcert?topic=another");
  EXPECT_EQ(certificate_changes_, 1);
}

TEST_F(NanoMdmRoutesTest, TakesCertificateAndKeyWithoutALineBreakBetween) {
  std::string pem = push_pem("com.apple.mgmt.External.2");
  const std::size_t joint = pem.find("-----\n-----BEGIN");
  ASSERT_NE(joint, std::string::npos);
  pem.erase(joint + 5, 1);
  EXPECT_EQ(json(200, "PUT", "/v1/pushcert", pem)["topic"], "com.apple.mgmt.External.2");
}

TEST_F(NanoMdmRoutesTest, TakesARenewedCertificate) {
  json(200, "PUT", "/v1/pushcert", push_pem("com.apple.mgmt.x"));
  const auto renewed =
      json(200, "PUT", "/v1/pushcert", push_pem("com.apple.mgmt.x", std::chrono::hours(48)));
  EXPECT_EQ(renewed["not_after"], "2023-11-16T22:13:20.000000Z");
  EXPECT_EQ(certificate_changes_, 2);
}

TEST_F(NanoMdmRoutesTest, RefusesAChangedTopicThatStrandsDevices) {
  DeviceRecord user = *must(store_->device("D1"));
  user.id = "D1:USER";
  must(store_->put_device(user));
  DeviceRecord gone = *must(store_->device("D1"));
  gone.id = "D3";
  gone.state = DeviceRecord::State::checked_out;
  must(store_->put_device(gone));
  const std::string in_use = "com.apple.mgmt.x";  // that of D1 and D2
  json(200, "PUT", "/v1/pushcert", push_pem(in_use));
  const std::string other = push_pem("com.apple.mgmt.External.other");
  const auto refused = json(409, "PUT", "/v1/pushcert", other);
  EXPECT_EQ(refused["stranded_devices"], 2);
  EXPECT_NE(refused["error"].get<std::string>().find("2 enrolled devices"), std::string::npos);
  EXPECT_EQ(json(200, "GET", "/v1/pushcert")["topic"], in_use);
  EXPECT_EQ(certificate_changes_, 1);
  json(409, "PUT", "/v1/pushcert?force=0", other);
  json(200, "PUT", "/v1/pushcert?force=1", other);
  EXPECT_EQ(json(200, "GET", "/v1/pushcert")["topic"], "com.apple.mgmt.External.other");
  EXPECT_EQ(certificate_changes_, 2);
}

TEST_F(NanoMdmRoutesTest, TakesAChangedTopicThatStrandsNobody) {
  json(200, "PUT", "/v1/pushcert", push_pem("com.apple.mgmt.External.1"));
  json(200, "PUT", "/v1/pushcert", push_pem("com.apple.mgmt.External.2"));
}

TEST_F(NanoMdmRoutesTest, KeepsACertificateForEachEnvironment) {
  json(200, "PUT", "/v1/pushcert", push_pem("com.apple.mgmt.External.1"));
  const std::string sandbox = push_pem("com.apple.mgmt.External.2");
  json(200, "PUT", "/v1/pushcert?environment=sandbox", sandbox);
  const auto topic = [&](const std::string& query) {
    return json(200, "GET", "/v1/pushcert" + query)["topic"].get<std::string>();
  };
  EXPECT_EQ(topic(""), "com.apple.mgmt.External.1");
  EXPECT_EQ(topic("?environment=sandbox"), "com.apple.mgmt.External.2");
  EXPECT_EQ(topic("?topic=com.apple.mgmt.External.2"), "com.apple.mgmt.External.2");
  json(404, "GET", "/v1/pushcert?environment=production&topic=com.apple.mgmt.External.2");
  json(400, "PUT", "/v1/pushcert?environment=another", sandbox);
  json(400, "GET", "/v1/pushcert?environment=another");
}

TEST_F(NanoMdmRoutesTest, RefusesACertificateThatRanOutOrAKeyThatDoesNotFit) {
  const std::string pem = push_pem("com.apple.mgmt.x");
  const std::string other = push_pem("com.apple.mgmt.x");
  const std::size_t key = pem.find("-----BEGIN PRIVATE KEY");
  ASSERT_NE(key, std::string::npos);
  const std::string mixed = pem.substr(0, key) + other.substr(other.find("-----BEGIN PRIVATE KEY"));
  EXPECT_NE(json(400, "PUT", "/v1/pushcert", mixed)["error"].get<std::string>().find("key"),
            std::string::npos);
  clock_->advance(std::chrono::hours(25));
  const auto expired = json(400, "PUT", "/v1/pushcert", pem);
  EXPECT_NE(expired["error"].get<std::string>().find("ran out"), std::string::npos);
  EXPECT_EQ(certificate_changes_, 0);
}

TEST_F(NanoMdmRoutesTest, ListsNotificationsNewestFirst) {
  EXPECT_EQ(json(200, "GET", "/v1/notifications")["notifications"].size(), 0U);
  for (const int days : {30, 0}) {
    NotificationRecord record;
    record.at = clock_->now();
    record.environment = "production";
    record.certificate = "abc";
    record.days = days;
    EXPECT_TRUE(must(store_->add_notification(record)));
    EXPECT_FALSE(must(store_->add_notification(record)));
  }
  const auto all = json(200, "GET", "/v1/notifications")["notifications"];
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["kind"], "push_certificate_expired");
  EXPECT_EQ(all[1]["kind"], "push_certificate_expires");
  EXPECT_EQ(all[1]["days"], 30);
}

TEST_F(NanoMdmRoutesTest, SaysWhatAPushCertificateLacks) {
  const std::string pem = push_pem("com.apple.mgmt.x");
  const std::size_t key = pem.find("-----BEGIN PRIVATE KEY");
  const std::string encrypted =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
  const std::vector<std::pair<std::string, std::string>> lacking = {
      {pem.substr(0, key), "has no private key"},
      {pem.substr(key), "has no certificate"},
      {"hello", "has neither certificate nor private key"},
      {pem.substr(0, key) + encrypted, "has an encrypted private key"}};
  for (const auto& [body, words] : lacking) {
    const std::string error = json(400, "PUT", "/v1/pushcert", body)["error"];
    EXPECT_NE(error.find(words), std::string::npos) << error;
    EXPECT_NE(error.find("one PEM with certificate and unencrypted key"), std::string::npos)
        << error;
  }
}

TEST_F(NanoMdmRoutesTest, RefusesWhatIsNoPushCertificate) {
  for (const std::string& body : {std::string(), std::string("hello"), push_pem("another.topic"),
                                  push_pem("com.apple.mgmt.x").substr(0, 300)}) {
    EXPECT_TRUE(json(400, "PUT", "/v1/pushcert", body).contains("error"));
  }
  EXPECT_EQ(certificate_changes_, 0);
}

}  // namespace
}  // namespace understudy::server
