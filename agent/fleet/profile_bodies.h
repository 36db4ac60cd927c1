#pragma once

/// The octets of installed profiles, apart from the rest of a device: they are most of it and
/// hardly ever change. Private to fleet/.

#include <string_view>

#include "agent/device/device.h"
#include "shared/io/sqlite.h"

namespace understudy::agent {

/// What was packed last: devices of a fleet have mostly the same profiles.
struct PackedBodies {
  Bytes digest, octets;
};

/// Columns of the table of devices: deflated, and written only when they are others than before.
class ProfileBodies {
 public:
  /// NULL: `data` has the octets, as an older program wrote it.
  static constexpr std::string_view kSchema = R"sql(
    ALTER TABLE devices ADD COLUMN bodies_digest BLOB;  -- SHA-256 of what is packed in `bodies`
    ALTER TABLE devices ADD COLUMN bodies_size INTEGER;
    ALTER TABLE devices ADD COLUMN bodies BLOB;
  )sql";

  /// Both outlive this.
  ProfileBodies(io::Database& database, PackedBodies& last) : database_(database), last_(last) {}
  /// Of a device that is stored. In a transaction. Errors: those of io::Statement.
  Result<void> save(const Device& device);
  /// Puts them where they belong. Errors: errc::corrupt besides.
  Result<void> load_into(Device& device);

 private:
  Result<bool> is_stored(const std::string& device_id, BytesView digest);

  const Bytes& packed(BytesView bodies, const Bytes& digest);

  io::Database& database_;
  PackedBodies& last_;
};

}  // namespace understudy::agent
