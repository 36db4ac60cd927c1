#pragma once

/// Carries out what the broker decides: writes to connections, closes them, reports the stages of a
/// push. The meeting point of provider API, courier and any other transport, one an environment.
/// Its executor only.

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "server-mock/apns/broker.h"
#include "server-mock/apns/courier_session.h"
#include "server-mock/apns/environment.h"
#include "server-mock/apns/metrics.h"
#include "server-mock/apns/provider_request.h"
#include "server-mock/apns/push_journal.h"
#include "server-mock/faults/engine.h"
#include "shared/net/timer.h"

namespace understudy::apns_mock {

/// A courier connection, whatever carries its octets.
class Link {
 public:
  virtual ~Link() = default;
  /// Queues; never waits, never calls back into the hub.
  virtual void send(Bytes octets) = 0;
  /// Closes once everything queued is written; never calls back into the hub, as above.
  virtual void finish() = 0;
  /// From now on sends in pieces of so many octets, with a pause between them.
  virtual void trickle(std::size_t octets, std::chrono::milliseconds pause) = 0;
};

using PushObserver = std::function<void(const PushEvent&)>;

struct HubSetup {
  Environment environment = Environment::production;
  Policies policies;
  std::shared_ptr<faults::Engine> faults;  ///< with fault_points in its vocabulary
  PushObserver observer;                   ///< may be empty
  std::size_t journal_capacity = 10'000;
};

class Hub : public std::enable_shared_from_this<Hub> {
 public:
  /// `clock` outlives the hub.
  Hub(const asio::any_io_executor& executor, Broker broker, const Clock& clock, const Rng& rng,
      HubSetup setup);
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  ~Hub() = default;

  /// `link` lives until detach.
  ConnectionId attach(Link& link, CourierPeer::Transport transport);
  void detach(ConnectionId connection);
  CourierSession session(ConnectionId connection, CourierPeer peer) {
    return {broker_, connection, std::move(peer), setup_.policies};
  }
  /// Feeds one frame to a session and carries the effects out. Errors: as CourierSession::on_frame.
  Result<void> receive(CourierSession& session, const apns::Frame& frame);

  struct Refused {
    apns::Reason reason{};
    TimePoint gone_since;          ///< with Unregistered and ExpiredToken
    int status = 0;                ///< 0: the reason's own
    FaultNotePtr fault = nullptr;  ///< that refused it
  };
  /// What answers a provider once `commit` has succeeded: nullopt is 200.
  std::optional<Refused> push(const PushOrder& order);
  /// Notes an answer other than 200. `token` as it stood in the path; `parsed` where it is one.
  void note_refused(const std::string& apns_id, const Refused& refused, std::string_view token,
                    const apns::Token* parsed);
  /// Makes everything that was accepted durable. One call for many pushes. After an error none of
  /// them may be answered, and every device is cut off.
  Result<void> commit();
  /// A new apns-id, in upper case as Apple's are.
  std::string new_id() { return ids_.uuid(); }
  /// Gives up stored pushes that have passed their expiration. About every half minute.
  void expire();
  /// Redelivers what is due, and delivers what was held for a batch. About once a second.
  void tick();

  /// What an operation from outside brought about: carried out, and made durable.
  void apply(const Effects& effects);
  /// As after a start with the same tokens and connections: pushes, also those that faults hold
  /// back, the journal and the counters are forgotten.
  void reset();
  /// Cuts every device off; how many there were.
  std::size_t disconnect_all();
  /// False for a connection that is not there.
  bool disconnect(ConnectionId connection);
  /// True when a push was accepted, or might have been: look into the journal. False after
  /// `timeout` of real time.
  Task<bool> wait_for_push(std::chrono::milliseconds timeout) { return pushed_.wait_for(timeout); }

  Broker& broker() { return broker_; }
  PushJournal& journal() { return journal_; }
  Counters& counters() { return counters_; }
  faults::Engine& faults() const { return *setup_.faults; }
  Environment environment() const { return setup_.environment; }
  const Policies& policies() const { return setup_.policies; }
  const Clock& clock() const { return clock_; }
  TimePoint now() const { return clock_.now(); }
  std::size_t stored() const { return broker_.stored(); }
  /// The topic's name, if a provider used it; else its hash in hexadecimal.
  std::string topic_name(const apns::TopicHash& topic) const;
  CourierPeer::Transport transport_of(ConnectionId connection) const;

 private:
  /// A push that a fault holds back.
  struct Late {
    apns::Frame frame;
    PushEvent event;  ///< what is a fact once it is written
  };
  /// What is written when its time has come, unless there was a reset in between.
  struct LatePushes {
    std::vector<Late> pushes;
    std::uint64_t generation = 0;
  };
  struct Connected {
    Link* link = nullptr;
    CourierPeer::Transport transport{};
    std::vector<Late> held_back;  ///< by `reorder`
  };

  void carry_out(const Effects& effects);
  void note(const PushEvent& event);
  void note_fault(const PushEvent& of, const char* hop, const faults::Strike& strike);
  std::optional<Refused> discard(const Push& push, const std::optional<faults::Strike>& strike);
  void commit_soon();
  const apns::TopicHash& hash_of(const std::string& topic);

  /// `event` is what is a fact once it is written, of a push. False: not written, or not yet, or so
  /// that the device cannot read it.
  bool deliver(const Effects::Send& send, const PushEvent* event);
  bool write(ConnectionId to, const apns::Frame& frame, const PushEvent* event);
  std::uint64_t& gauge(CourierPeer::Transport transport);

  // hub_faults.cc
  std::optional<faults::Strike> strike_push(const char* hop, const apns::Token& token,
                                            const apns::TopicHash& topic,
                                            const std::string& push_type);
  /// Only what would be answered 200.
  std::optional<faults::Strike> strike_accepted(const Push& push);
  /// As `deliver`.
  bool deliver_distorted(const Effects::Send& send, const PushEvent& event,
                         const faults::Strike& strike);
  static Task<void> deliver_later(const Clock& clock, std::weak_ptr<Hub> hub, ConnectionId to,
                                  LatePushes late, Duration after);
  void write_late(ConnectionId to, Late late);
  void release_held(ConnectionId to);
  std::optional<faults::Strike> strike_write(ConnectionId to, const apns::Frame& frame);
  /// False: the device cannot read it.
  static bool write_distorted(Link& link, const faults::Strike& strike, Bytes octets);
  /// nullopt: nothing strikes, go on.
  std::optional<Result<void>> receive_distorted(CourierSession& session, const apns::Frame& frame);
  Result<void> connect_distorted(CourierSession& session, const apns::Frame& frame,
                                 const faults::Strike& strike);

  asio::any_io_executor executor_;
  Broker broker_;
  const Clock& clock_;
  Rng ids_, distortions_;
  HubSetup setup_;
  PushJournal journal_;
  Counters counters_;
  net::Event pushed_;
  ConnectionId last_ = 0;
  std::uint64_t generation_ = 0;  ///< one more with each reset
  std::unordered_map<ConnectionId, Connected> links_;
  std::unordered_map<std::string, apns::TopicHash> topics_;  ///< as many as certificates name
  asio::steady_timer commit_timer_;
  bool commit_due_ = false;
  bool accepted_ = false;  ///< something since the last commit
};

}  // namespace understudy::apns_mock
