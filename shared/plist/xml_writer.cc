#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "shared/plist/plist.h"
#include "shared/plist/unicode.h"
#include "shared/plist/xml_scalars.h"

namespace understudy::plist {
namespace {

constexpr std::string_view kHead =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
    "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
    "<plist version=\"1.0\">\n";

/// Written out: string_view::find_first_of calls a function for each octet.
bool needs_escape(char c) {
  return c == '&' || c == '<' || c == '>' || c == '\r';
}

/// Indents by tabs from 0 at the root value and folds data to the line length of Apple's writers.
class XmlWriter {
 public:
  Result<std::string> document(const Value& value) {
    out_ = kHead;
    UNDERSTUDY_CHECK(write(value, 0));
    out_ += "</plist>\n";
    return std::move(out_);
  }

 private:
  Result<void> write(const Value& value, std::size_t depth);
  Result<void> array(const Array& items, std::size_t depth);
  Result<void> dict(const Dict& members, std::size_t depth);
  Result<void> text(std::string_view name, std::string_view content, std::size_t depth);
  void integer(const Value& value, std::size_t depth);
  void data(const Bytes& bytes, std::size_t depth);
  void uid(Uid uid, std::size_t depth);
  /// One line; `content` must need no escaping.
  void leaf(std::string_view name, std::string_view content, std::size_t depth);
  void line(std::string_view content, std::size_t depth) {
    out_.append(depth, '\t');
    out_ += content;
    out_ += '\n';
  }

  std::string out_;
};

Result<void> XmlWriter::write(const Value& value, std::size_t depth) {
  switch (value.type()) {
    case Type::boolean:
      line(*value.if_bool() ? "<true/>" : "<false/>", depth);
      return {};
    case Type::integer:
      integer(value, depth);
      return {};
    case Type::real:
      leaf("real", real_text(*value.if_real()), depth);
      return {};
    case Type::string:
      return text("string", *value.if_string(), depth);
    case Type::data:
      data(*value.if_data(), depth);
      return {};
    case Type::date: {
      UNDERSTUDY_TRY(const std::string date, date_text(*value.if_date()));
      leaf("date", date, depth);
      return {};
    }
    case Type::uid:
      if (value.if_uid()->value > 0xffffffffU) return fail(errc::unwritable, "a uid above 2^32-1");
      uid(*value.if_uid(), depth);
      return {};
    case Type::array:
      return array(*value.if_array(), depth);
    case Type::dict:
      return dict(*value.if_dict(), depth);
  }
  return fail(errc::unwritable, "a value of unknown type");
}

Result<void> XmlWriter::array(const Array& items, std::size_t depth) {
  if (depth >= kMaxNesting) return fail(errc::unwritable, "nested too deep");
  if (items.empty()) {
    line("<array/>", depth);
    return {};
  }
  line("<array>", depth);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (auto written = write(items[i], depth + 1); !written) {
      return fail_in("item " + std::to_string(i), std::move(written).error());
    }
  }
  line("</array>", depth);
  return {};
}

Result<void> XmlWriter::dict(const Dict& members, std::size_t depth) {
  if (depth >= kMaxNesting) return fail(errc::unwritable, "nested too deep");
  if (members.empty()) {
    line("<dict/>", depth);
    return {};
  }
  const auto& [first_key, first] = *members.begin();
  const auto id = first.if_uint();
  if (members.size() == 1 && first_key == "CF$UID" && id && *id <= 0xffffffffU) {
    return fail(errc::unwritable, "a dict that holds just CF$UID and would be read back as a uid");
  }
  line("<dict>", depth);
  for (const auto& [key, value] : members) {
    UNDERSTUDY_CHECK(text("key", key, depth + 1));
    if (auto written = write(value, depth + 1); !written) {
      return fail_in("key '" + key + "'", std::move(written).error());
    }
  }
  line("</dict>", depth);
  return {};
}

Result<void> XmlWriter::text(std::string_view name, std::string_view content, std::size_t depth) {
  if (const auto bad = find_misfit(content, Charset::xml)) {
    return fail(errc::unwritable, "text, byte " + std::to_string(bad->at) + ": " + bad->why);
  }
  out_.append(depth, '\t');
  out_.append("<").append(name).append(">");
  while (!content.empty()) {
    const auto escaped = std::ranges::find_if(content, needs_escape);
    const auto plain = static_cast<std::size_t>(escaped - content.begin());
    out_ += content.substr(0, plain);
    content.remove_prefix(plain);
    if (content.empty()) break;
    switch (content[0]) {
      case '&':
        out_ += "&amp;";
        break;
      case '<':
        out_ += "&lt;";
        break;
      case '>':
        out_ += "&gt;";
        break;
      default:
        out_ += "&#13;";  // a bare CR would be read back as LF by an XML reader
        break;
    }
    content.remove_prefix(1);
  }
  out_.append("</").append(name).append(">\n");
  return {};
}

void XmlWriter::leaf(std::string_view name, std::string_view content, std::size_t depth) {
  out_.append(depth, '\t');
  out_.append("<").append(name).append(">");
  out_ += content;
  out_.append("</").append(name).append(">\n");
}

void XmlWriter::integer(const Value& value, std::size_t depth) {
  const auto is_signed = value.if_int();
  leaf("integer",
       is_signed ? std::to_string(*is_signed) : std::to_string(value.if_uint().value_or(0)), depth);
}

void XmlWriter::data(const Bytes& bytes, std::size_t depth) {
  if (bytes.empty()) {
    line("<data></data>", depth);  // Apple's parsers refuse <data/>
    return;
  }
  constexpr std::size_t kLine = 76;
  constexpr std::size_t kTab = 8;
  const std::size_t width = kLine - kTab * std::min<std::size_t>(depth, 8);  // a multiple of four
  const std::string text = base64_encode(bytes);
  line("<data>", depth);
  for (std::size_t at = 0; at < text.size(); at += width) {
    line(std::string_view(text).substr(at, width), depth);
  }
  line("</data>", depth);
}

void XmlWriter::uid(Uid uid, std::size_t depth) {
  line("<dict>", depth);
  line("<key>CF$UID</key>", depth + 1);
  leaf("integer", std::to_string(uid.value), depth + 1);
  line("</dict>", depth);
}

}  // namespace

Result<std::string> write_xml(const Value& value) {
  auto written = XmlWriter().document(value);
  if (!written) return fail_in("XML property list", std::move(written).error());
  return written;
}

}  // namespace understudy::plist
