#include "server-mock/apns/provider_caller.h"

#include "server-mock/apns/push_topics.h"

namespace understudy::apns_mock {

ProviderCaller caller_of(const std::optional<crypto::Certificate>& certificate,
                         const PushPortal& portal, Environment listener, TimePoint now) {
  ProviderCaller caller;
  if (!certificate) return caller;
  caller.standing = portal.judge(*certificate, listener, now);
  caller.topics = topics_of(*certificate);
  caller.not_before = certificate->not_before();
  caller.not_after = certificate->not_after();
  return caller;
}

}  // namespace understudy::apns_mock
