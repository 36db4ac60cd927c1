/// Any bytes as a command: read, written, read again, judged for every platform, redacted.

#include <cstdlib>

#include "shared/mdm/messages.h"
#include "shared/mdm/validate.h"
#include "shared/plist/plist.h"

namespace {

using namespace understudy;  // NOLINT(google-build-using-namespace)

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = plist::read({data, size}, {.limits = {}, .mode = plist::Mode::tolerant});
  if (!value) return 0;
  if (const auto command = mdm::parse_command(*value)) {
    const plist::Value written = mdm::to_plist(*command);
    const auto second = mdm::parse_command(written);
    check(second.has_value());
    check(mdm::to_plist(*second) == written);
    command->needs_tether();
  }
  for (int platform = 0; platform < mdm::kPlatforms; ++platform) {
    mdm::Target target;
    target.platform = static_cast<mdm::Platform>(platform);
    for (const auto& problem : mdm::validate_command(mdm::Catalog::builtin(), *value, target)) {
      check(problem.what.find('\n') == std::string::npos);
      check(problem.path.find('\n') == std::string::npos);
    }
  }
  check(mdm::redacted(*value).type() == value->type());
  return 0;
}
