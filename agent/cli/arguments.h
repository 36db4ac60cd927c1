#pragma once

/// The command line of understudy-agent as plain structs, and what carries each out.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/core/exit_code.h"

namespace understudy::agent::cli {

struct CommonArguments {
  std::string state;       ///< directory
  std::string transcript;  ///< file; empty: none
  bool no_redirects = false;
  bool leave_silently = false;
  int retry_after_ms = 200, longest_retry_ms = 30'000;  ///< see TransportOptions
};

/// How much at once.
struct LoadArguments {
  int workers = 0;  ///< devices at once; 0: the command's default
  double rate = 0;  ///< new ones a second; 0: as fast as it goes
};

struct EnrollArguments {
  std::string profile;  ///< path or URL
  std::string ca;       ///< PEM file; empty: none
  std::string courier;  ///< host:port; empty: no push channel
  int count = 1;
  int total = 0;  ///< > 0: so many enrolled devices in the end, instead of `count` new ones
  LoadArguments load;
  std::string keys = "unique";  ///< as key_choice.h has it
  std::string model = "iphone";
  std::string os_version;
  std::string build_version;
  bool supervised = false;
  bool automated = false;
  bool allow_http = false;
  bool json = false;
  std::optional<std::uint64_t> seed;
  std::optional<std::string> passcode;  ///< empty: none; absent: the factory's
};

struct RunArguments {
  std::string ca;            ///< PEM file; empty: none
  std::string courier;       ///< host:port, for devices without one; empty: they have no channel
  int ready_timeout_s = 15;  ///< after this the ready line says how many listen
};

struct DevicesArguments {
  std::vector<std::string> devices;  ///< ids; for connect: empty is all
  LoadArguments load;                ///< of connect
  bool json = false;
};

struct CommandsArguments {
  bool json = false;
  std::string into;  ///< file whose table is brought up to date; empty: print
};

struct FindingsArguments {
  bool json = false;
  std::string level = "info";  ///< the mildest that is shown
};

struct HandArguments {
  std::string device, action;
  std::string argument;  ///< may be a passcode
};

/// Each prints its result on standard output and its errors, one line each, on standard error.
ExitCode enroll(const CommonArguments& common, const EnrollArguments& arguments);
ExitCode run(const CommonArguments& common, const RunArguments& arguments);
ExitCode connect(const CommonArguments& common, const DevicesArguments& arguments);
ExitCode list(const CommonArguments& common, const DevicesArguments& arguments);
ExitCode show(const CommonArguments& common, const DevicesArguments& arguments);
ExitCode commands(const CommandsArguments& arguments);
ExitCode findings(const CommonArguments& common, const FindingsArguments& arguments);
ExitCode do_by_hand(const CommonArguments& common, const HandArguments& arguments);
ExitCode unenroll(const CommonArguments& common, const DevicesArguments& arguments);

/// Parses the command line (flags, then UNDERSTUDY_* variables, then the --config file) and runs
/// the command.
ExitCode main(int argc, char** argv);

}  // namespace understudy::agent::cli
