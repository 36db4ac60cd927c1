#pragma once

/// Structured log, one line an event, to standard error: time, level, event, key=value pairs.
/// Secrets (tokens, unlock tokens, passwords, keys, PushMagic) never appear; identify a push token
/// by its first eight hexadecimal digits. Safe from any thread.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "shared/core/result.h"

namespace understudy::log {

enum class Level { debug, info, warn, error, off };

struct Field {
  std::string_view key;
  std::string value;
};
using Fields = std::initializer_list<Field>;

/// Lines below `level` are dropped. The default is warn.
void set_level(Level level);
/// "debug", "info", "warn", "error", "off". Errors: errc::invalid_argument.
Result<Level> parse_level(std::string_view name);

/// `log::info("device.enrolled", {{"device", udid}, {"topic", topic}});`
void debug(std::string_view event, Fields fields = {});
void info(std::string_view event, Fields fields = {});
void warn(std::string_view event, Fields fields = {});
void error(std::string_view event, Fields fields = {});

}  // namespace understudy::log
