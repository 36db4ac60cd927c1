/// Any octets as the head of a proxy request, in one piece and in many: the same verdict, nothing
/// behind the head lost, and an answer that is one line.

#include <algorithm>
#include <cstdlib>

#include "server-mock/apns/proxy_request.h"

namespace {

using namespace understudy;  // NOLINT(google-build-using-namespace)
using apns_mock::ProxyHead;

void check(bool holds) {
  if (!holds) std::abort();
}

/// How many octets the head took.
std::size_t read(ProxyHead& head, BytesView stream, std::size_t piece) {
  std::size_t at = 0;
  while (at < stream.size() && head.state() == ProxyHead::State::incomplete) {
    const std::size_t size = std::min(piece, stream.size() - at);
    head.feed(stream.subspan(at, size));
    at += size;
  }
  return at - head.rest().size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView stream = BytesView(data, size).subspan(1);
  ProxyHead whole;
  ProxyHead pieces;
  const std::size_t taken = read(whole, stream, stream.size());
  const std::size_t taken_in_pieces = read(pieces, stream, std::size_t{data[0]} + 1);
  check(whole.state() == pieces.state());
  if (whole.state() == ProxyHead::State::refused) {
    check(whole.refusal().status == pieces.refusal().status);
    check(whole.refusal().why == pieces.refusal().why);
    check(whole.refusal().why.find_first_of("\r\n") == std::string::npos);
    check(to_response(whole.refusal()).size() < 2000);
  }
  if (whole.state() != ProxyHead::State::complete) return 0;
  check(taken == taken_in_pieces && taken <= ProxyHead::kMaxBytes);
  check(whole.target().text() == pieces.target().text());
  const BytesView behind = stream.subspan(taken);
  check(std::equal(behind.begin(), behind.end(), whole.rest().begin(), whole.rest().end()));
  const auto again = net::HostPort::parse(whole.target().text());
  check(again.has_value() && again->host == whole.target().host);
  apns_mock::proxy_route(whole.target());
  return 0;
}
