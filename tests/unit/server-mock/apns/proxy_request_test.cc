#include "server-mock/apns/proxy_request.h"

#include <gtest/gtest.h>

namespace understudy::apns_mock {
namespace {

using State = ProxyHead::State;

const std::string kHead =
    "CONNECT api.push.apple.com:443 HTTP/1.1\r\nHost: api.push.apple.com:443\r\n"
    "User-Agent: Go-http-client/1.1\r\n\r\n";

ProxyHead read(const std::string& text) {
  ProxyHead head;
  head.feed(as_bytes(text));
  return head;
}

void expect_refused(const std::string& text, int status, const std::string& word) {
  const ProxyHead head = read(text);
  ASSERT_EQ(head.state(), State::refused) << text;
  EXPECT_EQ(head.refusal().status, status) << text;
  EXPECT_NE(head.refusal().why.find(word), std::string::npos) << head.refusal().why;
  EXPECT_EQ(head.refusal().why.find_first_of("\r\n"), std::string::npos) << text;
}

TEST(ProxyHead, ReadsTheTarget) {
  const ProxyHead head = read(kHead);
  ASSERT_EQ(head.state(), State::complete);
  EXPECT_EQ(head.target().host, "api.push.apple.com");
  EXPECT_EQ(head.target().port, 443);
  EXPECT_TRUE(head.rest().empty());
}

TEST(ProxyHead, TakesOlderHttpAndBareLineFeeds) {
  EXPECT_EQ(read("CONNECT a:1 HTTP/1.0\r\n\r\n").state(), State::complete);
  EXPECT_EQ(read("CONNECT a:1 HTTP/1.1\n\n").state(), State::complete);
}

TEST(ProxyHead, ReadsAnIpv6Literal) {
  const ProxyHead head = read("CONNECT [2001:db8::1]:2197 HTTP/1.1\r\n\r\n");
  ASSERT_EQ(head.state(), State::complete);
  EXPECT_EQ(head.target().host, "2001:db8::1");
  EXPECT_EQ(head.target().port, 2197);
}

TEST(ProxyHead, KeepsWhatComesBehindTheHeadWhereverItIsSplit) {
  const std::string stream = kHead + "\x16\x03\x01 a client hello";
  for (std::size_t split = 0; split <= stream.size(); ++split) {
    ProxyHead head;
    std::string rest;
    for (const std::string& piece : {stream.substr(0, split), stream.substr(split)}) {
      const bool was_complete = head.state() == State::complete;
      head.feed(as_bytes(piece));
      if (was_complete) {
        rest += piece;
      } else if (head.state() == State::complete) {
        rest += as_text(head.rest());
      }
    }
    ASSERT_EQ(head.state(), State::complete) << split;
    EXPECT_EQ(rest, "\x16\x03\x01 a client hello") << split;
  }
}

TEST(ProxyHead, ReadsOctetByOctet) {
  ProxyHead head;
  for (std::size_t at = 0; at < kHead.size(); ++at) {
    ASSERT_EQ(head.state(), State::incomplete) << at;
    head.feed(as_bytes(std::string_view(kHead).substr(at, 1)));
  }
  EXPECT_EQ(head.state(), State::complete);
}

TEST(ProxyHead, TakesAHeadOfExactlyTheLimitAndNoMore) {
  const std::string end = "\r\n\r\n";
  std::string head = "CONNECT a:1 HTTP/1.1\r\nx: ";
  head.resize(ProxyHead::kMaxBytes - end.size(), 'x');
  EXPECT_EQ(read(head + end + "behind").state(), State::complete);
  expect_refused(head + "x" + end, 431, "8192");
  expect_refused(std::string(1'000'000, 'x'), 431, "8192");
}

TEST(ProxyHead, RefusesWithWordsThatHelp) {
  expect_refused("GET http://api.push.apple.com/ HTTP/1.1\r\n\r\n", 405, "HTTPS_PROXY");
  expect_refused("GET / HTTP/1.1\r\n\r\n", 405, "CONNECT");
  expect_refused("connect a:1 HTTP/1.1\r\n\r\n", 405, "CONNECT");
  expect_refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 405, "CONNECT");
  expect_refused("CONNECT https://api.push.apple.com:443 HTTP/1.1\r\n\r\n", 400, "URL");
  expect_refused("CONNECT a:1 HTTP/2.0\r\n\r\n", 505, "HTTP/1.1");
  for (const char* target :
       {"api.push.apple.com", "a:", ":443", "a:0", "a:65536", "a:-1", "a:4x", "::1:443", "[::1]",
        "[::1:443", "a b:443", "a:443 x", "[api.push.apple.com]:443", "user@a:443", "a/b:443"}) {
    expect_refused("CONNECT " + std::string(target) + " HTTP/1.1\r\n\r\n", 400, "host:port");
  }
  for (const char* line :
       {"", "CONNECT", "CONNECT a:443", " CONNECT a:443 ", "CONNECT a:1\rHTTP/1.1"}) {
    expect_refused(std::string(line) + "\r\n\r\n",
                   std::string(line) == "CONNECT a:443 " ? 505 : 400, "CONNECT host:port");
  }
}

TEST(ProxyHead, RefusesAtOnceWhatIsNoHttp) {
  expect_refused("\x16\x03\x01", 400, "http://");
  expect_refused("CONN\x01", 400, "control characters");
}

TEST(ProxyHead, NeverRepeatsALongTargetWhole) {
  const ProxyHead head = read("CONNECT " + std::string(5000, 'a') + " HTTP/1.1\r\n\r\n");
  EXPECT_LT(head.refusal().why.size(), 400U);
}

TEST(ProxyRoute, LeadsApplesHostsToTheirEnvironment) {
  const auto lands = [](const std::string& host, std::uint16_t port) {
    return std::get<Environment>(proxy_route(net::HostPort{host, port}));
  };
  for (const std::uint16_t port : {std::uint16_t{443}, std::uint16_t{2197}}) {
    EXPECT_EQ(lands("api.push.apple.com", port), Environment::production);
    EXPECT_EQ(lands("api.sandbox.push.apple.com", port), Environment::sandbox);
    EXPECT_EQ(lands("api.development.push.apple.com", port), Environment::sandbox);
  }
  EXPECT_EQ(lands("API.Push.Apple.COM.", 443), Environment::production);
}

TEST(ProxyRoute, LeadsNowhereElse) {
  const auto refusal = [](const std::string& host, std::uint16_t port) {
    return std::get<ProxyRefusal>(proxy_route(net::HostPort{host, port}));
  };
  for (const char* host : {"example.com", "push.apple.com", "xapi.push.apple.com", "127.0.0.1",
                           "api.push.apple.com.example.com", "api.push.apple.com..", ".", "::1"}) {
    EXPECT_EQ(refusal(host, 443).status, 403) << host;
  }
  const ProxyRefusal refused = refusal("api.push.apple.com", 80);
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.why.find("api.sandbox.push.apple.com"), std::string::npos);
  EXPECT_NE(refused.why.find("2197"), std::string::npos);
  EXPECT_NE(refused.why.find("NO_PROXY"), std::string::npos);
}

TEST(ProxyRefusal, IsAWholeAnswer) {
  ProxyRefusal refusal;
  refusal.status = 405;
  refusal.why = "no";
  EXPECT_EQ(to_response(refusal),
            "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Connection: close\r\nAllow: CONNECT\r\nContent-Length: 3\r\n\r\nno\n");
}

}  // namespace
}  // namespace understudy::apns_mock
