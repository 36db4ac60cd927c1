#pragma once

/// OpenSSL's error queue as text. Private to net/.

#include <string>

namespace understudy::net {

/// Empties this thread's error queue and returns the reason of its first entry, as "tlsv1 alert
/// unknown ca"; empty when the queue was.
std::string take_openssl_reason();

}  // namespace understudy::net
