#include "server-mock/data_dir.h"

#include <boost/asio/ip/address.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "shared/core/errc.h"
#include "shared/core/log.h"
#include "shared/io/file.h"

namespace understudy::server {
namespace {

constexpr auto kCaLifetime = std::chrono::days(20 * 365);
/// Apple's systems refuse TLS server certificates that live longer than 825 days.
constexpr auto kServerLifetime = std::chrono::days(800);
constexpr auto kRenewBefore = std::chrono::days(30);
constexpr auto kClockLeeway = std::chrono::hours(1);
constexpr std::size_t kApiKeyBytes = 16;

constexpr const char* kSettingsFile = "settings.json";
constexpr const char* kServerIdentityFile = "server-identity.pem";
constexpr const char* kApiKeyFile = "api-key";

/// nullopt when there is no such file.
Result<std::optional<std::string>> read_if_there(const std::filesystem::path& file) {
  Result<Bytes> bytes = io::read_file(file);
  if (bytes) return std::optional<std::string>(to_text(*bytes));
  if (bytes.error().code == errc::not_found) return std::optional<std::string>();
  return tl::unexpected(std::move(bytes).error());
}

crypto::CertificateSpec server_spec(const std::string& host, TimePoint now) {
  crypto::CertificateSpec spec;
  spec.subject = crypto::Name::of({{"O", "Understudy"}, {"CN", host}});
  spec.alt_names.dns = {"localhost"};
  spec.alt_names.ip = {"127.0.0.1", "::1"};
  boost::system::error_code no_address;
  boost::asio::ip::make_address(host, no_address);
  (no_address ? spec.alt_names.dns : spec.alt_names.ip).push_back(host);
  spec.purpose = crypto::CertificateSpec::Purpose::tls_server;
  spec.not_before = now - kClockLeeway;
  spec.not_after = now + kServerLifetime;
  return spec;
}

}  // namespace

Result<DataDir> DataDir::open(const std::filesystem::path& folder) {
  UNDERSTUDY_CHECK(io::make_directory(folder, true));
  std::error_code ec;
  const std::filesystem::path whole = std::filesystem::canonical(folder, ec);
  DataDir dir(ec ? folder : whole);
  UNDERSTUDY_CHECK(dir.load());
  return dir;
}

Result<void> DataDir::load() {
  const std::filesystem::path file = folder_ / kSettingsFile;
  UNDERSTUDY_TRY(const std::optional<std::string> text, read_if_there(file));
  if (!text) return {};
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object()) {
    return fail(errc::corrupt, file.string() + " is no JSON object",
                "remove it: ports are chosen anew then");
  }
  try {
    remembered_.port = json.value("port", std::uint16_t{0});
    remembered_.api_port = json.value("api_port", std::uint16_t{0});
    remembered_.apns_port = json.value("apns_port", std::uint16_t{0});
    remembered_.courier_port = json.value("courier_port", std::uint16_t{0});
    remembered_.sandbox_port = json.value("sandbox_port", std::uint16_t{0});
    remembered_.light_port = json.value("light_port", std::uint16_t{0});
    remembered_.proxy_port = json.value("proxy_port", std::uint16_t{0});
    remembered_.host = json.value("host", std::string());
    remembered_.apns_host = json.value("apns_host", std::string());
    remembered_.clock_offset = json.value("clock_offset_us", std::int64_t{0});
    remembered_.starts = json.value("starts", std::uint64_t{0});
    remembered_.server_uuid = json.value("server_uuid", std::string());
  } catch (const nlohmann::json::exception& e) {
    return fail(errc::corrupt, file.string() + ": " + e.what(),
                "remove it: ports are chosen anew then");
  }
  return {};
}

Result<void> DataDir::save() const {
  const nlohmann::json json = {{"port", remembered_.port},
                               {"api_port", remembered_.api_port},
                               {"apns_port", remembered_.apns_port},
                               {"sandbox_port", remembered_.sandbox_port},
                               {"courier_port", remembered_.courier_port},
                               {"light_port", remembered_.light_port},
                               {"proxy_port", remembered_.proxy_port},
                               {"host", remembered_.host},
                               {"apns_host", remembered_.apns_host},
                               {"clock_offset_us", remembered_.clock_offset},
                               {"starts", remembered_.starts},
                               {"server_uuid", remembered_.server_uuid}};
  return io::write_file(folder_ / kSettingsFile, as_bytes(json.dump(2) + "\n"));
}

