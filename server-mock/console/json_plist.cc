#include "server-mock/console/json_plist.h"

#include <nlohmann/json.hpp>

#include "shared/core/errc.h"

namespace understudy::server {
namespace {

/// As deep as plist::Limits allows by default.
constexpr int kMaxDepth = 128;

Result<plist::Value> convert(const nlohmann::json& json, int depth);

Result<plist::Value> special(const std::string& key, const nlohmann::json& json) {
  if (!json.is_string()) return fail(errc::invalid_argument, key + " takes a string");
  if (key == "$data") {
    UNDERSTUDY_TRY(Bytes bytes, base64_decode(json.get<std::string>()));
    return plist::Value(std::move(bytes));
  }
  UNDERSTUDY_TRY(const TimePoint time, parse_time(json.get<std::string>()));
  return plist::Value(plist::Date::from_time(time));
}

Result<plist::Value> from_object(const nlohmann::json& json, int depth) {
  if (json.size() == 1) {
    const std::string& key = json.begin().key();
    if (key == "$data" || key == "$date") return special(key, json.begin().value());
  }
  plist::Dict dict;
  for (const auto& [key, member] : json.items()) {
    Result<plist::Value> value = convert(member, depth + 1);
    if (!value) return fail_in("key " + key, std::move(value).error());
    dict[key] = std::move(*value);
  }
  return plist::Value(std::move(dict));
}

Result<plist::Value> from_array(const nlohmann::json& json, int depth) {
  plist::Array array;
  for (const nlohmann::json& item : json) {
    UNDERSTUDY_TRY(plist::Value value, convert(item, depth + 1));
    array.push_back(std::move(value));
  }
  return plist::Value(std::move(array));
}

Result<plist::Value> convert(const nlohmann::json& json, int depth) {
  if (depth > kMaxDepth) return fail(errc::invalid_argument, "nested too deep");
  if (json.is_object()) return from_object(json, depth);
  if (json.is_array()) return from_array(json, depth);
  if (json.is_boolean()) return plist::Value(json.get<bool>());
  if (json.is_number_unsigned()) return plist::Value(json.get<std::uint64_t>());
  if (json.is_number_integer()) return plist::Value(json.get<std::int64_t>());
  if (json.is_number_float()) return plist::Value(json.get<double>());
  if (json.is_string()) return plist::Value(json.get<std::string>());
  return fail(errc::invalid_argument, "null has no form in a property list", "leave the key out");
}

}  // namespace

Result<plist::Value> plist_from_json(const nlohmann::json& json) {
  return convert(json, 0);
}

}  // namespace understudy::server
