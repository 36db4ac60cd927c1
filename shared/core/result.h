#pragma once

/// Result<T>: the one error channel of the project (docs/decisions/0003-errors.md).

#include <source_location>
#include <string>
#include <string_view>
#include <system_error>
#include <tl/expected.hpp>
#include <utility>

namespace understudy {

/// An expected failure: what went wrong (`code`, for programs), what was attempted and on what
/// (`context`, for people), what to do about it (`hint`, may be empty), and where in the source.
/// Never put a secret (token, password, key) into `context` or `hint`.
struct Error {
  std::error_code code;
  std::string context;
  std::string hint;
  std::source_location where;

  /// One line for a person: "context: reason; hint". The reason is the code's words where a module
  /// has words of its own and the context does not say them; general codes (errc) are for programs.
  std::string message() const;
};

/// `return fail(plist::errc::syntax, "line 3: ...", "send an XML property list");`
inline tl::unexpected<Error> fail(std::error_code code, std::string context, std::string hint = "",
                                  std::source_location where = std::source_location::current()) {
  return tl::unexpected<Error>(Error{code, std::move(context), std::move(hint), where});
}

/// The same error, with what the caller was doing put in front of its context.
tl::unexpected<Error> fail_in(std::string_view doing, Error error);

/// [[nodiscard]] as a *type*, so that a dropped `f();` does not compile under -Werror.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

}  // namespace understudy

// UNDERSTUDY_TRY(auto x, expr): bind x to the value of expr, or return its error to the caller.
// UNDERSTUDY_CO_TRY is the same in a coroutine; UNDERSTUDY_CHECK(expr) is for a Result<void>.
#define UNDERSTUDY_CAT_(a, b) a##b
#define UNDERSTUDY_CAT(a, b) UNDERSTUDY_CAT_(a, b)
#define UNDERSTUDY_TRY_(tmp, ret, lhs, expr)              \
  auto tmp = (expr);                                      \
  if (!tmp) ret ::tl::unexpected(std::move(tmp).error()); \
  lhs = std::move(*tmp)
#define UNDERSTUDY_TRY(lhs, expr) \
  UNDERSTUDY_TRY_(UNDERSTUDY_CAT(understudy_try_, __LINE__), return, lhs, expr)
#define UNDERSTUDY_CO_TRY(lhs, expr) \
  UNDERSTUDY_TRY_(UNDERSTUDY_CAT(understudy_try_, __LINE__), co_return, lhs, expr)
#define UNDERSTUDY_CHECK(expr)                               \
  if (auto understudy_checked = (expr); !understudy_checked) \
  return ::tl::unexpected(std::move(understudy_checked).error())
#define UNDERSTUDY_CO_CHECK(expr)                            \
  if (auto understudy_checked = (expr); !understudy_checked) \
  co_return ::tl::unexpected(std::move(understudy_checked).error())
