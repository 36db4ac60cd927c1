#include "server-mock/apns/proxy_request.h"

#include <algorithm>
#include <array>

namespace understudy::apns_mock {
namespace {

constexpr unsigned char kTlsHandshake = 0x16;  // the first octet of a TLS client
constexpr std::size_t kMaxShown = 200;         // of what a peer sent, in an answer

constexpr std::string_view kAllowed =
    "api.push.apple.com, api.sandbox.push.apple.com and api.development.push.apple.com, "
    "ports 443 and 2197";

struct Host {
  std::string_view name;
  Environment leads_to;
};
constexpr std::array kHosts = {Host{"api.push.apple.com", Environment::production},
                               Host{"api.sandbox.push.apple.com", Environment::sandbox},
                               Host{"api.development.push.apple.com", Environment::sandbox}};
constexpr std::array<std::uint16_t, 2> kPorts = {443, 2197};

std::string_view phrase(int status) {
  switch (status) {
    case 403:
      return "Forbidden";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Bad Request";
  }
}

bool is_head_octet(std::uint8_t octet) {
  return octet == '\r' || octet == '\n' || octet == '\t' || (octet >= 0x20 && octet != 0x7f);
}

/// The size of the head with its empty line, or npos while that has not come. Lines end in CRLF; a
/// bare LF is taken too (RFC 9112 section 2.2).
std::size_t head_size(std::string_view text, std::size_t from) {
  // A piece may end between the characters of an empty line.
  for (std::size_t at = text.find('\n', from); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    const std::string_view after = text.substr(at + 1);
    if (after.starts_with('\n')) return at + 2;
    if (after.starts_with("\r\n")) return at + 3;
  }
  return std::string_view::npos;
}

std::string shown(std::string_view text) {
  std::string start(text.substr(0, kMaxShown));
  for (char& c : start) {
    if (c == '\r' || c == '\t') c = '?';
  }
  return "'" + start + (text.size() > kMaxShown ? "...'" : "'");
}

/// A name (RFC 9110 allows more, DNS does not), or an IPv6 address that stood in brackets.
bool is_host(std::string_view host, bool in_brackets) {
  if (in_brackets) {
    boost::system::error_code no_address;
    asio::ip::make_address_v6(host, no_address);
    return !no_address;
  }
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

std::string canonical(std::string host) {
  if (host.ends_with('.')) host.pop_back();
  std::transform(host.begin(), host.end(), host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return host;
}

}  // namespace

std::string to_response(const ProxyRefusal& refusal) {
  const std::string body = refusal.why + "\n";
  std::string response = "HTTP/1.1 " + std::to_string(refusal.status) + " ";
  response += phrase(refusal.status);
  response += "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n";
  if (refusal.status == 405) response += "Allow: CONNECT\r\n";
  return response + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

ProxyHead::State ProxyHead::feed(BytesView octets) {
  if (state_ != State::incomplete || octets.empty()) return state_;
  if (head_.empty() && octets.front() == kTlsHandshake) {
    return refuse(400, "this proxy speaks plain HTTP: write http:// in HTTPS_PROXY, not https://");
  }
  const std::size_t searched = head_.size() < 3 ? 0 : head_.size() - 3;
  const std::size_t room = kMaxBytes - head_.size();
  head_ += as_text(octets.first(std::min(room, octets.size())));
  const std::size_t size = head_size(head_, searched);
  const std::string_view head = std::string_view(head_).substr(0, size);
  if (!std::all_of(head.begin(), head.end(),
                   [](char c) { return is_head_octet(static_cast<std::uint8_t>(c)); })) {
    return refuse(400, "this is no HTTP request: it holds control characters");
  }
  if (size == std::string::npos) {
    if (octets.size() < room) return state_;
    return refuse(431, "the request's head is over " + std::to_string(kMaxBytes) + " octets");
  }
  const std::size_t before = head_.size() - std::min(room, octets.size());
  const BytesView behind = octets.subspan(size - before);
  rest_.assign(behind.begin(), behind.end());
  std::string_view line = head.substr(0, head.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return read_request_line(line);
}

ProxyHead::State ProxyHead::read_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  const bool is_clean = line.find_first_of("\r\t") == std::string_view::npos;
  if (!is_clean || first == std::string_view::npos || first == 0 || first == last) {
    return refuse(400, shown(line) + " is no request line: send CONNECT host:port HTTP/1.1");
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view version = line.substr(last + 1);
  if (method != "CONNECT") {
    return refuse(405, "this proxy only tunnels: it takes CONNECT, not " + shown(method) +
                           "; set HTTPS_PROXY to its address, and leave HTTP_PROXY alone");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return refuse(505, shown(version) + " is not spoken here: send CONNECT host:port HTTP/1.1");
  }
  return read_target(line.substr(first + 1, last - first - 1));
}

ProxyHead::State ProxyHead::read_target(std::string_view authority) {
  if (authority.find("://") != std::string_view::npos) {
    return refuse(400, shown(authority) + " is a URL: CONNECT takes host:port");
  }
  auto target = net::HostPort::parse(authority.substr(0, kMaxShown));
  if (!target || target->port == 0 || !is_host(target->host, authority.starts_with('['))) {
    return refuse(400, shown(authority) + " is no host:port, such as api.push.apple.com:443");
  }
  target_ = std::move(*target);
  return state_ = State::complete;
}

ProxyHead::State ProxyHead::refuse(int status, std::string why) {
  refusal_.status = status;
  refusal_.why = std::move(why);
  return state_ = State::refused;
}

std::variant<Environment, ProxyRefusal> proxy_route(const net::HostPort& target) {
  const std::string name = canonical(target.host);
  const auto host = std::find_if(kHosts.begin(), kHosts.end(),
                                 [&name](const Host& known) { return known.name == name; });
  const bool is_port = std::find(kPorts.begin(), kPorts.end(), target.port) != kPorts.end();
  if (host != kHosts.end() && is_port) return host->leads_to;
  ProxyRefusal refusal;
  refusal.status = 403;
  refusal.why = target.text() + " is not reached from here: this proxy leads to " +
                std::string(kAllowed) + " only; list other hosts in NO_PROXY";
  return refusal;
}

}  // namespace understudy::apns_mock
