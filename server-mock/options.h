#pragma once

/// How the reference server is started.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "server-mock/push_setup.h"
#include "shared/core/clock.h"

namespace understudy::server {

/// Port 0 everywhere: the one of the data directory's last start if it is free, else a free one.
struct ServerOptions {
  std::filesystem::path data_dir = "understudy-server.d";
  std::string listen = "127.0.0.1";  ///< every listener binds it
  std::string host = "127.0.0.1";    ///< stands in URLs and certificates, beside localhost
  std::uint16_t port = 0, api_port = 0, apns_port = 0, courier_port = 0;
  std::uint16_t sandbox_port = 0, light_port = 0;
  std::string api_key;  ///< empty: the data directory's, made at the first start
  enum class Workflow { safe, documented } workflow = Workflow::safe;
  std::chrono::milliseconds repush_after{30'000};
  std::chrono::milliseconds monitor_delay{0};   ///< how late the queue monitor reads events
  bool scep_get_only = false, scep_ra = false;  ///< see ScepOptions
  int scep_pending = 0;
  std::string push_host;              ///< "host:port" of another APNs; empty: our own
  std::filesystem::path push_ca;      ///< whom to trust for it; empty: the system's CAs
  std::filesystem::path transcript;   ///< empty: none
  std::optional<std::uint64_t> seed;  ///< none: from the system
  std::vector<std::string> policies;  ///< of our own APNs, "name=value"
  FaultFlags faults;                  ///< of our own APNs
};

}  // namespace understudy::server
