#pragma once

/// Private to shared/mdm: text that came from outside, on its way into an error or a log.

#include <string>
#include <string_view>

namespace understudy::mdm {

/// At most `longest` bytes, control characters as '?': an error stays one line of sensible length
/// whatever the other side sent.
std::string clean(std::string_view text, std::size_t longest = 60);
/// The same in quotation marks.
std::string quote(std::string_view text, std::size_t longest = 60);

}  // namespace understudy::mdm
