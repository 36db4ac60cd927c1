/// A push certificate from the command line.

#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "server-mock/apns_server.h"
#include "server-mock/cli/command_line.h"
#include "server-mock/cli/commands.h"
#include "server-mock/cli/issue_cert.h"

namespace understudy::server {

int issue_cert_command(int argc, char** argv) {
  CLI::App app(
      "Issues a push certificate, valid for a year, from the CA of a data directory. Works beside "
      "a server that runs on it, and before the first one.",
      "understudy-server apns issue-cert");
  IssueCertOptions options;
  options.data_dir = ApnsServerOptions().data_dir;
  bool is_sandbox = false;
  app.add_option("--data-dir", options.data_dir, "The server's folder, made when absent")
      ->envname("UNDERSTUDY_DATA_DIR")
      ->capture_default_str();
  app.add_option("--topic", options.topics,
                 "com.apple.mgmt.External. and a UUID; repeated: a multi-topic certificate")
      ->required();
  app.add_flag("--sandbox", is_sandbox, "For the sandbox instead of production");
  app.add_option("--out", options.out, "File for certificate and key, one PEM, mode 0600")
      ->required();
  app.add_flag("--force", options.replace, "Replace the file if it is there");
  if (const auto code = parse_flags(app, argc, argv)) return *code;
  if (is_sandbox) options.environment = apns_mock::Environment::sandbox;

  const Result<IssuedCert> issued = issue_cert(options, SystemClock().now());
  if (!issued) return complain(issued.error());
  const nlohmann::ordered_json json = {
      {"event", "issued"},
      {"topics", options.topics},
      {"environment", apns_mock::environment_name(options.environment)},
      {"out", options.out.string()},
      {"not_after", format_time(issued->not_after)},
      {"serial", issued->serial},
      {"fingerprint", issued->fingerprint}};
  std::cout << json.dump() << "\n";
  return static_cast<int>(ExitCode::ok);
}

}  // namespace understudy::server