void DataDir::remember_clock(TimePoint now) {
  remembered_.clock_offset = (now - SystemClock().now()).count();
  const Result<void> saved = save();
  if (!saved) log::error("clock.not_saved", {{"error", saved.error().message()}});
}

Result<crypto::CertificateAuthority> DataDir::authority(const std::string& file,
                                                        const std::string& name,
                                                        crypto::KeyType key_type,
                                                        TimePoint now) const {
  const std::filesystem::path path = folder_ / file;
  UNDERSTUDY_TRY(const std::optional<std::string> pem, read_if_there(path));
  if (pem) {
    auto identity = crypto::Identity::from_pem(*pem);
    if (!identity) return fail_in("reading " + path.string(), std::move(identity).error());
    return crypto::CertificateAuthority::from_identity(std::move(*identity));
  }
  UNDERSTUDY_TRY(auto ca, crypto::CertificateAuthority::create(
                              crypto::Name::of({{"O", "Understudy"}, {"CN", name}}), key_type,
                              now - kClockLeeway, now + kCaLifetime));
  UNDERSTUDY_CHECK(io::write_file(path, as_bytes(ca.identity().pem()), true));
  return ca;
}

Result<void> DataDir::lock() {
  if (lock_) return {};
  UNDERSTUDY_TRY(lock_, io::DirectoryLock::take(
                            folder_, "data directory",
                            "stop that server first, or use another --data-dir directory"));
  return {};
}

Result<crypto::CertificateAuthority> DataDir::server_root(TimePoint now) {
  UNDERSTUDY_CHECK(lock());
  UNDERSTUDY_TRY(auto ca,
                 authority("server-root.pem", "Understudy Root", crypto::KeyType::rsa_2048, now));
  UNDERSTUDY_CHECK(io::write_file(root_certificate_file(), as_bytes(ca.certificate().pem())));
  return ca;
}

Result<crypto::CertificateAuthority> DataDir::device_ca(TimePoint now) const {
  return authority("device-ca.pem", "Understudy Device CA", crypto::KeyType::rsa_2048, now);
}

Result<crypto::Identity> DataDir::server_identity(const crypto::CertificateAuthority& root,
                                                  const std::string& host, TimePoint now) {
  const std::filesystem::path path = folder_ / kServerIdentityFile;
  UNDERSTUDY_TRY(const std::optional<std::string> pem, read_if_there(path));
  if (pem && remembered_.host == host) {
    auto identity = crypto::Identity::from_pem(*pem);
    if (!identity) return fail_in("reading " + path.string(), std::move(identity).error());
    if (identity->certificate.not_after() > now + kRenewBefore &&
        identity->certificate.issued_by(root.certificate())) {
      return std::move(*identity);
    }
  }
  UNDERSTUDY_TRY(crypto::PrivateKey key, crypto::PrivateKey::generate(crypto::KeyType::rsa_2048));
  UNDERSTUDY_TRY(crypto::Certificate certificate,
                 root.issue(server_spec(host, now), key.public_key()));
  crypto::Identity identity{std::move(key), std::move(certificate), {root.certificate()}};
  UNDERSTUDY_CHECK(io::write_file(path, as_bytes(identity.pem()), true));
  remembered_.host = host;
  return identity;
}

Result<std::string> DataDir::api_key() const {
  const std::filesystem::path path = folder_ / kApiKeyFile;
  UNDERSTUDY_TRY(const std::optional<std::string> kept, read_if_there(path));
  if (kept && !kept->empty()) return kept->substr(0, kept->find('\n'));
  std::string key = hex_encode(crypto::random_bytes(kApiKeyBytes));
  UNDERSTUDY_CHECK(io::write_file(path, as_bytes(key + "\n"), true));
  return key;
}

Result<crypto::PrivateKey> DataDir::service_token_key() const {
  const std::filesystem::path path = folder_ / "service-token-key.pem";
  UNDERSTUDY_TRY(const std::optional<std::string> kept, read_if_there(path));
  if (kept) {
    auto key = crypto::PrivateKey::from_pem(*kept);
    if (!key) return fail_in("reading " + path.string(), std::move(key).error());
    return key;
  }
  UNDERSTUDY_TRY(auto key, crypto::PrivateKey::generate(crypto::KeyType::rsa_2048));
  UNDERSTUDY_CHECK(io::write_file(path, as_bytes(key.pem()), true));
  const std::filesystem::path public_path = folder_ / "service-token-key.pub.pem";
  UNDERSTUDY_CHECK(io::write_file(public_path, as_bytes(key.public_key().pem())));
  return key;
}

}  // namespace understudy::server
