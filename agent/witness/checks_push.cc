#include "agent/witness/checks.h"

namespace understudy::agent::witness {
namespace {

std::string_view id_of(PushRefusal reason) {
  switch (reason) {
    case PushRefusal::wrong_topic:
      return "push/wrong-topic";
    case PushRefusal::unknown_token:
      return "push/unknown-token";
    case PushRefusal::wrong_payload:
      return "push/wrong-payload";
    case PushRefusal::stale_magic:
      return "push/stale-magic";
  }
  return "push/stale-magic";
}

}  // namespace

Findings check_refused_push(const RefusedPush& push) {
  return {found(id_of(push.reason), push.words)};
}

}  // namespace understudy::agent::witness
