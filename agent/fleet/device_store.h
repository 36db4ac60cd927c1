#pragma once

/// The agent's memory on disk: one SQLite file for all its devices, and the outbox of results that
/// no server has taken yet. Survives kill -9: what a device did and what it will answer are one
/// transaction.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/device/device.h"
#include "agent/fleet/finding_store.h"
#include "shared/io/sqlite.h"

namespace understudy::agent {

/// A result on its way. `body` is the exact octets to send (and sign) again and again until the
/// server takes them.
struct PendingResult {
  std::int64_t id = 0;
  std::string command_uuid;
  std::string request_type;
  std::string body;
  bool send_once = false;  ///< EraseDevice: one attempt, whatever comes of it
  std::string user;        ///< whose channel the command came on; empty: the device's
};

/// What goes from the outbox with a change of the device, in the same transaction.
enum class Forget {
  nothing,
  unsent_of_users,  ///< a server that misses them offers their commands again
  everything,       ///< also what was taken: nobody remembers anything
};

/// One thread at a time. Errors: errc::io, errc::corrupt, errc::not_found.
class DeviceStore {
 public:
  /// Creates DIR and DIR/agent.db; refuses a directory that another process holds (an exclusive
  /// lock on DIR/lock), saying which.
  static Result<DeviceStore> open(const std::filesystem::path& directory);
  /// Only to look, also while another process holds the directory: whatever would change it fails.
  /// Errors: errc::not_found (no DIR/agent.db) besides.
  static Result<DeviceStore> open_to_read(const std::filesystem::path& directory);
  DeviceStore(const DeviceStore&) = delete;
  DeviceStore& operator=(const DeviceStore&) = delete;
  DeviceStore(DeviceStore&&) noexcept;
  DeviceStore& operator=(DeviceStore&&) noexcept;
  ~DeviceStore();

  std::uint64_t seed() const;  ///< of the fleet; 0 before set_seed
  Result<void> set_seed(std::uint64_t seed);

  Result<std::vector<std::string>> ids();  ///< in the order of their making
  Result<Device> load(const std::string& id);
  Result<void> save(const Device& device, Forget forget = Forget::nothing);
  /// Only wake_pending and comes_back, which change with each push; the rest stays as it was saved.
  Result<void> save_owed(const std::string& id, bool wake_pending, bool comes_back);
  Result<void> remove(const std::string& id);
  /// The number for the next make_device; counts up for ever.
  Result<std::uint64_t> next_number();

  /// State and result in one transaction.
  Result<void> save_with_result(const Device& device, const PendingResult& result,
                                Forget forget = Forget::nothing);
  /// Oldest first.
  Result<std::vector<PendingResult>> pending_results(const std::string& device_id);
  /// The server has taken it: it is remembered only.
  Result<void> forget_result(std::int64_t id);
  /// What answered that command of that channel (`user` as in PendingResult), whether or not the
  /// server took it: then it is not performed again. The newest 100 answers of a device are
  /// remembered, and the bodies of those among the newest 256 KiB: the others have an empty one.
  Result<std::optional<PendingResult>> answer_to(const std::string& device_id,
                                                 const std::string& command_uuid,
                                                 const std::string& user = "");

  /// What the witness found; refers to this store.
  FindingStore findings();

 private:
  struct Impl;
  explicit DeviceStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy::agent
