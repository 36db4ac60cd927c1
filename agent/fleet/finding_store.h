#pragma once

/// What the witness found, in the database of DeviceStore (which hands this out). The same finding
/// of the same device is one row with a count.

#include <cstdint>
#include <string>
#include <vector>

#include "agent/witness/finding.h"
#include "shared/core/clock.h"
#include "shared/io/sqlite.h"

namespace understudy::agent {

struct StoredFinding {
  witness::Finding finding;
  std::string device;  ///< empty: a profile that was read from a file
  std::int64_t count = 0;
  TimePoint first, last;
};

/// Refers to its DeviceStore: one thread at a time, and not longer than that. Errors: errc::io,
/// errc::corrupt.
class FindingStore {
 public:
  /// So many are kept, and up to kSpare more. Those of the lowest level go first, and of these the
  /// oldest.
  static constexpr std::int64_t kKept = 50'000;
  static constexpr std::int64_t kSpare = 1'000;

  /// `new_rows` counts those since there was last seen to the bound; it outlives this.
  FindingStore(io::Database& database, std::int64_t& new_rows)
      : database_(&database), new_rows_(&new_rows) {}

  /// Counts it up where device, id, command and words are the same. True when the device had none
  /// of that id.
  Result<bool> add(const std::string& device, const witness::Finding& finding, TimePoint now);
  Result<std::vector<StoredFinding>> list();  ///< oldest first
  Result<std::int64_t> count();               ///< of rows
  Result<std::int64_t> count_of(const std::string& device);
  Result<std::int64_t> dropped();  ///< rows that had to go

 private:
  Result<void> drop();
  io::Database* database_;
  std::int64_t* new_rows_;
};

}  // namespace understudy::agent
