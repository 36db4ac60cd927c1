// Every row of the provider API's table of answers, provoked over real HTTP/2 by two clients that
// we did not write, and compared whole. The table: docs/protocol/provider-api.md.

#include <regex>

#include "tests/integration/apns_program_fixture.h"

namespace understudy::server {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

const std::string kId = "123e4567-e89b-12d3-a456-426614174000";
const std::string kPayload = R"({"mdm":"magic"})";
const std::string kOtherTopic = "com.apple.mgmt.External.99999999-2222-3333-4444-555555555555";

/// One request, and what must come back.
struct Row {
  int status = 200;
  std::string reason;             ///< empty: no body
  std::string identity = "push";  ///< NAME.pem; empty: no client certificate
  std::string method = "POST";
  std::string path = "/3/device/" + kUnknownToken;
  Headers headers;
  std::string body = kPayload;

  Row(int want_status, std::string want_reason)
      : status(want_status), reason(std::move(want_reason)) {}
  Row with(Headers more) && {
    headers = std::move(more);
    return std::move(*this);
  }
  Row to(std::string where) && {
    path = std::move(where);
    return std::move(*this);
  }
  Row by(std::string name) && {
    identity = std::move(name);
    return std::move(*this);
  }
  Row by_method(std::string name) && {
    method = std::move(name);
    return std::move(*this);
  }
  Row of(std::string text) && {
    body = std::move(text);
    return std::move(*this);
  }

