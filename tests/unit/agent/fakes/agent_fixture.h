#pragma once

/// What agent code runs in, in a test: loop, store in a directory of its own, HTTP client, events
/// in a list, a CA and an MDM server.

#include "agent/session/context.h"
#include "agent/session/device_session.h"
#include "tests/support/run_task.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/fakes/fake_mdm.h"

namespace understudy::agent::fakes {

class AgentFixture : public testing::Test {
 protected:
  static constexpr const char* kTopic = "com.apple.mgmt.External.test";
  static constexpr const char* kMagic = "A-MAGIC-NOBODY-SEES";

  AgentFixture()
      : store(require(DeviceStore::open(directory / "state"))),
        http(io.get_executor()),
        server(io, pki.server()),
        context{store,
                http,
                keys,
                clock,
                Rng(1),
                {},
                [this](const AgentEvent& e) { events.push_back(e); }} {}
  ~AgentFixture() override {
    server.stop();
    io.restart();
    io.run_for(std::chrono::milliseconds(10));  // closed connections end
  }

  /// An enrolled device whose server is `server`, stored.
  Device enrolled_device(const std::string& model = "iphone") {
    FactoryOptions options;
    options.model = model;
    Device device = require(make_device(context.seed, require(store.next_number()), options));
    const auto identity = pki.device(device.hardware.udid);
    Enrollment enrollment;
    enrollment.stage = Enrollment::Stage::enrolled;
    enrollment.mdm.server_url = server.url("/mdm");
    enrollment.mdm.checkin_url = server.url("/checkin");
    enrollment.mdm.topic = kTopic;
    enrollment.mdm.check_out_when_removed = true;
    enrollment.mdm.sign_message = true;
    enrollment.profile_identifier = "org.example.enroll";
    enrollment.identity_payload_uuid = "IDENTITY";
    enrollment.anchors_der = {pki.root().der()};
    enrollment.push_magic = kMagic;
    enrollment.unlock_token = to_bytes("an-unlock-token-nobody-sees");
    device.enrollment = enrollment;
    device.push.topic_token = Bytes(32, 7);
    KeychainItem item;
    item.payload_uuid = "IDENTITY";
    item.profile_identifier = enrollment.profile_identifier;
    item.certificate_der = identity.certificate.der();
    item.private_key_der = identity.key.der();
    device.keychain.push_back(item);
    InstalledProfile profile;
    profile.identifier = enrollment.profile_identifier;
    profile.uuid = "PROFILE";
    device.profiles.push_back(profile);
    save(device);
    return device;
  }
  void save(const Device& device) {
    const auto saved = store.save(device);
    ASSERT_TRUE(saved) << saved.error().message();
  }
  DeviceSession session_of(const std::string& id) {
    return require(DeviceSession::load(context, id));
  }
  Device stored(const std::string& id) { return require(store.load(id)); }
  DeviceSession::WorkEnd work(DeviceSession& session, bool forced = false) {
    return support::run_task(io, session.work(forced));
  }
  int events_named(const std::string& name) const {
    return static_cast<int>(std::count_if(events.begin(), events.end(),
                                          [&](const auto& event) { return event.name == name; }));
  }

  support::TempDir directory;
  asio::io_context io;
  std::unique_ptr<VirtualClock> time = VirtualClock::flowing();
  Clock& clock = *time;
  Pki pki;
  DeviceStore store;
  net::HttpClient http;
  KeyMaker keys;
  FakeMdm server;
  std::vector<AgentEvent> events;
  AgentContext context;
};

}  // namespace understudy::agent::fakes
