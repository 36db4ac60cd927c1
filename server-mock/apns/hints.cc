#include "server-mock/apns/hints.h"

#include <array>
#include <utility>

#include "shared/net/asio.h"

namespace understudy::apns_mock {
namespace {

constexpr std::array<std::pair<std::string_view, HintTarget>, 5> kTargets = {
    {{"nanomdm", HintTarget::nanomdm},
     {"micromdm", HintTarget::micromdm},
     {"zentral", HintTarget::zentral},
     {"fleet", HintTarget::fleet},
     {"hosts", HintTarget::hosts}}};

constexpr std::string_view kProxyComment = R"(#
# The proxy leads to this push service only and refuses every other host with 403. What else the
# server reaches by https (webhooks, other services) has to be named in NO_PROXY; take care that
# NO_PROXY, set here or before, does not match api.push.apple.com ('*' and 'apple.com' do).
)";

/// A word of a POSIX shell, whatever is in it.
std::string quoted(std::string_view text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string url(std::string_view scheme, const HintFacts& facts, std::uint16_t port) {
  return std::string(scheme) + "://" + net::HostPort{facts.host, port}.text();
}

std::string export_line(std::string_view name, std::string_view value) {
  return "export " + std::string(name) + "=" + quoted(value) + "\n";
}

std::string trust(const HintFacts& facts, std::string_view of_the_language) {
  std::string text = "#\n# SSL_CERT_FILE takes the place of the system's bundle of CAs";
  text += facts.bundle.empty()
              ? ": with only our CA in it the server trusts\n# nobody else. No system bundle was "
                "found here; append ours to a copy of yours if it has to.\n"
              : ", so this file holds\n# that bundle and our CA. Ours alone: " + facts.ca + "\n";
  text += of_the_language;
  return text + export_line("SSL_CERT_FILE", facts.bundle.empty() ? facts.ca : facts.bundle);
}

constexpr std::string_view kGoOnMac =
    "# On macOS Go asks the keychain and not this variable: add our CA there.\n";

std::string through_proxy(std::string_view first_line, const HintFacts& facts,
                          std::string_view of_the_language) {
  return std::string(first_line) + std::string(kProxyComment) +
         export_line("HTTPS_PROXY", url("http", facts, facts.proxy_port)) +
         trust(facts, of_the_language);
}

std::string for_fleet(const HintFacts& facts) {
  return "# Fleet, started with `fleet serve --dev`, has a variable of its own for this.\n"
         "# FLEET_DEV_MDM_APPLE_DISABLE_PUSH must not be set beside it.\n" +
         export_line("FLEET_DEV_MDM_APPLE_PUSH_SERVER_URL",
                     url("https", facts, facts.provider_port)) +
         trust(facts, kGoOnMac);
}

/// The address that /etc/hosts can hold.
std::string hosts_address(const HintFacts& facts) {
  return facts.host == "localhost" ? "127.0.0.1" : facts.host;
}

std::string for_hosts(const HintFacts& facts) {
  const std::string address = hosts_address(facts);
  std::string text =
      "# For /etc/hosts of the machine the MDM server runs on. Names carry no port, and it will "
      "use "
      "443\n# or 2197: start the push service with --apns-port 443 (as root, or with "
      "CAP_NET_BIND_SERVICE) or\n# --apns-port 2197, or redirect the port.\n" +
      address + " api.push.apple.com\n";
  if (facts.sandbox_port != 0) {
    text +=
        "# The sandbox listens on another port of the same address: start it with --sandbox-port "
        "2197 (or\n# 443), and have the server use that port.\n" +
        address + " api.sandbox.push.apple.com api.development.push.apple.com\n";
  }
  return text + "# They listen on " + std::to_string(facts.provider_port) +
         (facts.sandbox_port == 0 ? "" : " and " + std::to_string(facts.sandbox_port)) +
         " now. The server must trust this CA: " + facts.ca + "\n";
}

}  // namespace

std::optional<HintTarget> hint_target(std::string_view name) {
  for (const auto& [known, target] : kTargets) {
    if (known == name) return target;
  }
  return std::nullopt;
}

std::string hint(HintTarget target, const HintFacts& facts) {
  switch (target) {
    case HintTarget::nanomdm:
      return through_proxy("# NanoMDM pushes through the proxy of its environment.\n", facts,
                           kGoOnMac);
    case HintTarget::micromdm:
      return through_proxy("# MicroMDM pushes through the proxy of its environment.\n", facts,
                           kGoOnMac);
    case HintTarget::zentral:
      return through_proxy(
          "# Zentral, for its web and worker processes; from its source, not tried by us.\n", facts,
          "");
    case HintTarget::fleet:
      return for_fleet(facts);
    case HintTarget::hosts:
      return for_hosts(facts);
  }
  return {};
}

}  // namespace understudy::apns_mock
