#pragma once

/// One enrolled device at work: sends the TokenUpdate that is owed, holds conversations, stores
/// what changes before anybody is told. The driver of Conversation.

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
  /// Errors: those of DeviceStore.
  static Result<DeviceSession> load(AgentContext& context, const std::string& device_id);

  const Device& device() const { return device_; }
  bool enrolled() const { return device_.enrollment.has_value(); }
  /// Something waits to be said: a push, a result, a TokenUpdate, a departure, a return after
  /// NotNow whose reason has ended.
  bool owes() const;
  Reach reach() const { return reach_of(device_); }
  /// It owes, and nothing keeps it from saying so.
  bool ready() const;

  /// What its push channel connects with. Errors: errc::not_found when it is not enrolled, or
  /// without a courier.
  Result<ChannelSetup> channel_setup() const;
  /// A push arrived, or a conversation is wanted for another reason. Durable when it returns.
  Result<void> wake();
  /// The push channel has other tokens than before; a TokenUpdate is owed if the one that the
  /// server knows changed.
  Result<void> tokens_changed(const CourierTokens& tokens);
  /// The enrollment profile is removed by the user: work() says goodbye then.
  Result<void> start_leaving();
  /// Profiles whose time has come go (2.3). Durable when it returns.
  Result<void> remove_due();
  /// What a person does to the device, at any time; says what became of it. Durable when it
  /// returns. Errors: those of agent::lay_hands and of DeviceStore.
  Result<std::string> lay_hands(const Hand& hand);

  struct WorkEnd {
    End end = End::done;
    std::string why;  ///< with retry
    int commands = 0;
  };
  /// TokenUpdate if owed, then one conversation, at whatever stage the device is. One call at a
  /// time. A device that does not connect has nothing answered. `forced`, and where the user
  /// removed the profile: an unreachable server does not keep a device that leaves.
  Task<WorkEnd> work(bool forced = false);
  /// Only the TokenUpdate, once; `done` when the server took it.
  Task<WorkEnd> update_token(MdmClient& client);

 private:
  DeviceSession(AgentContext& context, Device device, bool results_pending);

  Task<WorkEnd> converse(MdmClient& client, bool forced);
  using Next = std::optional<Conversation::Event>;
  Task<Result<Next>> carry_out(MdmClient& client, Conversation::Effect& effect);
  Task<Result<Next>> send(MdmClient& client, Conversation::Effect& effect);
  Result<Next> change(Conversation::Effect& effect);
  Result<Conversation::Begin> beginning(bool forced);
  Result<Conversation::Recalled> recall(const std::string& command_uuid);
  Result<Conversation::Performed> perform_command(const plist::Value& message);
  Result<Conversation::Performed> store_performed(const mdm::Report& report,
                                                  const std::string& request_type,
                                                  Outcome::Then then, Device changed);
  Result<void> erase_now();
  Result<void> remove_all(const std::string& why);
  Result<void> forget_results();
  Result<void> settle(std::uint64_t wakes_before, const WorkEnd& end);

  AgentContext* context_;
  Device device_;
  bool results_pending_;
  std::uint64_t wakes_ = 0;  ///< counts pushes, to see whether one came during a conversation
  int commands_ = 0;
  bool is_cut_off_ = false;  ///< for this work()
  bool wiped_ = false;       ///< by hand
};

}  // namespace understudy::agent
