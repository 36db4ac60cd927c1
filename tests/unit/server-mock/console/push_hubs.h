#pragma once

/// The push service's two hubs without sockets, and a device that answers nothing by itself.

#include <memory>
#include <vector>

#include "server-mock/apns/fault_points.h"
#include "server-mock/console/apns_routes.h"

namespace understudy::server {

class PushHubs {
 public:
  PushHubs(const asio::any_io_executor& executor, const Clock& clock)
      : production(make(executor, clock, apns_mock::Environment::production)),
        sandbox(make(executor, clock, apns_mock::Environment::sandbox)) {}
  ApnsAccess access() const { return {*production, *sandbox}; }

  std::shared_ptr<faults::Engine> engine =
      std::make_shared<faults::Engine>(apns_mock::fault_points(), Rng(1));
  std::shared_ptr<apns_mock::Hub> production, sandbox;

 private:
  std::shared_ptr<apns_mock::Hub> make(const asio::any_io_executor& executor, const Clock& clock,
                                       apns_mock::Environment environment) const {
    const Rng rng = Rng(1).derive(apns_mock::environment_name(environment));
    apns_mock::HubSetup setup;
    setup.environment = environment;
    setup.faults = engine;
    setup.journal_capacity = 100;
    auto store = apns_mock::TokenStore::open(":memory:").value();
    return std::make_shared<apns_mock::Hub>(executor,
                                            apns_mock::Broker::open(std::move(store), rng).value(),
                                            clock, rng, std::move(setup));
  }
};

/// A device on a hub: connected, with an app token for a topic that it listens to.
class PushedDevice final : public apns_mock::Link {
 public:
  static constexpr const char* kTopic = "com.apple.mgmt.External.1";

  explicit PushedDevice(apns_mock::Hub& at)
      : hub(at), id(at.attach(*this, apns_mock::CourierPeer::Transport::light)) {
    const auto topic = apns::topic_hash(kTopic);
    const auto connected = hub.broker().connect(id, {}, "fingerprint", hub.now());
    base = apns::parse_connect_response(connected.sends.at(0).frame).value().token.value();
    apns::AppTokenRequest request{base, topic};
    app = apns::parse_app_token_response(hub.broker().app_token(id, request).sends.at(0).frame)
              .value()
              .token;
    apns::Filter filter;
    filter.enabled = {topic};
    hub.apply(hub.broker().filter(id, filter, hub.now()));
  }
  PushedDevice(const PushedDevice&) = delete;
  PushedDevice& operator=(const PushedDevice&) = delete;
  ~PushedDevice() override { leave(); }

  void leave() { hub.detach(id); }
  /// True: 200.
  bool push(const std::string& apns_id) {
    apns_mock::PushOrder order;
    order.apns_id = apns_id;
    order.token = app;
    order.topic = kTopic;
    order.push_type = "mdm";
    order.payload = to_bytes(R"({"mdm":"magic"})");
    order.expires_at = hub.now() + std::chrono::hours(1);
    const auto refused = hub.push(order);
    if (refused) hub.note_refused(apns_id, *refused, apns::token_hex(app), &app);
    return !refused;
  }
  void ack(std::uint32_t message) {
    hub.apply(hub.broker().ack(id, apns::Ack{{}, message, 0}, hub.now()));
  }

  void send(Bytes octets) override { sent += octets.size(); }
  void finish() override { finished = true; }
  void trickle(std::size_t, std::chrono::milliseconds) override {}

  apns_mock::Hub& hub;
  bool finished = false;
  apns_mock::ConnectionId id;
  apns::Token base{}, app{};
  std::size_t sent = 0;
};

}  // namespace understudy::server
