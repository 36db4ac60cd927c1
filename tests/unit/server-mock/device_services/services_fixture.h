#pragma once

/// Device services without sockets: requests go in as a listener would hand them over.

#include <boost/asio/io_context.hpp>
#include <optional>

#include "server-mock/device_services/device_services.h"
#include "shared/crypto/ca.h"
#include "shared/mdm/signature.h"
#include "shared/plist/plist.h"
#include "tests/support/run_task.h"
#include "tests/unit/server-mock/store/store_fixture.h"

namespace understudy::server {

/// Keys are slow to make: shared by all tests.
struct Identities {
  TimePoint now = SystemClock().now();
  crypto::CertificateAuthority ca = make_ca("device CA");
  crypto::CertificateAuthority foreign_ca = make_ca("somebody else's CA");
  crypto::Identity first = issue(ca, "first", now + std::chrono::hours(24 * 365));
  crypto::Identity second = issue(ca, "second", now + std::chrono::hours(24 * 365));
  crypto::Identity foreign = issue(foreign_ca, "foreign", now + std::chrono::hours(24 * 365));
  crypto::Identity expired = issue(ca, "expired", now - std::chrono::hours(1));

  static const Identities& get() {
    static const Identities identities;
    return identities;
  }
  static crypto::CertificateAuthority make_ca(const std::string& name) {
    const TimePoint now = SystemClock().now();
    return must(crypto::CertificateAuthority::create(
        crypto::Name::of({{"CN", name}}), crypto::KeyType::rsa_2048,
        now - std::chrono::hours(24 * 30), now + std::chrono::hours(24 * 3650)));
  }
  static crypto::Identity issue(const crypto::CertificateAuthority& ca, const std::string& name,
                                TimePoint not_after) {
    auto key = must(crypto::PrivateKey::generate(crypto::KeyType::rsa_2048));
    crypto::CertificateSpec spec;
    spec.subject = crypto::Name::of({{"CN", name}});
    spec.not_before = SystemClock().now() - std::chrono::hours(24 * 20);
    spec.not_after = not_after;
    auto certificate = must(ca.issue(spec, key.public_key()));
    return crypto::Identity{std::move(key), std::move(certificate), {}};
  }
};

class ServicesTest : public StoreTest {
 protected:
  static constexpr const char* kIdentifier = "org.example.enrollment";
  static constexpr const char* kTopic = "com.apple.mgmt.External.1";

  ServicesTest() {
    must(store_->put_push_certificate({"production", "PEM", kTopic, ids_.now}));
    build();
  }
  /// All parts anew on the same file.
  void build() {
    timeline_.emplace(*store_, *clock_);
    push_wake_.emplace(io_.get_executor(), *clock_);
    pushes_.emplace(*store_, *timeline_, *clock_, rng_, *push_wake_, true);
    reports_.emplace(*store_, *timeline_, watch_, *clock_, kIdentifier);
    EnrollmentOptions options;
    options.base_url = "https://mdm.example.org";
    options.identifier = kIdentifier;
    enrollments_.emplace(*store_, ids_.ca, ids_.first,
                         std::vector<crypto::Certificate>{ids_.ca.certificate()}, *clock_, rng_,
                         options);
    tokens_.emplace(ids_.first.key, "SERVER-UUID", *clock_, rng_);
    checkins_.emplace(*store_, *timeline_, *pushes_, watch_, *enrollments_, *tokens_, *clock_,
                      kIdentifier);
    ScepOptions scep_options;
    scep_options.validity = std::chrono::hours(24);
    scep_.emplace(*store_, ids_.ca, *clock_, scep_options);
    witness_.emplace(*store_);
    services_.emplace(Authenticator({ids_.ca.certificate()}, *clock_), *checkins_, *reports_,
                      *enrollments_, *scep_, *witness_, *clock_, transcript_);
  }

