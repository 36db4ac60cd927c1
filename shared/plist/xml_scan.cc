#include "shared/plist/xml_scan.h"

#include <algorithm>
#include <charconv>

#include "shared/plist/unicode.h"

namespace understudy::plist {
namespace {

constexpr std::size_t kMaxAttributes = 16;
constexpr auto kNone = std::string_view::npos;

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

/// The quoted value after `name=` in an XML declaration; empty when it is not there.
std::string_view pseudo_attribute(std::string_view declaration, std::string_view name) {
  std::size_t at = declaration.find(name);
  if (at == kNone) return {};
  at = declaration.find_first_not_of(kXmlSpace, at + name.size());
  if (at == kNone || declaration[at] != '=') return {};
  at = declaration.find_first_not_of(kXmlSpace, at + 1);
  if (at == kNone || (declaration[at] != '"' && declaration[at] != '\'')) return {};
  const std::size_t end = declaration.find(declaration[at], at + 1);
  return end == kNone ? std::string_view{} : declaration.substr(at + 1, end - at - 1);
}

class Scanner {
 public:
  Scanner(std::string_view text, const ReadOptions& options)
      : text_(text), limits_(options.limits), strict_(options.mode == Mode::strict) {}

  Result<Scan> run();

 private:
  tl::unexpected<Error> refuse(std::size_t at, std::string_view why, errc code = errc::syntax) {
    return fail(code, "XML property list, " + place(text_, at) + ": " + std::string(why));
  }
  std::string_view rest() const { return text_.substr(pos_); }

  Result<void> skip_start();
  Result<void> declaration();
  Result<void> doctype();
  Result<void> characters(std::size_t end);
  Result<void> reference(std::size_t at);
  Result<void> markup();
  Result<void> comment();
  Result<void> cdata();
  Result<void> instruction();
  Result<void> start_tag();
  Result<void> end_tag();
  Result<void> extra(std::string_view what);

