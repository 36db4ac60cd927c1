#include "server-mock/cli/hint_facts.h"

#include <array>

#include "server-mock/data_dir.h"
#include "shared/core/errc.h"
#include "shared/io/file.h"

namespace understudy::server {
namespace {

/// Where systems keep all their CAs in one file: Debian, Fedora, openSUSE, Alpine and macOS.
constexpr std::array kSystemBundles = {"/etc/ssl/certs/ca-certificates.crt",
                                       "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                                       "/etc/ssl/cert.pem"};

tl::unexpected<Error> never_ran(const std::filesystem::path& folder) {
  return fail(errc::not_found, "no push service has run on " + folder.string() + " yet",
              "start it: understudy-server apns --data-dir " + folder.string());
}

/// The bundle's path, empty where the system has none.
Result<std::string> write_bundle(const DataDir& dir) {
  for (const char* candidate : kSystemBundles) {
    const Result<Bytes> system = io::read_file(candidate);
    if (!system) continue;
    UNDERSTUDY_TRY(Bytes bundle, io::read_file(dir.root_certificate_file()));
    bundle.insert(bundle.end(), system->begin(), system->end());
    const std::filesystem::path file = dir.path() / "ca-bundle.pem";
    UNDERSTUDY_CHECK(io::write_file(file, bundle));
    return file.string();
  }
  return std::string();
}

}  // namespace

Result<apns_mock::HintFacts> hint_facts(apns_mock::HintTarget target,
                                        const std::filesystem::path& data_dir) {
  using apns_mock::HintTarget;
  std::error_code ignored;
  if (!std::filesystem::is_directory(data_dir, ignored)) return never_ran(data_dir);
  UNDERSTUDY_TRY(DataDir dir, DataDir::open(data_dir));
  const Remembered& last = dir.remembered();
  if (last.apns_port == 0) return never_ran(data_dir);
  const bool needs_proxy = target != HintTarget::fleet && target != HintTarget::hosts;
  if (needs_proxy && last.proxy_port == 0) {
    return fail(errc::unsupported, "the server that ran on " + data_dir.string() + " has no proxy",
                "run understudy-server apns");
  }
  apns_mock::HintFacts facts;
  const std::string& host = last.apns_host.empty() ? last.host : last.apns_host;
  if (!host.empty()) facts.host = host;
  facts.provider_port = last.apns_port;
  facts.sandbox_port = last.sandbox_port;
  facts.proxy_port = last.proxy_port;
  facts.ca = dir.root_certificate_file().string();
  if (target != HintTarget::hosts) {
    UNDERSTUDY_TRY(facts.bundle, write_bundle(dir));
  }
  return facts;
}

}  // namespace understudy::server
