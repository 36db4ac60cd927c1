#include "server-mock/cli/issue_cert.h"

#include <algorithm>

#include "server-mock/apns/push_authority.h"
#include "server-mock/data_dir.h"
#include "shared/io/file.h"

namespace understudy::server {
namespace {

bool is_topic_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

/// The prefix is PushAuthority's business.
Result<void> check_topics(const std::vector<std::string>& topics) {
  for (const std::string& topic : topics) {
    if (std::all_of(topic.begin(), topic.end(), is_topic_character)) continue;
    return fail(errc::invalid_argument,
                "issue a push certificate for topic '" + topic + "': that is none",
                "a topic holds letters, digits, '.', '-' and '_' only");
  }
  return {};
}

}  // namespace

Result<IssuedCert> issue_cert(const IssueCertOptions& options, TimePoint now) {
  UNDERSTUDY_CHECK(check_topics(options.topics));
  std::error_code ignored;
  if (!options.replace && std::filesystem::exists(options.out, ignored)) {
    return fail(errc::already_exists, options.out.string() + " exists",
                "name another file, or replace it with --force");
  }
  UNDERSTUDY_TRY(DataDir dir, DataDir::open(options.data_dir));
  const TimePoint today = now + Duration(dir.remembered().clock_offset);
  UNDERSTUDY_TRY(const auto authority,
                 apns_mock::PushAuthority::open(dir.apns_folder(), today, options.environment));
  UNDERSTUDY_TRY(auto key, crypto::PrivateKey::generate(crypto::KeyType::rsa_2048));
  UNDERSTUDY_TRY(auto certificate,
                 authority.issue_multi_topic(key.public_key(), options.topics, today));
  // Without the CA's: servers that read one PEM take the last certificate of it.
  const crypto::Identity push{std::move(key), std::move(certificate), {}};
  UNDERSTUDY_CHECK(io::write_file(options.out, as_bytes(push.pem()), true));
  return IssuedCert{push.certificate.not_after(), push.certificate.fingerprint()};
}

}  // namespace understudy::server
