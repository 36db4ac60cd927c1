#pragma once

/// What understudy-server does, one function a subcommand: it reads its own flags, and returns the
/// exit code of the program. `argv[0]` is skipped.

namespace understudy::server {

/// The reference server: `understudy-server`, with `run` behind its flags or nowhere.
int server_command(int argc, char** argv);
/// The same: `understudy-server run`.
int run_command(int argc, char** argv);
/// The push service alone: `understudy-server apns`.
int apns_command(int argc, char** argv);
/// A push certificate with its key: `understudy-server apns issue-cert`.
int issue_cert_command(int argc, char** argv);
/// The environment that makes a well-known server push to us: `understudy-server apns hint`.
int hint_command(int argc, char** argv);

}  // namespace understudy::server
