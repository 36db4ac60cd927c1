#include "server-mock/console/query.h"

#include <charconv>

#include "shared/core/errc.h"

namespace understudy::server {

Result<std::int64_t> query_number(const net::Target& target, const char* name, std::int64_t preset,
                                  std::int64_t most) {
  const std::optional<std::string> text = target.parameter(name);
  if (!text) return preset;
  std::int64_t value = -1;
  const char* end = text->data() + text->size();
  const auto [stop, code] = std::from_chars(text->data(), end, value);
  if (code == std::errc() && stop == end && value >= 0 && value <= most) return value;
  return fail(errc::invalid_argument, std::string(name) + "=" + *text + " is out of range",
              "give a number from 0 to " + std::to_string(most));
}

}  // namespace understudy::server
