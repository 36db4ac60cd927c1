#pragma once

/// The whole reference server on a thread and ports of its own; curl and openssl play the devices
/// and the scripts.

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "server-mock/server.h"
#include "shared/io/file.h"
#include "shared/mdm/messages.h"
#include "shared/mdm/profile.h"
#include "shared/plist/plist.h"
#include "tests/support/command.h"
#include "tests/support/temp_dir.h"

namespace understudy::server {

using nlohmann::json;
using Arguments = std::vector<std::string>;

class ServerTest : public testing::Test {
 protected:
  ServerTest() { options_.data_dir = dir_ / "server"; }
  void SetUp() override {
    for (const char* witness : {"curl", "openssl"}) {
      if (!support::have_program(witness)) GTEST_SKIP() << witness << " is not installed";
    }
    start();
  }
  void TearDown() override { stop(); }

  void start() {
    io_ = std::make_unique<asio::io_context>();
    auto started = Server::start(io_->get_executor(), options_, *clock_, clock_.get());
    ASSERT_TRUE(started) << started.error().message();
    server_ = std::move(*started);
    ready_ = json::parse(server_->ready_line());
    thread_ = std::thread([this] { io_->run(); });
  }
  /// At once, as a killed process ends: nothing is told to anybody.
  void stop() {
    if (!thread_.joinable()) return;
    io_->stop();
    thread_.join();
    server_.reset();
    io_.reset();
  }
  std::string ready(const char* key) const { return ready_.at(key).get<std::string>(); }

  struct Answer {
    int status = 0;
    std::string body;
  };
  /// curl's answer; 0 when there was none.
  static Answer curl(Arguments more) {
    Arguments arguments = {"curl", "-sS", "--max-time", "25", "-w", "\n%{http_code}"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto output = support::run(arguments);
    const std::size_t line = output.out.rfind('\n');
    Answer answer;
    if (line == std::string::npos) return answer;
    answer.status = std::stoi(output.out.substr(line + 1));
    answer.body = output.out.substr(0, line);
    return answer;
  }
  Answer api(Arguments more, const std::string& path) const {
    Arguments arguments = {"-u", "nanomdm:" + ready("api_key"), ready("api") + path};
    arguments.insert(arguments.begin(), more.begin(), more.end());
    return curl(arguments);
  }
  json api_json(int status, Arguments more, const std::string& path) const {
    const Answer answer = api(std::move(more), path);
    EXPECT_EQ(answer.status, status) << path << ": " << answer.body;
    return json::parse(answer.body, nullptr, false);
  }

  void write(const std::string& name, BytesView content) {
    const auto written = io::write_file(dir_ / name, content);
    ASSERT_TRUE(written) << written.error().message();
  }
  std::string file(const std::string& name) const { return (dir_ / name).string(); }

  /// Gets a PKCS#12 profile with curl and has openssl open it: NAME.pem, NAME.key.
  void make_identity(const std::string& name) {
    const Answer answer = curl({"--cacert", ready("ca"), ready("enroll") + "?identity=pkcs12"});
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto profile = mdm::parse_enrollment_profile(as_bytes(answer.body));
    ASSERT_TRUE(profile) << profile.error().message();
    const auto& payload = std::get<mdm::Pkcs12Payload>(profile->identity);
    write(name + ".p12", payload.file);
    const auto open = [&](const char* what, const std::string& out) {
      const auto output =
          support::run({"openssl", "pkcs12", "-in", file(name + ".p12"), "-passin",
                        "pass:" + payload.password, "-nodes", what, "-out", file(out)});
      ASSERT_EQ(output.status, 0) << output.err;
    };
    open("-clcerts", name + ".all");
    open("-nocerts", name + ".key");
    const auto certificate =
        support::run({"openssl", "x509", "-in", file(name + ".all"), "-out", file(name + ".pem")});
    ASSERT_EQ(certificate.status, 0) << certificate.err;
  }

  /// An identity of nobody we know, or one that ran out, made by openssl.
  void make_foreign_identity(const std::string& name) {
    const auto output = support::run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                                      "-subj", "/CN=foreign", "-days", "2", "-keyout",
                                      file(name + ".key"), "-out", file(name + ".pem")});
    ASSERT_EQ(output.status, 0) << output.err;
  }

  /// Mdm-Signature by openssl over these octets.
  std::string signature(const std::string& name, const std::string& body) {
    write("body", as_bytes(body));
    const auto output = support::run({"openssl", "cms", "-sign", "-binary", "-outform", "DER",
                                      "-md", "sha256", "-in", file("body"), "-signer",
                                      file(name + ".pem"), "-inkey", file(name + ".key")});
    EXPECT_EQ(output.status, 0) << output.err;
    return base64_encode(as_bytes(output.out));
  }

  /// PUT /mdm with a client certificate (none when `name` is empty).
  Answer put(const std::string& name, const std::string& body, Arguments more = {},
             const std::string& path = "/mdm") {
    write("request", as_bytes(body));
    Arguments arguments = {"-T", file("request"), "--cacert", ready("ca")};
    if (!name.empty()) {
      arguments.insert(arguments.end(),
                       {"--cert", file(name + ".pem"), "--key", file(name + ".key")});
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(ready("device_services") + path);
    return curl(arguments);
  }

  static std::string xml(const plist::Value& value) { return plist::write_xml(value).value(); }
  std::string authenticate(const std::string& udid) const {
    return xml(
        plist::Dict{{"MessageType", "Authenticate"}, {"UDID", udid}, {"Topic", ready("topic")}});
  }
  std::string token_update(const std::string& udid, const Bytes& token = Bytes(32, 1)) const {
    return xml(plist::Dict{{"MessageType", "TokenUpdate"},
                           {"UDID", udid},
                           {"Topic", ready("topic")},
                           {"PushMagic", "magic"},
                           {"Token", token}});
  }
  static std::string report(const std::string& udid, const std::string& status,
                            const std::string& uuid = "") {
    plist::Dict message{{"UDID", udid}, {"Status", status}};
    if (!uuid.empty()) message["CommandUUID"] = uuid;
    return xml(message);
  }
  void enroll(const std::string& udid, const std::string& name, const Bytes& token = Bytes(32, 1)) {
    make_identity(name);
    ASSERT_EQ(put(name, authenticate(udid)).status, 200);
    ASSERT_EQ(put(name, token_update(udid, token)).status, 200);
  }
  static std::string command(const std::string& uuid, const std::string& type = "ProfileList") {
    return xml(plist::Dict{{"CommandUUID", uuid}, {"Command", plist::Dict{{"RequestType", type}}}});
  }
  json enqueue(const std::string& device, const std::string& uuid, const std::string& query = "") {
    write("command.plist", as_bytes(command(uuid)));
    return api_json(200, {"-T", file("command.plist")}, "/v1/enqueue/" + device + query);
  }
  std::vector<std::string> hops(const std::string& uuid) const {
    std::vector<std::string> names;
    const json answer = api_json(200, {}, "/v1/commands/" + uuid);
    for (const json& entry : answer["timeline"]) names.push_back(entry["hop"]);
    return names;
  }

  support::TempDir dir_;
  std::unique_ptr<VirtualClock> clock_ = VirtualClock::flowing();
  ServerOptions options_;
  json ready_;
  std::unique_ptr<asio::io_context> io_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

using Hops = std::vector<std::string>;

}  // namespace understudy::server
