#include <algorithm>
#include <array>
#include <pugixml.hpp>
#include <string>

#include "shared/plist/plist.h"
#include "shared/plist/unicode.h"
#include "shared/plist/xml_scalars.h"
#include "shared/plist/xml_scan.h"

namespace understudy::plist {
namespace {

/// For messages: long or strange names are cut, not printed.
std::string shown(std::string_view name) {
  constexpr std::size_t kLongest = 60;
  if (name.size() <= kLongest && !find_misfit(name, Charset::xml)) return std::string(name);
  return "(" + std::to_string(name.size()) + " bytes)";
}

/// Turns the tree that pugixml built from `document` into a Value. Its recursion is bounded: the
/// scan has refused what is nested too deep.
class TreeReader {
 public:
  TreeReader(std::string_view document, const ReadOptions& options)
      : document_(document),
        mode_(options.mode),
        max_depth_(std::min(options.limits.max_depth, kMaxNesting)) {}

  Result<Value> root(const pugi::xml_document& tree);

 private:
  using Node = pugi::xml_node;

  tl::unexpected<Error> refuse(std::size_t at, std::string_view why,
                               errc code = errc::syntax) const {
    return fail(code, "XML property list, " + place(document_, at) + ": " + std::string(why));
  }
  tl::unexpected<Error> refuse(Node node, std::string_view why, errc code = errc::syntax) const {
    const std::size_t at = offset(node);  // of the name or content; text is its own start
    const std::size_t open = node.type() == pugi::node_pcdata ? at : document_.rfind('<', at);
    return refuse(open == std::string_view::npos ? at : open, why, code);
  }
  static std::size_t offset(Node node) { return static_cast<std::size_t>(node.offset_debug()); }

  bool strict() const { return mode_ == Mode::strict; }
  bool self_closed(Node node) const;
  Result<Node> next_element(Node node) const;
  Result<Node> first_element(Node parent) const;

  Result<void> check_attributes(Node node) const;
  Result<Value> plist(Node node, std::size_t depth) const;
  Result<Value> value(Node node, std::size_t depth) const;
  Result<Value> array(Node node, std::size_t depth) const;
  Result<Value> dict(Node node, std::size_t depth) const;
  Result<void> member(Dict& into, Node key, Node node, std::size_t depth) const;
  Result<std::string> text(Node node) const;
  Result<Value> scalar(Node node, Scalar<Value> (*parse)(std::string_view, Mode)) const;
  Result<Value> boolean(Node node, bool flag) const;

