/// Any bytes, split anywhere: the parser and every message reader survive them, and what is read is
/// written back as it came.

#include <algorithm>
#include <cstdlib>

#include "shared/apns/messages.h"

namespace {

using namespace understudy;  // NOLINT(google-build-using-namespace)

void check(bool holds) {
  if (!holds) std::abort();
}

/// What a message says stays the same when it is written and read once more.
template <class Message>
void again(const Result<Message>& message, Result<Message> (*parse)(const apns::Frame&)) {
  if (!message) return;
  const apns::Frame written = to_frame(*message);
  const auto second = parse(written);
  check(second.has_value());
  check(to_frame(*second) == written);
}

void read_as_everything(const apns::Frame& frame) {
  again(apns::parse_connect(frame), apns::parse_connect);
  again(apns::parse_connect_response(frame), apns::parse_connect_response);
  again(apns::parse_filter(frame), apns::parse_filter);
  again(apns::parse_notification(frame), apns::parse_notification);
  again(apns::parse_ack(frame), apns::parse_ack);
  again(apns::parse_keepalive(frame), apns::parse_keepalive);
  again(apns::parse_keepalive_ack(frame), apns::parse_keepalive_ack);
  again(apns::parse_no_storage(frame), apns::parse_no_storage);
  again(apns::parse_app_token_request(frame), apns::parse_app_token_request);
  again(apns::parse_app_token_response(frame), apns::parse_app_token_response);
  again(apns::parse_set_state(frame), apns::parse_set_state);
}

/// The octets of all frames that were read, in order.
Bytes read_stream(BytesView stream, std::size_t piece) {
  apns::FrameParser parser;
  Bytes written;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    parser.feed(stream.subspan(at, std::min(piece, stream.size() - at)));
    for (;;) {
      const auto frame = parser.next();
      if (!frame) return written;
      if (!*frame) break;
      read_as_everything(**frame);
      const auto bytes = apns::encode(**frame);
      check(bytes.has_value());
      written.insert(written.end(), bytes->begin(), bytes->end());
    }
  }
  return written;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = std::size_t{data[0]} + 1;
  const BytesView stream = BytesView(data, size).subspan(1);
  const Bytes pieces = read_stream(stream, piece);
  check(std::equal(pieces.begin(), pieces.end(), stream.begin()));
  check(read_stream(stream, stream.size() + 1) == pieces);
  return 0;
}
