#pragma once

/// The topics a push certificate is for: its UID, and for several the multi-topic extension.
/// Source: docs/protocol/push-certificates.md.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/crypto/certificate.h"

namespace understudy::apns_mock {

/// A SEQUENCE that alternates a topic (UTF8String) and a SEQUENCE of what it is for (UTF8Strings).
inline constexpr std::string_view kTopicExtension = "1.2.840.113635.100.6.3.6";

/// The UID first, then the extension's in their order, each once. Empty: no push certificate.
std::vector<std::string> topics_of(const crypto::Certificate& certificate);

/// The extension's DER value.
Bytes topic_extension(std::span<const std::string> topics);

}  // namespace understudy::apns_mock
