#include "shared/core/result.h"

#include "shared/core/errc.h"

namespace understudy {

std::string Error::message() const {
  std::string text = context;
  const std::string reason = code.message();
  const bool general = code.category() == errc_category<errc>();
  if (text.empty()) {
    text = reason;
  } else if (!general && !reason.empty() && text.find(reason) == std::string::npos) {
    text += ": " + reason;
  }
  if (!hint.empty()) text += "; " + hint;
  return text;
}

tl::unexpected<Error> fail_in(std::string_view doing, Error error) {
  error.context =
      error.context.empty() ? std::string(doing) : std::string(doing) + ": " + error.context;
  return tl::unexpected<Error>(std::move(error));
}

std::string ErrcTraits<errc>::describe(errc code) {
  switch (code) {
    case errc::invalid_argument:
      return "invalid argument";
    case errc::not_found:
      return "not found";
    case errc::already_exists:
      return "already exists";
    case errc::io:
      return "input/output failed";
    case errc::limit:
      return "over the limit";
    case errc::timeout:
      return "timed out";
    case errc::cancelled:
      return "cancelled";
    case errc::corrupt:
      return "stored state is damaged";
    case errc::unsupported:
      return "not supported";
  }
  return "unknown error";
}

}  // namespace understudy