  net::HttpResponse call(net::IncomingRequest request) {
    return support::run_task(io_, services_->handle(std::move(request)));
  }
  static net::IncomingRequest request(const std::string& method, const std::string& target,
                                      const std::string& body = "") {
    net::IncomingRequest request;
    request.method = method;
    request.target = target;
    request.body = body;
    request.remote = "127.0.0.1:1";
    return request;
  }
  net::HttpResponse put(const plist::Value& message, const crypto::Identity& identity,
                        const std::string& path = "/mdm") {
    net::IncomingRequest put = request("PUT", path, must(plist::write_xml(message)));
    put.peer_certificate = identity.certificate;
    return call(std::move(put));
  }
  static mdm::Sender sender(const std::string& udid) {
    mdm::Sender sender;
    sender.udid = udid;
    return sender;
  }
  net::HttpResponse authenticate(const std::string& udid, const crypto::Identity& identity) {
    mdm::Authenticate message;
    message.sender = sender(udid);
    message.topic = kTopic;
    message.serial_number = "SERIAL-" + udid;
    return put(mdm::to_plist(message), identity);
  }
  net::HttpResponse token_update(const std::string& udid, const crypto::Identity& identity,
                                 std::optional<Bytes> unlock_token = {},
                                 const std::string& topic = kTopic) {
    mdm::TokenUpdate message;
    message.sender = sender(udid);
    message.topic = topic;
    message.token = Bytes(32, 1);
    message.push_magic = "magic";
    message.unlock_token = std::move(unlock_token);
    return put(mdm::to_plist(message), identity);
  }
  net::HttpResponse check_out(const std::string& udid, const crypto::Identity& identity) {
    mdm::CheckOut message;
    message.sender = sender(udid);
    message.topic = kTopic;
    return put(mdm::to_plist(message), identity);
  }
  net::HttpResponse report(const std::string& udid, const crypto::Identity& identity,
                           mdm::Status status, const std::string& uuid = "") {
    mdm::Report message;
    message.sender = sender(udid);
    message.status = status;
    message.command_uuid = uuid;
    return put(mdm::to_plist(message), identity);
  }
  net::HttpResponse idle(const std::string& udid, const crypto::Identity& identity) {
    return report(udid, identity, mdm::Status::idle);
  }
  /// The user channel of a device: "UDID:USER".
  static mdm::Sender user_sender(const std::string& udid) {
    mdm::Sender user = sender(udid);
    user.user_id = "USER";
    return user;
  }
  net::HttpResponse user_token_update(const std::string& udid, const crypto::Identity& identity) {
    mdm::TokenUpdate message;
    message.sender = user_sender(udid);
    message.topic = kTopic;
    message.token = Bytes(32, 2);
    message.push_magic = "user magic";
    return put(mdm::to_plist(message), identity);
  }
  net::HttpResponse user_idle(const std::string& udid, const crypto::Identity& identity) {
    mdm::Report message;
    message.sender = user_sender(udid);
    message.status = mdm::Status::idle;
    return put(mdm::to_plist(message), identity);
  }
  void enroll(const std::string& udid, const crypto::Identity& identity) {
    ASSERT_EQ(authenticate(udid, identity).status, 200);
    ASSERT_EQ(token_update(udid, identity, to_bytes("unlock")).status, 200);
  }
  void store_command(const std::string& uuid, const std::string& request_type = "ProfileList",
                     plist::Dict more = {}) {
    CommandRecord record = command(uuid);
    record.request_type = request_type;
    mdm::Command message;
    message.uuid = uuid;
    message.request_type = request_type;
    more["RequestType"] = request_type;
    message.body = std::move(more);
    record.body = must(plist::write_xml(mdm::to_plist(message)));
    must(store_->put_command(record));
  }
  DeviceRecord device(const std::string& id) { return must(store_->device(id)).value(); }
  CommandRecord::Status status(const std::string& uuid) {
    return must(store_->command(uuid, "D1")).value().status;
  }
  std::vector<std::string> hops(const std::string& uuid) {
    std::vector<std::string> names;
    for (const TimelineEntry& entry : must(store_->timeline(uuid, "D1"))) {
      names.push_back(entry.hop);
    }
    return names;
  }
  static std::string uuid_in(const net::HttpResponse& response) {
    if (response.body.empty()) return "";
    return must(plist::read(as_bytes(response.body))).string_at("CommandUUID").value_or("none");
  }

  const Identities& ids_ = Identities::get();
  asio::io_context io_;
  std::unique_ptr<VirtualClock> clock_ = VirtualClock::frozen_at(ids_.now);
  Rng rng_{1};
  CommandWatch watch_{io_.get_executor()};
  io::Transcript transcript_;
  std::optional<Timeline> timeline_;
  std::optional<Wake> push_wake_;
  std::optional<OutboundPushQueue> pushes_;
  std::optional<CheckinService> checkins_;
  std::optional<ReportService> reports_;
  std::optional<EnrollmentService> enrollments_;
  std::optional<ServiceTokens> tokens_;
  std::optional<ScepEndpoint> scep_;
  std::optional<SchemaWitness> witness_;
  std::optional<DeviceServices> services_;
};

using State = DeviceRecord::State;
using Status = CommandRecord::Status;
using Hops = std::vector<std::string>;

}  // namespace understudy::server
