#include "agent/session/fetch_identities.h"

namespace understudy::agent {

Task<FetchedIdentities> fetch_identities(IdentityTools tools, const Device& device,
                                         std::vector<WantedIdentity> wanted,
                                         std::vector<crypto::Certificate> anchors) {
  const auto variables = variables_of(device);  // the device may change, or go, meanwhile
  FetchedIdentities fetched;
  for (WantedIdentity& one : wanted) {
    IdentityWish wish;
    wish.payload = std::move(one.payload);
    wish.variables = variables;
    wish.anchors = std::move(one.anchors);
    wish.anchors.insert(wish.anchors.end(), anchors.begin(), anchors.end());
    auto identity = co_await obtain_identity(tools, std::move(wish));
    fetched.emplace(one.payload_uuid, std::move(identity));
  }
  co_return fetched;
}

}  // namespace understudy::agent