  std::string_view text_;
  const Limits& limits_;
  bool strict_;
  std::size_t pos_ = 0;
  std::size_t depth_ = 0;   ///< open elements
  std::size_t values_ = 0;  ///< elements except <plist>
  std::size_t extras_ = 0;
  bool extras_inside_ = false;
  bool seen_doctype_ = false;
  bool seen_root_ = false;
};

Result<Scan> Scanner::run() {
  if (text_.starts_with("\xEF\xBB\xBF")) pos_ = 3;
  const std::size_t start = pos_;
  if (is_blank(rest())) return fail(errc::empty, "XML property list", "nothing but white space");
  if (const auto bad = find_misfit(text_, strict_ ? Charset::xml : Charset::no_nul)) {
    return refuse(bad->at, bad->why);
  }
  UNDERSTUDY_CHECK(skip_start());
  while (pos_ < text_.size()) {
    const std::size_t open = std::min(text_.find('<', pos_), text_.size());
    UNDERSTUDY_CHECK(characters(open));
    pos_ = open;
    if (pos_ < text_.size()) UNDERSTUDY_CHECK(markup());
    // Apple's parsers read no further than the end of the root element.
    if (!strict_ && seen_root_ && depth_ == 0) break;
  }
  if (!seen_root_) return refuse(text_.size(), "ends before any element");
  if (depth_ > 0) {
    return refuse(text_.size(), "ends inside " + std::to_string(depth_) + " open element(s)");
  }
  return Scan{text_.substr(start, pos_ - start), extras_inside_};
}

Result<void> Scanner::skip_start() {
  const std::size_t first = text_.find_first_not_of(kXmlSpace, pos_);
  if (text_[first] != '<') {
    return fail(errc::not_a_plist, "starts with neither '<' nor 'bplist'",
                "send an XML or binary property list");
  }
  if (!text_.substr(first).starts_with("<?xml")) return {};
  if (strict_ && first != pos_) return refuse(pos_, "white space before the XML declaration");
  pos_ = first;
  return declaration();
}

Result<void> Scanner::declaration() {
  const std::size_t end = rest().find("?>");
  if (end == kNone) return refuse(pos_, "the XML declaration does not end");
  const std::string_view content = rest().substr(5, end - 5);
  if (!content.empty() && kXmlSpace.find(content[0]) == kNone) {
    return instruction();  // <?xml-stylesheet ...?>
  }
  const std::string_view version = pseudo_attribute(content, "version");
  if (strict_ && version != "1.0") {
    return refuse(pos_, "the XML declaration must say version=\"1.0\"");
  }
  const std::string_view encoding = pseudo_attribute(content, "encoding");
  const bool known = encoding.empty() || equals_ignoring_case(encoding, "utf-8") ||
                     equals_ignoring_case(encoding, "us-ascii") ||
                     equals_ignoring_case(encoding, "utf-16");
  if (!known) return refuse(pos_, "the declared encoding is not UTF-8");
  pos_ += end + 2;
  return {};
}

Result<void> Scanner::characters(std::size_t end) {
  const std::string_view text = text_.substr(pos_, end - pos_);
  if (depth_ == 0) {
    const std::size_t stray = text.find_first_not_of(kXmlSpace);
    if (stray == kNone) return {};
    return refuse(pos_ + stray,
                  seen_root_ ? "text after the root element" : "text before the root element");
  }
  for (std::size_t at = text.find('&'); at != kNone; at = text.find('&', at + 1)) {
    UNDERSTUDY_CHECK(reference(pos_ + at));
  }
  const std::size_t bracket = strict_ ? text.find("]]>") : kNone;
  if (bracket != kNone) return refuse(pos_ + bracket, "']]>' in text must be written ']]&gt;'");
  return {};
}

Result<void> Scanner::reference(std::size_t at) {
  constexpr std::size_t kLongest = 12;
  const std::string_view tail = text_.substr(at + 1, kLongest);
  const std::size_t end = tail.find(';');
  if (end == kNone) return refuse(at, "'&' in text must be written '&amp;'");
  std::string_view name = tail.substr(0, end);
  for (const std::string_view known : {"amp", "lt", "gt", "quot", "apos"}) {
    if (name == known) return {};
  }
  if (!name.starts_with('#')) {
    return refuse(at, "unknown entity; only amp, lt, gt, quot and apos exist");
  }
  name.remove_prefix(1);
  const bool hexadecimal = name.starts_with('x');
  if (hexadecimal) name.remove_prefix(1);
  std::uint32_t code_point = 0;
  const char* const begin = name.data();
  const char* const last = begin + name.size();
  const auto [stop, error] = std::from_chars(begin, last, code_point, hexadecimal ? 16 : 10);
  if (name.empty() || error != std::errc{} || stop != last ||
      !fits(code_point, strict_ ? Charset::xml : Charset::no_nul)) {
    return refuse(at, "character reference to something that is no character");
  }
  return {};
}

Result<void> Scanner::markup() {
  const std::string_view here = rest();
  const char second = here.size() > 1 ? here[1] : ' ';
  if (second == '/') return end_tag();
  if (second == '?') return instruction();
  if (second != '!') return start_tag();
  if (here.starts_with("<!--")) return comment();
  if (here.starts_with("<![CDATA[")) return cdata();
  if (here.starts_with("<!DOCTYPE")) return doctype();
  return refuse(pos_, "unknown markup after '<!'");
}

/// Each costs pugixml a node or splits a text in two, so they are bounded as values are.
Result<void> Scanner::extra(std::string_view what) {
  if (depth_ > 0) extras_inside_ = true;
  if (++extras_ > limits_.max_nodes) {
    return refuse(
        pos_,
        "too many of: comments, CDATA sections, instructions; the last a " + std::string(what),
        errc::too_many);
  }
  return {};
}

Result<void> Scanner::comment() {
  UNDERSTUDY_CHECK(extra("comment"));
  const std::size_t dashes = text_.find("--", pos_ + 4);
  const std::size_t end = text_.find("-->", pos_ + 4);
  if (end == kNone) return refuse(pos_, "the comment does not end");
  if (strict_ && dashes != end) return refuse(dashes, "'--' inside a comment");
  pos_ = end + 3;
  return {};
}

Result<void> Scanner::cdata() {
  if (depth_ == 0) return refuse(pos_, "CDATA outside the root element");
  UNDERSTUDY_CHECK(extra("CDATA section"));
  const std::size_t end = text_.find("]]>", pos_);
  if (end == kNone) return refuse(pos_, "the CDATA section does not end");
  pos_ = end + 3;
  return {};
}

Result<void> Scanner::instruction() {
  UNDERSTUDY_CHECK(extra("processing instruction"));
  if (rest().size() > 5 && rest().starts_with("<?xml") && kXmlSpace.find(rest()[5]) != kNone) {
    return refuse(pos_, "an XML declaration that is not at the start");
  }
  const std::size_t end = text_.find("?>", pos_ + 2);
  if (end == kNone) return refuse(pos_, "the processing instruction does not end");
  pos_ = end + 2;
  return {};
}

Result<void> Scanner::doctype() {
  if (seen_root_ || seen_doctype_) return refuse(pos_, "a DOCTYPE is allowed once, before <plist>");
  seen_doctype_ = true;
  std::size_t at = pos_;
  for (char quote = 0; at < text_.size(); ++at) {
    const char c = text_[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[') {
      return refuse(at, "a DOCTYPE with an internal subset (entity declarations) is not read");
    } else if (c == '>') {
      break;
    }
  }
  if (at == text_.size()) return refuse(pos_, "the DOCTYPE does not end");
  std::string_view name = text_.substr(pos_ + 9, at - pos_ - 9);
  name.remove_prefix(std::min(name.find_first_not_of(kXmlSpace), name.size()));
  if (strict_ && name.substr(0, name.find_first_of(kXmlSpace)) != "plist") {
    return refuse(pos_, "the DOCTYPE is not that of a plist");
  }
  pos_ = at + 1;
  return {};
}

Result<void> Scanner::start_tag() {
  const char first = pos_ + 1 < text_.size() ? text_[pos_ + 1] : ' ';
  const bool is_name = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') ||
                       first == '_' || first == ':' || static_cast<unsigned char>(first) >= 0x80;
  if (!is_name) return refuse(pos_, "'<' that starts no tag; in text it must be written '&lt;'");
  if (depth_ == 0 && seen_root_) return refuse(pos_, "a second root element");
  seen_root_ = true;
  std::size_t at = pos_ + 1;
  std::size_t attributes = 0;
  for (; at < text_.size() && text_[at] != '>'; ++at) {
    if (text_[at] == '<') return refuse(at, "'<' inside a tag");
    if (text_[at] != '"' && text_[at] != '\'') continue;
    at = text_.find(text_[at], at + 1);
    if (at == kNone) return refuse(pos_, "an attribute value does not end");
    if (++attributes > kMaxAttributes) return refuse(at, "too many attributes");
  }
  if (at >= text_.size()) return refuse(pos_, "the tag does not end");
  const bool is_plist = rest().starts_with("<plist");
  if (!is_plist && ++values_ > limits_.max_nodes) {
    return refuse(pos_, "more than " + std::to_string(limits_.max_nodes) + " values and keys",
                  errc::too_many);
  }
  if (text_[at - 1] != '/') ++depth_;
  // <plist> and the innermost scalar come on top of max_depth containers; the reader counts
  // exactly.
  if (depth_ > std::min(limits_.max_depth, kMaxNesting) + 2) {
    return refuse(pos_, "nested deeper than " + std::to_string(limits_.max_depth) + " levels",
                  errc::too_deep);
  }
  pos_ = at + 1;
  return {};
}

Result<void> Scanner::end_tag() {
  if (depth_ == 0) return refuse(pos_, "an end tag without its start tag");
  const std::size_t end = text_.find('>', pos_);
  if (end == kNone) return refuse(pos_, "the end tag does not end");
  --depth_;
  pos_ = end + 1;
  return {};
}

}  // namespace

Result<Scan> scan_xml(std::string_view text, const ReadOptions& options) {
  return Scanner(text, options).run();
}

}  // namespace understudy::plist
