#pragma once

/// Who asks for a push, by its TLS client certificate.

#include <optional>
#include <string>
#include <vector>

#include "server-mock/apns/push_portal.h"

namespace understudy::apns_mock {

struct ProviderCaller {
  std::optional<PushCertificateStanding> standing;  ///< none: it showed no certificate
  std::vector<std::string> topics;                  ///< of a good one
  TimePoint not_before, not_after;  ///< of a good one: looked at again with every request
};

/// As the certificate stands with this environment's listener now.
ProviderCaller caller_of(const std::optional<crypto::Certificate>& certificate,
                         const PushPortal& portal, Environment listener, TimePoint now);

}  // namespace understudy::apns_mock
