/// Any bytes as a check-in or a result: what is read says the same when it is written and read once
/// more; every platform's rules survive it.

#include <cstdlib>

#include "shared/mdm/messages.h"
#include "shared/mdm/validate.h"
#include "shared/plist/plist.h"

namespace {

using namespace understudy;  // NOLINT(google-build-using-namespace)

void check(bool holds) {
  if (!holds) std::abort();
}

template <class T, class Parse>
void again(const Result<T>& message, Parse parse) {
  if (!message) return check(message.error().message().find('\n') == std::string::npos);
  const plist::Value written = to_plist(*message);
  const auto second = parse(written);
  check(second.has_value());
  check(to_plist(*second) == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = plist::read({data, size}, {.limits = {}, .mode = plist::Mode::tolerant});
  if (!value) return 0;
  again(mdm::parse_checkin(*value), mdm::parse_checkin);
  again(mdm::parse_report(*value), mdm::parse_report);
  const std::string type = value->string_at("RequestType").value_or("DeviceInformation");
  for (int platform = 0; platform < mdm::kPlatforms; ++platform) {
    mdm::Target target;
    target.platform = static_cast<mdm::Platform>(platform);
    for (const auto channel : {mdm::Channel::device, mdm::Channel::user}) {
      target.channel = channel;
      mdm::validate_checkin(mdm::Catalog::builtin(), *value, target);
      mdm::validate_response(mdm::Catalog::builtin(), type, *value, target);
    }
  }
  check(mdm::redacted(*value).type() == value->type());
  return 0;
}
