// Every row of the provider API's table of answers, provoked over real HTTP/2 by two clients that
// we did not write, and compared whole: status, every header, body.

#include "tests/integration/apns_certificate_fixture.h"
#include "tests/integration/apns_matrix_rows.h"

namespace understudy::server {
namespace {

/// Topics of one certificate; a token keeps pushes of twice as many.
constexpr int kTopics = 32;

class ApnsMatrixTest : public ApnsCertificateTest {
 protected:
  void SetUp() override {
    ApnsCertificateTest::SetUp();
    if (IsSkipped()) return;
    start();
    issue("good", kPushTopic);
  }

  /// What the rows refer to.
  void make_scene() {
    make_troubled();
    issue("other", kOtherTopic);
    scene_.token = make_token();
    scene_.sandbox_token =
        make_device(kPushTopic, "courier.sandbox.push.apple.com").value("app", "");
    scene_.unregistered = end_token("unregister");
    scene_.expired = end_token("expire");
    scene_.crowded = crowd();
    api("/v1/faults", {"-d", fault_rules().dump()});
  }

  std::string end_token(const std::string& how) {
    const std::string token = make_token();
    api("/v1/apns/tokens/" + token + "/" + how, {"-d", json{{"since", kEnded}}.dump()});
    return token;
  }
  /// NAME.pem, for that many topics. The first is `kPushTopic` for "many".
  std::vector<std::string> issue_many(const std::string& name) {
    std::vector<std::string> topics;
    Arguments more;
    for (int i = 0; i < kTopics; ++i) {
      topics.push_back(i == 0 && name == "many" ? kPushTopic
                                                : kPushTopic + "." + name + std::to_string(i));
      if (i > 0) more.insert(more.end(), {"--topic", topics.back()});
    }
    issue(name, topics.front(), more);
    return topics;
  }
  /// A base token, good for any topic, for which as many topics are stored as can be.
  std::string crowd() {
    const std::string token = make_device().value("base", "");
    for (const char* name : {"many", "more"}) {
      json job = {{"together", true}, {"requests", json::array()}};
      for (const std::string& topic : issue_many(name)) {
        job["requests"].push_back(to_request(Row(200, "").to(token).with({{"apns-topic", topic}})));
      }
      const json seen = provider(job, name);
      for (const json& answer : seen["answers"]) EXPECT_EQ(answer["status"], 200) << answer;
    }
    return token;
  }

  static void expect(const Row& row, const Answer& answer) {
    SCOPED_TRACE(row.label());
    EXPECT_EQ(answer.status, row.status) << answer.error;
    EXPECT_EQ(answer.body.empty() ? json() : json::parse(answer.body, nullptr, false),
              row.expected_body());
    const auto expected = row.expected_headers();
    EXPECT_EQ(answer.headers.size(), expected.size());
    for (const auto& [name, value] : answer.headers) {
      const auto pattern = expected.find(name);
      ASSERT_NE(pattern, expected.end()) << name << ": " << value;
      EXPECT_TRUE(std::regex_match(value, std::regex(pattern->second))) << name << ": " << value;
    }
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
    return curl(ready(row.listener) + row.path, arguments, row.identity);
  }

  static json to_request(const Row& row) {
    json request = {{"method", row.method}, {"path", row.path}, {"body", row.body}};
    request["headers"] = json::array();
    for (const auto& [name, value] : row.headers) request["headers"].push_back({name, value});
    return request;
  }
  static Answer from_python(const json& seen) {
    Answer answer;
    if (seen["status"].is_number()) answer.status = seen["status"];
    answer.body = seen["body"];
    for (const json& field : seen["headers"]) answer.headers.emplace(field.at(0), field.at(1));
    answer.error = seen.dump();
    return answer;
  }

