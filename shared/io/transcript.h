#pragma once

/// The transcript: what was said on the wire, one JSON object a line, for people and scripts.
///
///   {"time":..., "lane":"agent", "device":"d1", "kind":"idle", "request":"<?xml ...",
///   "status":200,
///    "response":"<?xml ...", "ids":{"command_uuid":"..."}}
///
/// Callers pass text from which secrets are already removed (mdm::redacted).

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/core/clock.h"
#include "shared/core/result.h"

namespace understudy::io {

/// A line is appended in one write, so several processes may share a file. Any thread.
class Transcript {
 public:
  struct Entry {
    TimePoint time;
    std::string_view lane;    ///< who writes: "agent", "server"
    std::string_view device;  ///< may be empty
    std::string_view kind;    ///< "authenticate", "idle", "result", ...
    std::string request;
    int status = 0;  ///< HTTP status; 0: there was no answer
    std::string response;
    std::vector<std::pair<std::string, std::string>> ids;  ///< of what caused it
  };

  /// Disabled: `write` does nothing.
  Transcript() = default;
  /// Appends to the file, creates it with mode 0600. Errors: errc::io.
  static Result<Transcript> open(const std::filesystem::path& path);

  /// Ask before preparing an entry: the work is wasted on a disabled transcript.
  bool enabled() const { return file_ != nullptr; }
  /// A failure is logged and changes nothing else.
  void write(const Entry& entry) const;

 private:
  struct File;
  std::shared_ptr<const File> file_;
};

}  // namespace understudy::io
