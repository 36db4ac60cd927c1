#include "server-mock/apns/push_authority.h"

#include <algorithm>

#include "server-mock/apns/push_topics.h"
#include "shared/apns/provider.h"
#include "shared/io/file.h"

namespace understudy::apns_mock {
namespace {

constexpr auto kCaLifetime = std::chrono::days(20 * 365);
constexpr std::size_t kMaxTopic = 255;

/// Lower case, as Apple's topics have it.
std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  return text;
}

crypto::Name push_subject(const std::string& topic) {
  const std::string uuid = topic.substr(topic.rfind('.') + 1);
  return crypto::Name::of(
      {{std::string(crypto::kUidOid), topic}, {"CN", "APSP:" + uuid}, {"C", "US"}});
}

Result<void> check_topic(const std::string& topic) {
  const bool has_name = topic.size() > apns::kMdmTopicPrefix.size() && topic.size() <= kMaxTopic;
  if (topic.starts_with(apns::kMdmTopicPrefix) && has_name && !topic.ends_with('.')) return {};
  return fail(errc::invalid_argument,
              "issue a push certificate for topic '" + topic + "': that is none",
              "an MDM topic is com.apple.mgmt.External. and a UUID");
}

}  // namespace

Result<PushAuthority> PushAuthority::open(const std::filesystem::path& folder, TimePoint now,
                                          Environment environment) {
  const bool is_sandbox = environment == Environment::sandbox;
  const std::filesystem::path file = folder / (is_sandbox ? "push-ca-sandbox.pem" : "push-ca.pem");
  if (const auto pem = io::read_file(file)) {
    auto identity = crypto::Identity::from_pem(as_text(*pem));
    if (!identity) return fail_in("push CA " + file.string(), std::move(identity).error());
    UNDERSTUDY_TRY(auto ca, crypto::CertificateAuthority::from_identity(std::move(*identity)));
    return PushAuthority(std::move(ca));
  } else if (pem.error().code != make_error_code(errc::not_found)) {
    return fail_in("push CA", pem.error());
  }
  const char* name = is_sandbox ? "Understudy Sandbox Push CA" : "Understudy Push CA";
  const auto subject = crypto::Name::of({{"CN", name}, {"O", "Understudy"}});
  UNDERSTUDY_TRY(auto ca, crypto::CertificateAuthority::create(subject, crypto::KeyType::p256, now,
                                                               now + kCaLifetime));
  UNDERSTUDY_CHECK(io::make_directory(folder, true));
  UNDERSTUDY_CHECK(io::write_file(file, as_bytes(ca.identity().pem()), true));
  return PushAuthority(std::move(ca));
}

std::string PushAuthority::new_topic(Rng& rng) {
  return std::string(apns::kMdmTopicPrefix) + "External." + lower(rng.uuid());
}

Result<crypto::Certificate> PushAuthority::issue(const crypto::PublicKey& key,
                                                 const std::string& topic, TimePoint now) const {
  return issue_multi_topic(key, std::span(&topic, 1), now);
}

Result<crypto::Certificate> PushAuthority::issue_multi_topic(const crypto::PublicKey& key,
                                                             std::span<const std::string> topics,
                                                             TimePoint now) const {
  if (topics.empty() || topics.size() > kMaxTopics) {
    return fail(errc::invalid_argument,
                "issue a push certificate for " + std::to_string(topics.size()) +
                    " topics: so many cannot be in one",
                "name one to " + std::to_string(kMaxTopics));
  }
  for (const std::string& topic : topics) {
    UNDERSTUDY_CHECK(check_topic(topic));
    if (std::ranges::count(topics, topic) == 1) continue;
    return fail(errc::invalid_argument,
                "issue a push certificate: topic '" + topic + "' is named twice", "name each once");
  }
  crypto::CertificateSpec spec;
  spec.subject = push_subject(topics.front());
  spec.purpose = crypto::CertificateSpec::Purpose::tls_client;
  spec.not_before = now;
  spec.not_after = now + kLifetime;
  if (topics.size() > 1) {
    spec.extensions.push_back({std::string(kTopicExtension), topic_extension(topics), false});
  }
  return ca_.issue(spec, key);
}

Result<crypto::Identity> PushAuthority::issue_identity(const std::string& topic,
                                                       TimePoint now) const {
  UNDERSTUDY_TRY(auto key, crypto::PrivateKey::generate(crypto::KeyType::rsa_2048));
  UNDERSTUDY_TRY(auto certificate, issue(key.public_key(), topic, now));
  return crypto::Identity{std::move(key), std::move(certificate), {ca_.certificate()}};
}

}  // namespace understudy::apns_mock