  std::string_view document_;  ///< as received; pugixml works on a copy of the same layout
  Mode mode_;
  std::size_t max_depth_;
};

Result<Value> TreeReader::root(const pugi::xml_document& tree) {
  const Node top = tree.document_element();
  const bool is_plist = std::string_view(top.name()) == "plist";
  if (strict() && !is_plist) {
    return refuse(top, "the root element is <" + shown(top.name()) + ">, not <plist>",
                  errc::not_a_plist);
  }
  if (!is_plist) return value(top, 0);
  UNDERSTUDY_CHECK(check_attributes(top));
  return plist(top, 0);
}

/// Strict: none but version="1.0" on <plist>, as the DTD has it. Apple's parsers skip attributes.
Result<void> TreeReader::check_attributes(Node node) const {
  if (!strict() || !node.first_attribute()) return {};
  const pugi::xml_attribute first = node.first_attribute();
  const bool is_plist = std::string_view(node.name()) == "plist";
  if (!is_plist || std::string_view(first.name()) != "version") {
    return refuse(node, "<" + shown(node.name()) + "> with the attribute " + shown(first.name()));
  }
  if (std::string_view(first.value()) != "1.0") {
    return refuse(node, "<plist> of another version than 1.0");
  }
  if (first.next_attribute()) return refuse(node, "<plist> with a second attribute");
  return {};
}

/// `<data/>` and `<data></data>` are the same to XML, and to pugixml, but not to Apple's parsers.
bool TreeReader::self_closed(Node node) const {
  const std::size_t end = document_.find('>', offset(node));
  return end != std::string_view::npos && document_[end - 1] == '/';
}

/// The next sibling element, a null node at the end; text between elements is refused.
Result<pugi::xml_node> TreeReader::next_element(Node node) const {
  for (; node; node = node.next_sibling()) {
    if (node.type() == pugi::node_element) return node;
    const bool is_text = node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata;
    if (is_text && (node.type() == pugi::node_cdata || !is_blank(node.value()))) {
      return refuse(node, "text between elements");
    }
  }
  return Node();
}

Result<pugi::xml_node> TreeReader::first_element(Node parent) const {
  if (!is_blank(parent.value())) {  // text that comes first is kept in the element itself
    return refuse(parent, "text directly inside <" + shown(parent.name()) + ">");
  }
  return next_element(parent.first_child());
}

Result<Value> TreeReader::plist(Node node, std::size_t depth) const {
  UNDERSTUDY_TRY(const Node only, first_element(node));
  if (!only) return refuse(node, "<plist> holds no value");
  UNDERSTUDY_TRY(const Node second, next_element(only.next_sibling()));
  if (second) return refuse(second, "<plist> holds more than one value");
  return value(only, depth);
}

Result<Value> TreeReader::value(Node node, std::size_t depth) const {
  UNDERSTUDY_CHECK(check_attributes(node));
  const std::string_view name = node.name();
  if (name == "string" || (name == "key" && !strict())) {
    UNDERSTUDY_TRY(std::string content, text(node));
    return Value(std::move(content));
  }
  if (name == "dict") return dict(node, depth + 1);
  if (name == "array") return array(node, depth + 1);
  if (name == "integer") return scalar(node, parse_integer);
  if (name == "true") return boolean(node, true);
  if (name == "false") return boolean(node, false);
  if (name == "data") return scalar(node, parse_data);
  if (name == "date") return scalar(node, parse_date);
  if (name == "real") return scalar(node, parse_real);
  if (name == "plist" && !strict()) return plist(node, depth);
  if (name == "key") return refuse(node, "<key> where a value must stand");
  return refuse(node, "<" + shown(name) + "> is no element of a property list");
}

Result<Value> TreeReader::array(Node node, std::size_t depth) const {
  if (depth > max_depth_) return refuse(node, "nested too deep", errc::too_deep);
  Array items;
  UNDERSTUDY_TRY(Node item, first_element(node));
  while (item) {
    UNDERSTUDY_TRY(Value one, value(item, depth));
    items.push_back(std::move(one));
    UNDERSTUDY_TRY(item, next_element(item.next_sibling()));
  }
  return Value(std::move(items));
}

Result<Value> TreeReader::dict(Node node, std::size_t depth) const {
  if (depth > max_depth_) return refuse(node, "nested too deep", errc::too_deep);
  Dict members;
  UNDERSTUDY_TRY(Node key, first_element(node));
  while (key) {
    UNDERSTUDY_TRY(const Node item, next_element(key.next_sibling()));
    UNDERSTUDY_CHECK(member(members, key, item, depth));
    UNDERSTUDY_TRY(key, next_element(item.next_sibling()));
  }
  // A dict of nothing but CF$UID is how XML writes a keyed-archiver reference.
  if (members.size() == 1 && members.begin()->first == "CF$UID") {
    const auto id = members.begin()->second.if_uint();
    if (id && *id <= 0xffffffffU) return Value(Uid{*id});
  }
  return Value(std::move(members));
}

Result<void> TreeReader::member(Dict& into, Node key, Node node, std::size_t depth) const {
  if (std::string_view(key.name()) != "key") {
    return refuse(key, "<" + shown(key.name()) + "> in a <dict> where a <key> must stand");
  }
  UNDERSTUDY_CHECK(check_attributes(key));
  UNDERSTUDY_TRY(std::string name, text(key));
  if (!node || (strict() && std::string_view(node.name()) == "key")) {
    return refuse(key, "key '" + shown(name) + "' has no value");
  }
  UNDERSTUDY_TRY(Value item, value(node, depth));
  // Sorted input, the usual case, goes to the end at once.
  const std::size_t before = into.size();
  const auto place = into.try_emplace(into.end(), std::move(name));
  if (into.size() == before && strict()) {
    return refuse(key, "duplicate key '" + shown(place->first) + "'");
  }
  place->second = std::move(item);
  return {};
}

Result<std::string> TreeReader::text(Node node) const {
  std::string out = node.value();
  for (Node piece = node.first_child(); piece; piece = piece.next_sibling()) {
    if (piece.type() != pugi::node_pcdata && piece.type() != pugi::node_cdata) {
      return refuse(piece, "markup inside <" + shown(node.name()) + ">, which holds text only");
    }
    out += piece.value();
  }
  return out;
}

/// These take their text as it was sent: entities and CDATA have no business in them.
Result<Value> TreeReader::scalar(Node node, Scalar<Value> (*parse)(std::string_view, Mode)) const {
  if (node.first_child()) {
    return refuse(node, "markup inside <" + shown(node.name()) + ">, which holds plain text only");
  }
  if (self_closed(node)) return refuse(node, "empty <" + std::string(node.name()) + "/>");
  const std::size_t start = document_.find('>', offset(node)) + 1;
  const std::size_t end = std::min(document_.find('<', start), document_.size());
  auto parsed = parse(document_.substr(start, end - start), mode_);
  if (!parsed) return refuse(start + parsed.error().at, parsed.error().why);
  return std::move(*parsed);
}

Result<Value> TreeReader::boolean(Node node, bool flag) const {
  if (node.first_child() || *node.value() != '\0') {
    return refuse(node, "<" + std::string(node.name()) + "> is not empty");
  }
  return Value(flag);
}

std::string_view explain(pugi::xml_parse_status status) {
  switch (status) {
    case pugi::status_end_element_mismatch:
      return "the end tag does not match its start tag";
    case pugi::status_bad_attribute:
      return "malformed attribute";
    case pugi::status_bad_start_element:
    case pugi::status_unrecognized_tag:
      return "malformed start tag";
    case pugi::status_bad_end_element:
      return "malformed end tag";
    case pugi::status_bad_pi:
      return "malformed processing instruction";
    case pugi::status_bad_doctype:
      return "malformed DOCTYPE";
    default:
      return "malformed XML";
  }
}

Result<Value> parse_tree(std::string_view text, const ReadOptions& options) {
  UNDERSTUDY_TRY(const Scan scan, scan_xml(text, options));
  // Blank text matters only where it is all there is, unless something stands beside it.
  const unsigned pieces = scan.has_extras
                              ? pugi::parse_ws_pcdata | pugi::parse_comments | pugi::parse_pi
                              : pugi::parse_ws_pcdata_single;
  const unsigned flags =
      pugi::parse_escapes | pugi::parse_cdata | pugi::parse_embed_pcdata | pieces;
  pugi::xml_document tree;
  const pugi::xml_parse_result parsed =
      tree.load_buffer(scan.document.data(), scan.document.size(), flags, pugi::encoding_utf8);
  if (!parsed) {
    const auto at = static_cast<std::size_t>(std::max<std::ptrdiff_t>(parsed.offset, 0));
    return fail(errc::syntax, "XML property list, " + place(scan.document, at) + ": " +
                                  std::string(explain(parsed.status)));
  }
  return TreeReader(scan.document, options).root(tree);
}

}  // namespace

Result<Value> read_xml(BytesView input, const ReadOptions& options) {
  if (input.empty()) return fail(errc::empty, "XML property list", "there are no bytes");
  if (input.size() > options.limits.max_bytes) {
    return fail(errc::too_large, "XML property list of " + std::to_string(input.size()) + " bytes",
                "at most " + std::to_string(options.limits.max_bytes) + " bytes are read");
  }
  const std::string_view text = as_text(input);
  const bool big_endian = text.starts_with("\xFE\xFF");
  if (!big_endian && !text.starts_with("\xFF\xFE")) return parse_tree(text, options);
  if (options.mode == Mode::strict) {
    return fail(errc::syntax, "XML property list in UTF-16", "send UTF-8");
  }
  const auto converted = utf8_from_utf16(input.subspan(2), big_endian);
  if (!converted) return fail(errc::syntax, "XML property list in malformed UTF-16", "send UTF-8");
  return parse_tree(*converted, options);
}

}  // namespace understudy::plist
