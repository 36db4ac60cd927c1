#include "agent/enroll/courier_identity.h"

namespace understudy::agent {

Task<Result<void>> take_courier_identity(Device& device, const CourierChoice& choice,
                                         KeyMaker& keys, Rng& rng, TimePoint now) {
  // As captured devices: the courier certificate's CN is a UUID of its own, not the UDID.
  std::vector<crypto::Attribute> attributes;
  attributes.push_back(crypto::Attribute{"CN", rng.uuid()});
  auto subject = crypto::Name::of(std::move(attributes));
  UNDERSTUDY_CO_TRY(const auto identity, co_await keys.make_self_signed(std::move(subject), now));
  PushState push;
  push.courier = choice.courier->address().text();
  for (const auto& anchor : choice.anchors) push.courier_anchors_der.push_back(anchor.der());
  push.key_der = identity.key.der();
  push.certificate_der = identity.certificate.der();
  device.push = std::move(push);
  co_return Result<void>();
}

}  // namespace understudy::agent