  Scene scene_;
};

TEST_F(ApnsMatrixTest, CurlSeesEveryRow) {
  make_scene();
  for (const Row& row : matrix_rows(scene_)) expect(row, by_curl(row));
}

/// All requests of one identity at once over one connection.
TEST_F(ApnsMatrixTest, TheIndependentClientSeesEveryRow) {
  make_scene();
  std::map<std::pair<std::string, std::string>, std::vector<Row>> by_caller;
  for (Row& row : matrix_rows(scene_)) {
    by_caller[{row.identity, row.listener}].push_back(std::move(row));
  }
  for (const auto& [caller, rows] : by_caller) {
    json job = {{"together", true}, {"requests", json::array()}};
    for (const Row& row : rows) job["requests"].push_back(to_request(row));
    const json seen = provider(job, caller.first, caller.second.c_str());
    ASSERT_TRUE(seen.at("failure").is_null()) << seen.at("failure");
    ASSERT_EQ(seen.at("answers").size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) expect(rows[i], from_python(seen["answers"][i]));
  }
}

TEST_F(ApnsMatrixTest, TheIndependentClientSeesSettingsOverBothVersionsOfTls) {
  const json job = {{"requests", {to_request(Row(400, "BadDeviceToken"))}}};
  for (const char* version : {"1.2", "1.3"}) {
    json with_version = job;
    with_version["tls"] = version;
    const json seen = provider(with_version, "good");
    EXPECT_EQ(seen["tls"], "TLSv" + std::string(version));
    EXPECT_EQ(seen["settings"]["MAX_CONCURRENT_STREAMS"], 1000);
    EXPECT_EQ(seen["answers"][0]["status"], 400) << seen;
    EXPECT_TRUE(seen["goaway"].is_null());
  }
}

TEST_F(ApnsMatrixTest, CountsTheConnectionsThatAreOpen) {
  const json job = {{"requests", {to_request(Row(400, "BadDeviceToken"))}}};
  const auto open = [this](const std::string& environment, int count) {
    return metrics().find("understudy_apns_provider_connections{environment=\"" + environment +
                          "\"} " + std::to_string(count) + "\n") != std::string::npos;
  };
  EXPECT_EQ(provider(job, "good")["answers"][0]["status"], 400);
  for (int look = 0; look < 500 && !open("production", 0); ++look) {
  }  // it may hear of it later
  EXPECT_TRUE(open("production", 0)) << metrics();
  provider_until_end(job, "good", [&] {
    EXPECT_TRUE(open("production", 1)) << metrics();
    EXPECT_TRUE(open("sandbox", 0));
    EXPECT_EQ(stop(), 0);
  });
}

TEST_F(ApnsMatrixTest, TheIndependentClientHearsWhyTheConnectionEnds) {
  const json job = {{"requests", {to_request(Row(400, "BadDeviceToken"))}}};
  const json seen = provider_until_end(job, "good", [this] { EXPECT_EQ(stop(), 0); });
  EXPECT_EQ(seen["goaway"]["error"], 0) << seen;
  EXPECT_EQ(seen["goaway"]["debug"], R"({"reason":"Shutdown"})");
  EXPECT_EQ(seen["closed"], true);
  EXPECT_EQ(seen["answers"][0]["status"], 400);
}

/// Said by a fault rule: IdleTimeout takes two hours otherwise.
TEST_F(ApnsMatrixTest, TheIndependentClientHearsEachReasonThatEndsAConnection) {
  const json job = {{"requests", {to_request(Row(400, "BadDeviceToken"))}}};
  for (const char* reason : {"IdleTimeout", "Shutdown", "BadCertificate"}) {
    const json rule = {{"hop", "provider.request"},
                       {"action", "goaway"},
                       {"with", {{"reason", reason}}},
                       {"first_n", 1}};
    api("/v1/faults", {"-d", rule.dump()});
    const json seen = provider(job, "good");
    EXPECT_EQ(json::parse(seen["goaway"]["debug"].get<std::string>()), json({{"reason", reason}}));
    EXPECT_EQ(seen["closed"], true) << seen;
  }
}

// What the rows leave out.

using Table = std::map<std::string, int>;

Table rows_by_reason() {
  Table table;
  for (const Row& row : matrix_rows({})) {
    if (!row.reason.empty()) table[row.reason] = row.status;
  }
  return table;
}

/// The lines `| 400 | Reason Reason |` of the page; `| 404, 405 | Reason; Reason |` is two of them.
Table documented() {
  const auto page =
      io::read_file(std::string(UNDERSTUDY_SOURCE_DIR) + "/docs/protocol/provider-api.md");
  std::istringstream lines(to_text(page.value()));
  const std::regex row("\\| ([0-9, ]+) \\| (.*) \\|"), note(" \\([^)]*\\)");
  Table table;
  std::smatch found;
  for (std::string line; std::getline(lines, line);) {
    if (!std::regex_match(line, found, row)) continue;
    std::istringstream statuses(found[1].str());
    std::istringstream lists(std::regex_replace(found[2].str(), note, ""));
    int status = 0;
    for (std::string list; std::getline(lists, list, ';');) {
      statuses >> status;
      statuses.ignore();  // the comma
      std::istringstream reasons(list);
      for (std::string reason; reasons >> reason;) table[reason] = status;
    }
  }
  return table;
}

TEST(ApnsMatrix, HasARowForEachReason) {
  const Table rows = rows_by_reason();
  for (int i = 0; i <= static_cast<int>(apns::Reason::shutdown); ++i) {
    const std::string reason(apns::reason_name(static_cast<apns::Reason>(i)));
    EXPECT_TRUE(rows.contains(reason)) << "no request provokes " << reason;
  }
}

TEST(ApnsMatrix, IsTheTableOfTheDocumentation) {
  EXPECT_EQ(rows_by_reason(), documented());
}

}  // namespace
}  // namespace understudy::server
