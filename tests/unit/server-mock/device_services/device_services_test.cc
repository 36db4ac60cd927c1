#include "server-mock/device_services/device_services.h"

#include "shared/io/file.h"
#include "tests/unit/server-mock/device_services/services_fixture.h"

namespace understudy::server {
namespace {

class DeviceServicesTest : public ServicesTest {
 protected:
  std::string authenticate_body() {
    mdm::Authenticate message;
    message.sender = sender("D1");
    message.topic = kTopic;
    return must(plist::write_xml(mdm::to_plist(message)));
  }
  net::HttpResponse put_raw(const std::string& path, const std::string& body,
                            const std::string& type = "") {
    net::IncomingRequest put = request("PUT", path, body);
    if (!type.empty()) put.headers.set("Content-Type", type);
    put.peer_certificate = ids_.first.certificate;
    return call(std::move(put));
  }
};

TEST_F(DeviceServicesTest, TellsCheckinsFromReports) {
  EXPECT_EQ(put_raw("/mdm", authenticate_body()).status, 200) << "by MessageType";
  EXPECT_EQ(put_raw("/mdm", authenticate_body(), "application/x-apple-aspen-mdm-checkin").status,
            200);
  EXPECT_EQ(put_raw("/checkin", authenticate_body()).status, 200);
  enroll("D1", ids_.first);
  EXPECT_EQ(idle("D1", ids_.first).status, 200);
  mdm::Report report;
  report.sender = sender("D1");
  const std::string idle_body = must(plist::write_xml(mdm::to_plist(report)));
  EXPECT_EQ(put_raw("/checkin", idle_body).status, 400) << "a report has no place there";
  EXPECT_EQ(put_raw("/mdm", idle_body, "application/x-apple-aspen-mdm-checkin").status, 400);
}

TEST_F(DeviceServicesTest, CountsWhatTheSchemaHasAgainstAMessageAndTakesIt) {
  enroll("D1", ids_.first);
  DeviceRecord phone = device("D1");
  phone.product_name = "iPhone15,2";
  phone.os_version = "18.1";
  must(store_->put_device(phone));
  store_command("U1");
  EXPECT_EQ(must(store_->counters()).count("schema_problems"), 0U);
  const plist::Dict wrong = {
      {"UDID", "D1"}, {"Status", "Acknowledged"}, {"CommandUUID", "U1"}, {"ProfileList", 7}};
  EXPECT_EQ(put(plist::Value(wrong), ids_.first).status, 200);
  EXPECT_EQ(must(store_->counters())["schema_problems"], 1);
  EXPECT_EQ(status("U1"), CommandRecord::Status::acknowledged);
}

TEST_F(DeviceServicesTest, RefusesWhatIsNoMessageWithOneLine) {
  std::string deep;
  for (int i = 0; i < 1'000'000; ++i) deep += "<array>";
  for (const std::string& body : {std::string(), std::string("hello"), std::string("<plist>"),
                                  std::string("<plist version=\"1.0\"><dict/></plist>"),
                                  std::string("<plist version=\"1.0\"><string>x</string></plist>"),
                                  "<plist version=\"1.0\">" + deep}) {
    const auto response = put_raw("/mdm", body);
    EXPECT_EQ(response.status, 400) << body.substr(0, 80);
    EXPECT_EQ(std::count(response.body.begin(), response.body.end(), '\n'), 1) << response.body;
    EXPECT_LT(response.body.size(), 400U);
  }
}

TEST_F(DeviceServicesTest, NeverAnswers401) {
  net::IncomingRequest nobody = request("PUT", "/mdm", authenticate_body());
  EXPECT_EQ(call(std::move(nobody)).status, 400);
  net::IncomingRequest foreign = request("PUT", "/mdm", authenticate_body());
  foreign.peer_certificate = ids_.foreign.certificate;
  EXPECT_EQ(call(std::move(foreign)).status, 400);
  net::IncomingRequest expired = request("PUT", "/mdm", authenticate_body());
  expired.peer_certificate = ids_.expired.certificate;
  EXPECT_EQ(call(std::move(expired)).status, 400);
  EXPECT_FALSE(must(store_->device("D1")));
}

TEST_F(DeviceServicesTest, KnowsItsRoutes) {
  const auto posted = call(request("POST", "/mdm"));
  EXPECT_EQ(posted.status, 405);
  EXPECT_EQ(posted.headers.find("Allow"), "PUT");
  EXPECT_EQ(call(request("GET", "/")).status, 404);
  for (const auto& [method, path] : DeviceServices::routes()) {
    const int status = call(request(method, path)).status;
    EXPECT_NE(status, 404) << method << " " << path;
    EXPECT_NE(status, 405) << method << " " << path;
  }
}

TEST_F(DeviceServicesTest, WritesATranscriptWithoutSecrets) {
  transcript_ = must(io::Transcript::open(dir_ / "transcript.jsonl"));
  build();
  enroll("D1", ids_.first);
  store_command("U1", "ClearPasscode", {{"UnlockToken", to_bytes("unlock")}});
  idle("D1", ids_.first);
  report("D1", ids_.first, mdm::Status::acknowledged, "U1");
  const std::string text = to_text(must(io::read_file(dir_ / "transcript.jsonl")));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  EXPECT_NE(text.find("ClearPasscode"), std::string::npos);
  EXPECT_NE(text.find("\"U1\""), std::string::npos);
  EXPECT_EQ(text.find(base64_encode(as_bytes("unlock"))), std::string::npos);
  EXPECT_EQ(text.find(">magic<"), std::string::npos);
}

}  // namespace
}  // namespace understudy::server
