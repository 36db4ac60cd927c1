#pragma once

/// Private to shared/mdm: members of a dictionary, with an error that names the member.

#include <optional>
#include <string>
#include <string_view>

#include "shared/core/result.h"
#include "shared/mdm/errc.h"
#include "shared/plist/value.h"

namespace understudy::mdm {

/// Reads members of one dictionary. `where` names it in errors ("TokenUpdate"), `hint` says what to
/// do about them.
class Fields {
 public:
  Fields(const plist::Dict& dict, std::string where, std::string hint = "")
      : dict_(dict), where_(std::move(where)), hint_(std::move(hint)) {}

  /// Required members. Errors: errc::missing_key, errc::wrong_type.
  Result<std::string> text(std::string_view key) const;
  Result<Bytes> data(std::string_view key) const;
  Result<std::int64_t> integer(std::string_view key) const;
  Result<const plist::Dict*> dict(std::string_view key) const;

  /// Members that may be absent. Errors: errc::wrong_type.
  Result<std::string> text_or(std::string_view key, std::string_view otherwise) const;
  Result<std::optional<Bytes>> maybe_data(std::string_view key) const;
  Result<std::optional<std::int64_t>> maybe_integer(std::string_view key) const;
  Result<std::optional<bool>> maybe_boolean(std::string_view key) const;
  Result<const plist::Array*> maybe_array(std::string_view key) const;  ///< null when absent
  Result<const plist::Dict*> maybe_dict(std::string_view key) const;    ///< null when absent

  const plist::Value* find(std::string_view key) const;
  /// "where: key why".
  tl::unexpected<Error> refuse(errc code, std::string_view key, std::string_view why) const;
  tl::unexpected<Error> refuse(errc code, std::string_view key, std::string_view why,
                               std::string hint) const;
  tl::unexpected<Error> wrong_type(std::string_view key, std::string_view wanted) const;

 private:
  const plist::Dict& dict_;
  std::string where_;
  std::string hint_;
};

}  // namespace understudy::mdm
