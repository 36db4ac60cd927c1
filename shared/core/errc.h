#pragma once

/// How a module declares its error codes: an enum, one `ErrcTraits` with a name and a text for each
/// value, and `std::is_error_code_enum`. `make_error_code` and the category come from here.
///
///   enum class errc { syntax = 1, too_large };
///   template <> struct understudy::ErrcTraits<plist::errc> {
///     static constexpr const char* kName = "plist";
///     static std::string describe(plist::errc code);
///   };
///   template <> struct std::is_error_code_enum<plist::errc> : std::true_type {};

#include <concepts>
#include <string>
#include <system_error>

namespace understudy {

template <class E>
struct ErrcTraits;

template <class E>
concept Errc = std::is_enum_v<E> && requires(E code) {
  { ErrcTraits<E>::describe(code) } -> std::convertible_to<std::string>;
};

template <Errc E>
const std::error_category& errc_category() {
  class Category final : public std::error_category {
   public:
    const char* name() const noexcept override { return ErrcTraits<E>::kName; }
    std::string message(int value) const override {
      return ErrcTraits<E>::describe(static_cast<E>(value));
    }
  };
  static const Category category;
  return category;
}

/// Declares make_error_code for `E` in its own namespace, where ADL looks for it.
#define UNDERSTUDY_ERRC(E)                                             \
  inline std::error_code make_error_code(E code) {                     \
    return {static_cast<int>(code), ::understudy::errc_category<E>()}; \
  }

/// General failures that belong to no module.
enum class errc {
  invalid_argument = 1,  ///< the caller gave something that cannot be
  not_found,             ///< the thing named does not exist
  already_exists,        ///< the thing named exists and may not be replaced
  io,                    ///< the operating system refused; the context has its words
  limit,                 ///< a documented bound was reached
  timeout,               ///< the other side took too long
  cancelled,             ///< stopped on purpose
  corrupt,               ///< stored state cannot be read back
  unsupported,           ///< understood, and not done here
};

template <>
struct ErrcTraits<errc> {
  static constexpr const char* kName = "understudy";
  static std::string describe(errc code);
};

}  // namespace understudy

template <>
struct std::is_error_code_enum<understudy::errc> : std::true_type {};

namespace understudy {

UNDERSTUDY_ERRC(errc)

}  // namespace understudy
