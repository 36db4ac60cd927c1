#include <array>

#include "agent/witness/checks.h"

namespace understudy::agent::witness {
namespace {

/// How the reasons of CourierSession begin, and what each is.
struct Reason {
  std::string_view begins;
  std::string_view id;
};
constexpr std::array kReasons = std::to_array<Reason>({
    {"its PushMagic", "push/stale-magic"},
    {"its payload", "push/wrong-payload"},
    {"it is for another topic", "push/wrong-topic"},
    {"it is for the unknown token", "push/unknown-token"},
});

}  // namespace

Findings check_refused_push(std::string_view why) {
  std::string_view id = "push/refused";
  for (const Reason& reason : kReasons) {
    if (why.starts_with(reason.begins)) id = reason.id;
  }
  return {found(id, why)};
}

}  // namespace understudy::agent::witness
