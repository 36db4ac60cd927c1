#pragma once

/// What an MDM server asks of the CONNECT proxy: the head of its request, and where the tunnel
/// leads. Only Apple's push hosts do lead somewhere, so that nothing leaves the machine by way of
/// this proxy. Source: RFC 9110 section 9.3.6, RFC 9112; the hosts: docs/protocol/provider-api.md.

#include <optional>
#include <string>
#include <variant>

#include "server-mock/apns/environment.h"
#include "shared/core/bytes.h"
#include "shared/net/asio.h"

namespace understudy::apns_mock {

struct ProxyRefusal {
  int status = 400;
  std::string why;  ///< one line for a person; names what to do
};

/// A whole answer that ends the connection; `why` is its body.
std::string to_response(const ProxyRefusal& refusal);

/// Reads `CONNECT host:port HTTP/1.1` and the fields after it, which mean nothing here. Does no
/// I/O.
class ProxyHead {
 public:
  /// Longer heads are refused with 431.
  static constexpr std::size_t kMaxBytes = std::size_t{8} * 1024;

  enum class State { incomplete, complete, refused };
  /// Takes octets as they come, in pieces of any size. Does nothing once the state is another than
  /// incomplete.
  State feed(BytesView octets);
  State state() const { return state_; }

  const net::HostPort& target() const { return target_; }   ///< once complete
  const ProxyRefusal& refusal() const { return refusal_; }  ///< once refused
  /// Once complete: what came behind the head and belongs to the tunnel.
  const Bytes& rest() const { return rest_; }

 private:
  State refuse(int status, std::string why);
  State read_request_line(std::string_view line);
  State read_target(std::string_view authority);

  State state_ = State::incomplete;
  std::string head_;
  net::HostPort target_;
  ProxyRefusal refusal_;
  Bytes rest_;
};

/// The environment whose provider API `target` leads to: names without regard to case and with or
/// without a final dot, ports 443 and 2197. Everything else is refused with 403.
std::variant<Environment, ProxyRefusal> proxy_route(const net::HostPort& target);

}  // namespace understudy::apns_mock
