#include "server-mock/foundation.h"

#include "shared/net/asio.h"

namespace understudy::server {

Result<std::unique_ptr<Foundation>> Foundation::load(const ServerOptions& options,
                                                     const Clock& clock,
                                                     VirtualClock* virtual_clock) {
  UNDERSTUDY_TRY(DataDir dir, DataDir::open(options.data_dir));
  io::Transcript transcript;
  if (!options.transcript.empty()) {
    UNDERSTUDY_TRY(transcript, io::Transcript::open(options.transcript));
  }
  if (virtual_clock != nullptr) virtual_clock->advance(Duration(dir.remembered().clock_offset));
  const TimePoint now = clock.now();
  UNDERSTUDY_TRY(auto root, dir.server_root(now));
  UNDERSTUDY_TRY(auto device_ca, dir.device_ca(now));
  UNDERSTUDY_TRY(auto identity, dir.server_identity(root, options.host, now));
  std::string api_key = options.api_key;
  if (api_key.empty()) {
    UNDERSTUDY_TRY(api_key, dir.api_key());
  }
  UNDERSTUDY_TRY(auto service_token_key, dir.service_token_key());
  UNDERSTUDY_TRY(auto store, SqliteStore::open(dir.path() / "server.db"));

  const std::uint64_t seed = options.seed ? *options.seed : Rng::from_system().seed();
  if (dir.remembered().server_uuid.empty()) {
    dir.remembered().server_uuid = Rng(seed).derive("server.uuid").uuid();
  }
  const std::uint64_t start = ++dir.remembered().starts;
  Rng rng = Rng(seed).derive("server.start." + std::to_string(start));
  return std::unique_ptr<Foundation>(new Foundation{
      options, clock, virtual_clock, std::move(dir), std::move(root), std::move(device_ca),
      std::move(identity), std::move(api_key), std::move(service_token_key), seed, rng,
      std::move(transcript), std::move(store)});
}

std::string Foundation::url(const std::string& scheme, std::uint16_t port) const {
  return scheme + "://" + net::HostPort{options.host, port}.text();
}

void Foundation::remember_clock() {
  dir.remember_clock(clock.now());
}

}  // namespace understudy::server
