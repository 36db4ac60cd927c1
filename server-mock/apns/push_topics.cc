#include "server-mock/apns/push_topics.h"

#include <algorithm>
#include <optional>

#include "shared/crypto/der.h"

namespace understudy::apns_mock {
namespace {

constexpr std::uint8_t kUtf8String = 0x0c;
constexpr std::uint8_t kSequence = 0x30;
constexpr std::size_t kShortForm = 0x80;  ///< lengths below it are one octet
/// What Apple's certificates say of an app's plain topic.
constexpr std::string_view kQualifier = "app";

struct Element {
  std::uint8_t tag = 0;
  BytesView content;
};

/// The length, in its own octets or in those it announces. Takes them off.
std::optional<std::size_t> take_length(BytesView& rest) {
  if (rest.empty()) return std::nullopt;
  std::size_t length = rest.front();
  rest = rest.subspan(1);
  if (length < kShortForm) return length;
  std::size_t octets = length - kShortForm;
  if (octets == 0 || octets > 4 || octets > rest.size()) return std::nullopt;
  for (length = 0; octets > 0; --octets) {
    length = length << 8U | rest.front();
    rest = rest.subspan(1);
  }
  return length;
}

/// Takes the first element off; nullopt at the end, and where there is none.
std::optional<Element> take(BytesView& rest) {
  if (rest.empty()) return std::nullopt;
  Element element{rest.front(), {}};
  rest = rest.subspan(1);
  const auto length = take_length(rest);
  if (!length || *length > rest.size()) return std::nullopt;
  element.content = rest.first(*length);
  rest = rest.subspan(*length);
  return element;
}

}  // namespace

std::vector<std::string> topics_of(const crypto::Certificate& certificate) {
  std::vector<std::string> topics;
  const auto add = [&](std::string topic) {
    const bool is_new = std::find(topics.begin(), topics.end(), topic) == topics.end();
    if (is_new && !topic.empty()) topics.push_back(std::move(topic));
  };
  add(certificate.subject().find(crypto::kUidOid).value_or(""));
  const auto extension = certificate.extension(kTopicExtension);
  if (!extension) return topics;
  BytesView rest = *extension;
  const auto sequence = take(rest);
  if (!sequence || sequence->tag != kSequence) return topics;
  rest = sequence->content;
  while (const auto element = take(rest)) {
    if (element->tag == kUtf8String) add(to_text(element->content));
  }
  return topics;
}

Bytes topic_extension(std::span<const std::string> topics) {
  namespace der = crypto::der;
  const Bytes qualifier = der::element(der::Tag::utf8_string, as_bytes(kQualifier));
  const Bytes qualifiers = der::element(der::Tag::sequence, qualifier);
  Bytes content;
  for (const std::string& topic : topics) {
    const Bytes name = der::element(der::Tag::utf8_string, as_bytes(topic));
    content.insert(content.end(), name.begin(), name.end());
    content.insert(content.end(), qualifiers.begin(), qualifiers.end());
  }
  return der::element(der::Tag::sequence, content);
}

}  // namespace understudy::apns_mock
