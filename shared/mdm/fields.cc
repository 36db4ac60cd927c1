#include "shared/mdm/fields.h"

namespace understudy::mdm {

const plist::Value* Fields::find(std::string_view key) const {
  const auto found = dict_.find(key);
  return found == dict_.end() ? nullptr : &found->second;
}

tl::unexpected<Error> Fields::refuse(errc code, std::string_view key, std::string_view why) const {
  return refuse(code, key, why, hint_);
}

tl::unexpected<Error> Fields::refuse(errc code, std::string_view key, std::string_view why,
                                     std::string hint) const {
  return fail(code, where_ + ": " + std::string(key) + " " + std::string(why), std::move(hint));
}

tl::unexpected<Error> Fields::wrong_type(std::string_view key, std::string_view wanted) const {
  const plist::Value* value = find(key);
  if (value == nullptr) return refuse(errc::missing_key, key, "is missing");
  return refuse(
      errc::wrong_type, key,
      "is " + std::string(plist::type_name(value->type())) + ", should be " + std::string(wanted));
}

Result<std::string> Fields::text(std::string_view key) const {
  const auto* value = find(key);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  if (text == nullptr) return wrong_type(key, "<string>");
  return *text;
}

Result<Bytes> Fields::data(std::string_view key) const {
  const auto* value = find(key);
  const auto* data = value == nullptr ? nullptr : value->if_data();
  if (data == nullptr) return wrong_type(key, "<data>");
  return *data;
}

Result<std::int64_t> Fields::integer(std::string_view key) const {
  const auto* value = find(key);
  const auto number = value == nullptr ? std::nullopt : value->if_int();
  if (!number) return wrong_type(key, "<integer>");
  return *number;
}

Result<const plist::Dict*> Fields::dict(std::string_view key) const {
  const auto* value = find(key);
  const auto* dict = value == nullptr ? nullptr : value->if_dict();
  if (dict == nullptr) return wrong_type(key, "<dictionary>");
  return dict;
}

Result<std::string> Fields::text_or(std::string_view key, std::string_view otherwise) const {
  if (find(key) == nullptr) return std::string(otherwise);
  return text(key);
}

Result<std::optional<Bytes>> Fields::maybe_data(std::string_view key) const {
  if (find(key) == nullptr) return std::nullopt;
  return data(key);
}

Result<std::optional<std::int64_t>> Fields::maybe_integer(std::string_view key) const {
  if (find(key) == nullptr) return std::nullopt;
  return integer(key);
}

Result<std::optional<bool>> Fields::maybe_boolean(std::string_view key) const {
  const auto* value = find(key);
  if (value == nullptr) return std::nullopt;
  const bool* flag = value->if_bool();
  if (flag == nullptr) return wrong_type(key, "<boolean>");
  return *flag;
}

Result<const plist::Array*> Fields::maybe_array(std::string_view key) const {
  const auto* value = find(key);
  if (value == nullptr) return nullptr;
  const auto* array = value->if_array();
  if (array == nullptr) return wrong_type(key, "<array>");
  return array;
}

Result<const plist::Dict*> Fields::maybe_dict(std::string_view key) const {
  if (find(key) == nullptr) return nullptr;
  return dict(key);
}

}  // namespace understudy::mdm
