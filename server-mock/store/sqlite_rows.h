#pragma once

/// What the parts of SqliteStore share: reading rows into plain structs.

#include <optional>
#include <type_traits>
#include <vector>

#include "shared/core/clock.h"
#include "shared/io/sqlite.h"

namespace understudy::server {

template <class Read>
using Row = std::invoke_result_t<Read, const io::Statement&>;

template <class Read>
Result<std::vector<Row<Read>>> all_rows(io::Statement& statement, Read read) {
  std::vector<Row<Read>> rows;
  for (;;) {
    UNDERSTUDY_TRY(const bool more, statement.step());
    if (!more) return rows;
    rows.push_back(read(statement));
  }
}

template <class Read>
Result<std::optional<Row<Read>>> first_row(io::Statement& statement, Read read) {
  UNDERSTUDY_TRY(const bool found, statement.step());
  if (!found) return std::optional<Row<Read>>();
  return std::optional<Row<Read>>(read(statement));
}

inline TimePoint time_at(const io::Statement& row, int column) {
  return from_unix_us(row.integer(column));
}
inline std::string first_text(const io::Statement& row) {
  return row.text(0);
}

}  // namespace understudy::server
