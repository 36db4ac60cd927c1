#include "agent/identity/key_choice.h"

#include <charconv>

#include "shared/core/errc.h"

namespace understudy::agent {
namespace {

constexpr std::string_view kPool = "pool:";
constexpr std::size_t kLargestPool = 1024;  // beyond that, unique ones are no slower

}  // namespace

Result<KeyChoice> KeyChoice::parse(std::string_view text) {
  KeyChoice choice;
  if (text == "unique") return choice;
  if (text == "p256") {
    choice.kind = Kind::p256;
    return choice;
  }
  choice.kind = Kind::pool;
  if (text.starts_with(kPool)) {
    const char* end = text.data() + text.size();
    const auto [read_to, ec] = std::from_chars(text.data() + kPool.size(), end, choice.pool);
    if (ec == std::errc() && read_to == end && choice.pool >= 1 && choice.pool <= kLargestPool) {
      return choice;
    }
  }
  return fail(errc::invalid_argument, "--keys " + std::string(text) + " is no choice",
              "say unique, pool:N with N from 1 to " + std::to_string(kLargestPool) + ", or p256");
}

std::string KeyChoice::text() const {
  if (kind == Kind::unique) return "unique";
  return kind == Kind::p256 ? "p256" : std::string(kPool) + std::to_string(pool);
}

}  // namespace understudy::agent
