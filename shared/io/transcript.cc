#include "shared/io/transcript.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "shared/core/errc.h"
#include "shared/core/log.h"

namespace understudy::io {

struct Transcript::File {
  explicit File(int opened) : descriptor(opened) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { ::close(descriptor); }
  int descriptor;
};

Result<Transcript> Transcript::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return fail(errc::io,
                "open transcript " + path.string() + ": " + std::generic_category().message(errno),
                "name a file in a directory that exists and can be written");
  }
  Transcript transcript;
  transcript.file_ = std::make_shared<File>(descriptor);
  return transcript;
}

void Transcript::write(const Entry& entry) const {
  if (!enabled()) return;
  nlohmann::ordered_json line;
  line["time"] = format_time(entry.time);
  line["lane"] = entry.lane;
  line["device"] = entry.device;
  line["kind"] = entry.kind;
  line["request"] = entry.request;
  line["status"] = entry.status;
  line["response"] = entry.response;
  line["ids"] = nlohmann::ordered_json::object();
  for (const auto& [name, value] : entry.ids) line["ids"][name] = value;
  // What is no UTF-8 comes from the other side and must not end this one.
  const std::string text =
      line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
  const ssize_t written = ::write(file_->descriptor, text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size())) {
    log::warn("transcript.incomplete", {{"error", std::generic_category().message(errno)}});
  }
}

}  // namespace understudy::io
