#pragma once

/// One pass over the text of an XML property list before pugixml sees it.
///
/// pugixml is lenient where a strict reader may not be (it drops text beside the root element,
/// keeps unknown entities as they are, lets control characters and broken UTF-8 pass, takes `--` in
/// a comment and anything in a DOCTYPE), and it builds the whole tree before anyone can count it.
/// So this pass refuses what pugixml would let pass and holds the limits on depth and count, with
/// no recursion and no memory of its own. Names, attributes and matching end tags are left to
/// pugixml.

#include <string_view>

#include "shared/plist/plist.h"

namespace understudy::plist {

inline constexpr std::string_view kXmlSpace = " \t\r\n";

inline bool is_blank(std::string_view text) {
  return text.find_first_not_of(kXmlSpace) == std::string_view::npos;
}

struct Scan {
  std::string_view document;  ///< up to the end of the root element; what follows was checked
  /// A comment, CDATA section or processing instruction stands inside the root element.
  bool has_extras = false;
};

/// `text` is UTF-8, perhaps with a byte order mark. Errors: errc::syntax, too_deep, too_many,
/// empty.
Result<Scan> scan_xml(std::string_view text, const ReadOptions& options);

}  // namespace understudy::plist
