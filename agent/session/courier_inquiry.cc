#include "agent/session/courier_inquiry.h"

#include "shared/core/log.h"

namespace understudy::agent {

Task<void> CourierInquiry::ask(std::shared_ptr<CourierInquiry> inquiry,
                               std::shared_ptr<Courier> courier, bool sandbox) {
  const auto stream = co_await courier->connect(sandbox);
  if (stream) co_return;
  const std::string why = stream.error().message();
  if (!inquiry->told.insert(why).second) co_return;
  log::warn("courier.unreachable", {{"courier", courier->address().text()}, {"error", why}});
}

}  // namespace understudy::agent
