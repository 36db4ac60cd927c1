#pragma once

/// The messaging service: takes what is due from the outbound push queue, sends it, and pushes
/// again for commands that brought no answer.

#include <memory>
#include <set>
#include <string>

#include "server-mock/workflow/outbound_push_queue.h"
#include "server-mock/workflow/push_client.h"
#include "server-mock/workflow/timeline.h"

namespace understudy::server {

struct MessagingOptions {
  /// How long a pushed command may stay without an answer; doubled at each push, up to an hour.
  Duration repush_after = std::chrono::seconds(30);
  /// Before the first repeat of a push that APNs did not take; doubled at each attempt, up to
  /// kLongestBackOff.
  Duration back_off = std::chrono::seconds(1);
  std::size_t max_in_flight = 100;
};

/// Use from its executor only.
class MessagingService {
 public:
  static constexpr Duration kLongestBackOff = std::chrono::minutes(5);
  /// Then a push that APNs answers is given up: more than an hour.
  static constexpr int kMaxAttempts = 20;
  /// While there is no answer, or the certificate is refused, it is tried on, this far apart.
  static constexpr Duration kHold = std::chrono::hours(1);
  /// How long APNs may keep a push for an absent device, and how long we know its apns-id.
  static constexpr Duration kKept = std::chrono::hours(24);

  MessagingService(Store& store, Timeline& timeline, OutboundPushQueue& pushes, Pusher& pusher,
                   const Clock& clock, MessagingOptions options);

  /// Works until `stop`; pushes under way are finished by their own coroutines.
  Task<void> run();
  void stop();

  /// A push certificate was uploaded: what waits because of a failure is sent now.
  Result<void> certificate_changed();
  /// The device took the push with that apns-id (APNs saw its acknowledgement).
  void delivered(const std::string& apns_id);

 private:
  using InFlight = std::set<std::int64_t>;
  /// An entry is under way for as long as this lives, which may be longer than the service.
  class Flight {
   public:
    Flight(std::shared_ptr<InFlight> all, std::int64_t id) : all_(std::move(all)), id_(id) {}
    Flight(Flight&&) = default;
    Flight(const Flight&) = delete;
    Flight& operator=(Flight&&) = delete;
    Flight& operator=(const Flight&) = delete;
    ~Flight() {
      if (all_) all_->erase(id_);
    }

   private:
    std::shared_ptr<InFlight> all_;
    std::int64_t id_;
  };

  Result<void> start_due(const asio::any_io_executor& executor, TimePoint now);
  Result<void> repeat_unanswered();
  Result<void> repeat_one(const PushEntry& entry, std::set<std::string>& woken);
  Result<std::optional<TimePoint>> next_time(TimePoint now);
  Task<void> deliver(PushEntry entry, Flight flight);
  Task<Result<void>> attempt(PushEntry entry);
  Result<std::optional<PushRequest>> prepare(const PushEntry& entry);
  Result<void> settle(const PushEntry& entry, const PushAnswer& answer, TimePoint sent_at);
  Result<void> sent(const PushEntry& entry, TimePoint sent_at);
  Result<void> hold(const PushEntry& entry, const PushAnswer& answer);
  Result<void> retry(const PushEntry& entry, const std::string& why, Duration pause);
  Result<void> give_up(const PushEntry& entry, const std::string& why);
  Duration back_off(const PushEntry& entry) const;
  Duration repush_interval(int repeat) const;

  Store& store_;
  Timeline& timeline_;
  OutboundPushQueue& pushes_;
  Pusher& pusher_;
  const Clock& clock_;
  const MessagingOptions options_;
  const std::shared_ptr<InFlight> in_flight_ = std::make_shared<InFlight>();
  std::uint64_t certificates_ = 0;  ///< how often they changed
  TimePoint next_purge_;
  bool stopping_ = false;
};

}  // namespace understudy::server
