#pragma once

/// One enrolled device at work: sends the check-in messages that are owed, holds conversations on
/// the device channel and the user's, stores what changes before anybody is told. The driver of
/// Conversation.

#include <string>

#include "agent/commands/perform.h"
#include "agent/hands/hands.h"
#include "agent/push/push_channel.h"
#include "agent/session/context.h"
#include "agent/session/conversation.h"
#include "agent/session/mdm_client.h"
#include "agent/session/reach.h"

namespace understudy::agent {

/// Use from the context's executor only; the context must outlive it.
class DeviceSession {
 public:
  /// `credentials`: those the device used a moment ago, if any. Errors: those of DeviceStore.
  static Result<DeviceSession> load(AgentContext& context, const std::string& device_id,
                                    DeviceCredentials credentials = DeviceCredentials());

  const Device& device() const { return device_; }
  bool enrolled() const { return device_.enrollment.has_value(); }
  /// Something waits to be said: a push, a result, a check-in message, a departure, a return after
  /// NotNow whose reason has ended, an enrollment after an erasure that returns to service.
  bool owes() const;
  Reach reach() const { return reach_of(device_); }
  /// Its server has not taken the newest TokenUpdate of the device channel.
  bool owes_token() const {
    return enrolled() && device_.enrollment->stage == Enrollment::Stage::token_pending;
  }
  /// It owes, and nothing keeps it from saying so.
  bool ready() const;
  /// How long until it comes back by itself after NotNow, if that is a matter of time: catch_up()
  /// then.
  std::optional<std::chrono::milliseconds> free_in() const;
  /// Brings to where it is by now what goes on by the clock.
  Result<void> catch_up();

  /// What its push channel connects with. Errors: errc::not_found when it is not enrolled, or
  /// without a courier.
  Result<ChannelSetup> channel_setup() const;
  /// A push arrived, or a conversation is wanted for another reason. Durable when it returns.
  Result<void> wake(mdm::Channel channel = mdm::Channel::device);
  /// The push channel has other tokens than before; a TokenUpdate is owed if the one that the
  /// server knows changed.
  Result<void> tokens_changed(const CourierTokens& tokens,
                              mdm::Channel channel = mdm::Channel::device);
  /// The enrollment profile is removed by the user: work() says goodbye then.
  Result<void> start_leaving();
  /// Profiles whose time has come go (2.3). Durable when it returns.
  Result<void> remove_due();
  /// What a person does to the device, at any time; says what became of it. Durable when it
  /// returns. Errors: those of agent::lay_hands and of DeviceStore; errc::unsupported while it
  /// enrolls again.
  Result<std::string> lay_hands(const Hand& hand);

  struct WorkEnd {
    End end = End::done;
    std::string why;       ///< with retry and unenrolled
    std::error_code code;  ///< with retry: why there was no answer; none when there was one
    int commands = 0;
  };
  /// The check-in messages that are owed, then one conversation on each channel that owes one (on
  /// the device's when none does), at whatever stage the device is. One call at a time. A device
  /// that does not connect has nothing answered. `forced`, and where the user removed the profile:
  /// an unreachable server does not keep a device that leaves.
  Task<WorkEnd> work(bool forced = false);
  /// Only the TokenUpdate, once; `done` when the server took it.
  Task<WorkEnd> update_token(MdmClient& client);
  /// Every check-in message that is owed, once. One that fails keeps the others back only if it is
  /// the device's TokenUpdate.
  Task<WorkEnd> check_in(MdmClient& client);
  /// To the server of its enrollment. Errors: those of MdmClient.
  Result<MdmClient> client() { return MdmClient::make(*context_, device_, credentials_); }

 private:
  DeviceSession(AgentContext& context, Device device);

  // device_session.cc
  bool wants_conversation() const;
  bool wants_user_conversation() const;
  bool owes_message() const;
  Result<void> count_pending();
  Task<WorkEnd> talk_on_both(MdmClient& client, bool talks, bool forced);
  Task<WorkEnd> talk(MdmClient& client, mdm::Channel channel, bool forced);

  // duties.cc
  /// What came of a check-in message; the body is that of a success.
  struct Told {
    WorkEnd end;
    std::string body;
    bool refused = false;  ///< with retry: HTTP 4xx, which sending it again does not mend
  };
  Task<Told> tell_server(MdmClient& client, std::string kind, mdm::Checkin message);
  Task<WorkEnd> update_user_token(MdmClient& client);
  Task<WorkEnd> escrow_bootstrap_token(MdmClient& client);
  Task<WorkEnd> get_service_token(MdmClient& client);
  Task<WorkEnd> ask_to_return(MdmClient& client);
  Result<WorkEnd> take_return(const std::string& body);
  Task<void> ask_for_bootstrap_token(MdmClient& client);
  Task<WorkEnd> enroll_again();
  bool hears_nothing() const { return !enrolled() || !cut_off_.empty(); }
  /// `change` is made to a copy, which is stored before it counts.
  template <class Change>
  Result<void> store_change(Change change) {
    Device changed = device_;
    change(changed);
    UNDERSTUDY_CHECK(context_->store.save(changed));
    device_ = std::move(changed);
    return {};
  }

  // converse.cc
  Task<WorkEnd> converse(MdmClient& client, bool forced);
  using Next = std::optional<Conversation::Event>;
  Task<Result<Next>> carry_out(MdmClient& client, Conversation::Effect& effect);
  Task<Result<Next>> send(MdmClient& client, Conversation::Effect& effect);
  Task<Result<net::HttpResponse>> exchange(MdmClient& client, Conversation::Effect& effect);
  Result<Next> change(Conversation::Effect& effect);
  Result<Conversation::Begin> beginning(bool forced);
  Result<Conversation::Recalled> recall(const std::string& command_uuid);
  Result<void> erase_now();
  Result<void> remove_all(const std::string& why);
  Result<void> store_end(Device changed);
  Forget what_leaves(const Device& changed) const;
  std::string what_cuts_off(const Device& changed) const;

  // perform_command.cc
  /// nullopt: the device was erased by hand meanwhile, cut off, or disowned.
  Task<Result<Next>> perform_command(MdmClient& client, plist::Value message);
  Task<Result<void>> check_in_as(Device candidate);
  Result<Conversation::Performed> answer(const plist::Value& message, Outcome outcome,
                                         Device changed);
  Result<Conversation::Performed> store_performed(const mdm::Report& report,
                                                  const std::string& request_type,
                                                  Outcome::Then then, Device changed);
  Result<void> save_owed(bool wake_pending, bool comes_back);
  Result<void> settle(std::uint64_t wakes_before, const WorkEnd& end);
  Result<void> settle_users(const Owed& owed, const std::string& put_off);

  AgentContext* context_;
  Device device_;
  DeviceCredentials credentials_;
  /// False: the store has none, for nobody else adds to them.
  bool results_pending_ = false, user_results_pending_ = false;
  /// Count pushes, to see whether one came during a conversation.
  std::uint64_t wakes_ = 0, user_wakes_ = 0;
  mdm::Channel channel_ = mdm::Channel::device;  ///< of the conversation that is under way
  std::string user_;                             ///< whose channel that is; empty: the device's
  int commands_ = 0;
  std::string put_off_;  ///< the RequestType that last got NotNow
  std::string cut_off_;  ///< for this work(): why it neither speaks nor hears; empty: it does
  bool wiped_ = false;   ///< by hand
  bool enrolling_again_ = false;
};

}  // namespace understudy::agent