  json expected_body() const { return reason.empty() ? json() : json{{"reason", reason}}; }
  /// The request's own id where it has a legal one, else one that Apple would make.
  std::regex expected_id() const {
    for (const auto& [name, value] : headers) {
      if (name == "apns-id" && reason != "BadMessageId") return std::regex(value);
    }
    return std::regex("[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}");
  }
  std::string label() const {
    return std::to_string(status) + " " + reason + " for " + method + " " + path;
  }
};

/// What can be asked of a server that knows one token of `kPushTopic`.
std::vector<Row> rows(const std::string& token) {
  const std::string device = "/3/device/";
  std::vector<Row> rows;
  const auto row = [](int status, const char* reason) { return Row(status, reason); };
  // 200
  rows.push_back(row(200, "").to(device + token));
  rows.push_back(row(200, "")
                     .to(device + token)
                     .with({{"apns-id", kId},
                            {"apns-topic", kPushTopic},
                            {"apns-push-type", "mdm"},
                            {"apns-priority", "10"},
                            {"apns-expiration", "0"},
                            {"apns-collapse-id", "c"},
                            {"authorization", "bearer a.b.c"}}));
  // 400
  rows.push_back(row(400, "BadCollapseId").with({{"apns-collapse-id", std::string(65, 'c')}}));
  rows.push_back(row(400, "BadDeviceToken"));
  rows.push_back(row(400, "BadDeviceToken").with({{"apns-id", kId}}));
  rows.push_back(row(400, "BadDeviceToken").to(device + std::string(28, 'b')));
  rows.push_back(row(400, "BadDeviceToken").to(device + std::string(64, 'z')));
  rows.push_back(row(400, "BadExpirationDate").with({{"apns-expiration", "tomorrow"}}));
  rows.push_back(row(400, "BadExpirationDate").with({{"apns-expiration", "-1"}}));
  rows.push_back(row(400, "BadMessageId").with({{"apns-id", "not-a-uuid"}}));
  rows.push_back(row(400, "BadPriority").with({{"apns-priority", "7"}}));
  rows.push_back(
      row(400, "BadPriority").with({{"apns-priority", "10"}, {"apns-push-type", "background"}}));
  rows.push_back(row(400, "BadTopic").with({{"apns-topic", "com example"}}));
  rows.push_back(row(400, "DeviceTokenNotForTopic").to(device + token).by("other"));
  rows.push_back(
      row(400, "DuplicateHeaders").with({{"apns-priority", "5"}, {"apns-priority", "5"}}));
  rows.push_back(row(400, "InvalidPushType").with({{"apns-push-type", "shout"}}));
  rows.push_back(row(400, "MissingDeviceToken").to("/3/device"));
  rows.push_back(row(400, "MissingDeviceToken").to("/3/device/"));
  rows.push_back(row(400, "PayloadEmpty").to(device + token).of(""));
  rows.push_back(row(400, "TopicDisallowed").with({{"apns-topic", kOtherTopic}}));
  // 403
  rows.push_back(row(403, "BadCertificate").by("foreign"));
  rows.push_back(row(403, "MissingProviderToken").by(""));
  rows.push_back(row(403, "InvalidProviderToken").by("").with({{"authorization", "bearer a.b.c"}}));
  // 404, 405
  rows.push_back(row(404, "BadPath").to("/"));
  rows.push_back(row(404, "BadPath").to("/4/device/" + token));
  rows.push_back(row(404, "BadPath").to(device + token + "/more"));
  rows.push_back(row(405, "MethodNotAllowed").by_method("GET").of(""));
  rows.push_back(row(405, "MethodNotAllowed").by_method("PUT").with({{"apns-id", kId}}));
  // 413
  rows.push_back(row(413, "PayloadTooLarge").to(device + token).of(std::string(4097, 'x')));
  rows.push_back(row(413, "PayloadTooLarge").to(device + token).of(std::string(200'000, 'x')));
  return rows;
}

class ApnsMatrixTest : public ApnsProgramTest {
 protected:
  void SetUp() override {
    ApnsProgramTest::SetUp();
    if (IsSkipped()) return;
    start();
    issue("push", kPushTopic);
    issue("other", kOtherTopic);
    make_foreign("foreign", kPushTopic);
    token_ = make_token();
    ASSERT_EQ(token_.size(), 64U);
  }

  static void expect(const Row& row, int status, const std::string& body, const std::string& id,
                     const std::string& content_type) {
    SCOPED_TRACE(row.label());
    EXPECT_EQ(status, row.status);
    EXPECT_EQ(body.empty() ? json() : json::parse(body, nullptr, false), row.expected_body());
    EXPECT_TRUE(std::regex_match(id, row.expected_id())) << id;
    EXPECT_EQ(content_type, row.reason.empty() ? "" : "application/json");
  }

  Answer by_curl(const Row& row) {
    Arguments arguments = {"-X", row.method, "--path-as-is"};
    for (const auto& [name, value] : row.headers) {
      arguments.insert(arguments.end(), {"-H", name + ": " + value});
    }
    if (!row.body.empty()) {
      write("body", row.body);
      arguments.insert(arguments.end(), {"--data-binary", "@" + file("body")});
    }
    return curl(ready("apns") + row.path, arguments, row.identity);
  }

  static json to_request(const Row& row) {
    json request = {{"method", row.method}, {"path", row.path}, {"body", row.body}};
    request["headers"] = json::array();
    for (const auto& [name, value] : row.headers) request["headers"].push_back({name, value});
    return request;
  }

  std::string token_;
};

std::string header(const json& answer, const std::string& name) {
  for (const json& field : answer.at("headers")) {
    if (field.at(0) == name) return field.at(1);
  }
  return "";
}

TEST_F(ApnsMatrixTest, CurlSeesEveryRow) {
  for (const Row& row : rows(token_)) {
    const Answer answer = by_curl(row);
    expect(row, answer.status, answer.body, answer.header("apns-id"),
           answer.header("content-type"));
    EXPECT_EQ(answer.headers.count("apns-id"), 1U) << row.label();
  }
}

/// All requests of one identity at once over one connection.
TEST_F(ApnsMatrixTest, TheIndependentClientSeesEveryRow) {
  std::map<std::string, std::vector<Row>> by_identity;
  for (Row& row : rows(token_)) by_identity[row.identity].push_back(std::move(row));
  for (const auto& [identity, of_it] : by_identity) {
    json job = {{"together", true}, {"requests", json::array()}};
    for (const Row& row : of_it) job["requests"].push_back(to_request(row));
    const json seen = provider(job, identity);
    ASSERT_TRUE(seen.at("failure").is_null()) << seen.at("failure");
    ASSERT_EQ(seen.at("answers").size(), of_it.size());
    for (std::size_t i = 0; i < of_it.size(); ++i) {
      const json& answer = seen["answers"][i];
      ASSERT_TRUE(answer["status"].is_number()) << of_it[i].label() << answer;
      expect(of_it[i], answer["status"], answer["body"], header(answer, "apns-id"),
             header(answer, "content-type"));
    }
  }
}

TEST_F(ApnsMatrixTest, TheIndependentClientSeesSettingsOverBothVersionsOfTls) {
  const json job = {{"requests", {to_request(Row(400, "BadDeviceToken"))}}};
  for (const char* version : {"1.2", "1.3"}) {
    json with_version = job;
    with_version["tls"] = version;
    const json seen = provider(with_version);
    EXPECT_EQ(seen["tls"], "TLSv" + std::string(version));
    EXPECT_EQ(seen["settings"]["MAX_CONCURRENT_STREAMS"], 1000);
    EXPECT_EQ(seen["answers"][0]["status"], 400) << seen;
    EXPECT_TRUE(seen["goaway"].is_null());
  }
}

TEST_F(ApnsMatrixTest, TheIndependentClientHearsWhyTheConnectionEnds) {
  const json job = {{"requests", {to_request(Row(400, "BadDeviceToken"))}}};
  const json seen = provider_until_end(job, "push", [this] { EXPECT_EQ(stop(), 0); });
  EXPECT_EQ(seen["goaway"]["error"], 0) << seen;
  EXPECT_EQ(seen["goaway"]["debug"], R"({"reason":"Shutdown"})");
  EXPECT_EQ(seen["closed"], true);
  EXPECT_EQ(seen["answers"][0]["status"], 400);
}

}  // namespace
}  // namespace understudy::server
