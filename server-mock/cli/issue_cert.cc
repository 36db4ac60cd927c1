#include "server-mock/cli/issue_cert.h"

#include <algorithm>

#include "server-mock/apns/push_portal.h"
#include "server-mock/data_dir.h"
#include "shared/io/file.h"

namespace understudy::server {
namespace {

constexpr const char* kRequester = "understudy-server apns issue-cert";

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
  // The record that a server reads, the one which runs on this folder now or the next.
  UNDERSTUDY_TRY(const auto portal,
                 apns_mock::PushPortal::open(dir.apns_folder(), Rng::from_system(), today));
  apns_mock::CertificateOrder order{options.environment, options.topics, kRequester};
  UNDERSTUDY_TRY(crypto::Identity push, portal->issue_identity(order, today));
  push.chain.clear();  // servers that read one PEM take the last certificate of it
  Result<void> written = io::write_file(options.out, as_bytes(push.pem()), true);
  const std::string serial = push.certificate.serial_hex();
  if (!written) {
    UNDERSTUDY_CHECK(portal->revoke(serial, today));
    return tl::unexpected(std::move(written).error());
  }
  return IssuedCert{push.certificate.not_after(), serial, push.certificate.fingerprint()};
}

}  // namespace understudy::server
