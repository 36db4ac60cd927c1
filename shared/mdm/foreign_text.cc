#include "shared/mdm/foreign_text.h"

#include <algorithm>

namespace understudy::mdm {

std::string clean(std::string_view text, std::size_t longest) {
  std::string out(text.substr(0, longest));
  std::ranges::replace_if(out, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, '?');
  return text.size() > longest ? out + "..." : out;
}

std::string quote(std::string_view text, std::size_t longest) {
  return "\"" + clean(text, longest) + "\"";
}

}  // namespace understudy::mdm
