#pragma once

/// One conversation with the server, sans-I/O: results that are owed, then Idle, then command after
/// command until the server has nothing more. One object a conversation.
///
///   pending results -> Idle -> (command -> perform and store -> result -> forget)* -> end
///
/// Source: docs/protocol/device-facts.md sections 6 and 8.

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agent/fleet/device_store.h"
#include "agent/session/checkin.h"
#include "agent/witness/finding.h"
#include "shared/plist/value.h"

namespace understudy::agent {

/// How a conversation ended.
enum class End {
  done,        ///< the server has nothing more
  not_now,     ///< so, but the last status was NotNow: the device comes back by itself (8.11)
  retry,       ///< no answer, or one that is no success: come back later
  left,        ///< management was removed here
  erased,      ///< the device was erased
  unenrolled,  ///< the server disowned the device
};
std::string_view end_name(End end);

/// What a device owes to its server after a conversation.
struct Owed {
  bool conversation = false;  ///< one more, as soon as it can
  bool comes_back = false;    ///< one when it can do what it could not do now; not before, except
                              ///< for a push
};
Owed owed_after(End end, bool pushed_meanwhile);

class Conversation {
 public:
  // What happens to it. Begin is the first event; each request of its effects has one answer.
  struct Begin {
    std::vector<PendingResult> pending;  ///< oldest first
    bool leaving = false;                ///< results, then CheckOut, then management goes
    bool check_out = false;              ///< CheckOutWhenRemoved
    bool forced = false;             ///< leaving is not held up by a server that takes no results
    bool heeds_unrecognized = true;  ///< of its system: see judge()
    bool leaves_silently = false;    ///< see TransportOptions
  };
  struct Answered {
    int status = 0;
    std::string body;
  };
  struct Unanswered {
    std::string why;
    std::error_code code{};
  };
  /// To Recall: what answered that command before, if anything did.
  struct Recalled {
    std::optional<PendingResult> answer;  ///< its body is empty where that is not kept any more
  };
  /// To Perform: `result` is stored, except after NotNow, which is not kept.
  struct Performed {
    PendingResult result;
    mdm::Status status = mdm::Status::acknowledged;
    bool leave = false;
    bool hangs_up = false;  ///< it is not heard of after its answer: it starts again, or is silent
  };
  using Event = std::variant<Begin, Answered, Unanswered, Recalled, Performed>;

  // What it wants, in order.
  struct SendIdle {};
  struct SendResult {
    PendingResult result;
  };
  struct SendCheckOut {};
  struct Recall {
    std::string command_uuid;
  };
  struct Perform {
    plist::Value message;
  };
  struct Forget {
    std::int64_t id = 0;
  };
  /// The device is erased now, and nothing is owed any more; its answer is sent next, once.
  struct EraseNow {};
  struct RemoveManagement {
    std::string why;
  };
  /// Something is wrong with one message after another; each message for itself is judged where
  /// it is received (mdm_client).
  struct Note {
    witness::Finding finding;
  };
  struct Finish {
    End end = End::done;
    std::string why;         ///< with retry and unenrolled
    std::error_code code{};  ///< of Unanswered
  };
  using Effect = std::variant<SendIdle, SendResult, SendCheckOut, Recall, Perform, Forget, EraseNow,
                              RemoveManagement, Note, Finish>;
  using Effects = std::vector<Effect>;

  Effects step(Event event);

 private:
  enum class Sent { nothing, idle, result, check_out };

  void begin(Begin event, Effects& effects);
  void answered(const Answered& answer, Effects& effects);
  void unanswered(const Unanswered& event, Effects& effects);
  void recalled(Recalled event, Effects& effects);
  void performed(Performed event, Effects& effects);
  void result_answered(const Answered& answer, Effects& effects);
  /// What comes when nothing is under way.
  void go_on(Effects& effects);
  void take_command(std::string_view body, Effects& effects);
  void depart(Effects& effects);
  void stumble(const std::string& why, std::error_code code, Effects& effects);
  void finish(Effects& effects);
  /// A body in an answer to which nobody is left to listen.
  void judge_goodbye(const Answered& answer, Effects& effects);

  std::deque<PendingResult> outbox_;
  PendingResult current_;  ///< the result that is under way
  Sent sent_ = Sent::nothing;
  bool leaving_ = false, check_out_ = false, forced_ = false;
  bool heeds_unrecognized_ = true, leaves_silently_ = false, hangs_up_ = false;
  bool last_was_not_now_ = false;
  std::string not_now_uuid_;  ///< of the last command, if it got NotNow
  std::string goodbye_uuid_;  ///< of the command that ended management here
  plist::Value message_;      ///< the command between Recall and Perform
  std::map<std::string, int> offered_;
};

}  // namespace understudy::agent
