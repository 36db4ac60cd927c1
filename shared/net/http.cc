#include "shared/net/http.h"

#include <algorithm>
#include <array>

namespace understudy::net {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

int hex_value(char c) {
  const char l = lower(c);
  if (l >= '0' && l <= '9') return l - '0';
  if (l >= 'a' && l <= 'f') return l - 'a' + 10;
  return -1;
}

/// Takes a '%' that no two hexadecimal digits follow as itself. `plus_is_space`: in a query only.
std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low >= 0) {
      result.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      result.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return result;
}

/// The absolute form of RFC 9112 3.2.2, "http://host/path", means "/path".
std::string_view without_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!same_name(target.substr(0, scheme.size()), scheme)) continue;
    const std::size_t path = target.find_first_of("/?#", scheme.size());
    return path == std::string_view::npos ? std::string_view() : target.substr(path);
  }
  return target;
}

}  // namespace

/// One search for each: string_view::find_first_of calls a function for each octet, and a signature
/// has thousands.
bool is_one_line(std::string_view text) {
  return text.find('\r') == std::string_view::npos && text.find('\n') == std::string_view::npos &&
         text.find('\0') == std::string_view::npos;
}

std::optional<std::string> Headers::find(std::string_view name) const {
  for (const auto& [key, value] : items) {
    if (same_name(key, name)) return value;
  }
  return std::nullopt;
}

void Headers::set(std::string_view name, std::string value) {
  std::erase_if(items, [name](const auto& item) { return same_name(item.first, name); });
  items.emplace_back(name, std::move(value));
}

HttpResponse HttpResponse::text(int status, std::string body) {
  return of(status, "text/plain; charset=utf-8", std::move(body));
}

HttpResponse HttpResponse::of(int status, std::string content_type, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", std::move(content_type));
  response.body = std::move(body);
  return response;
}

Target Target::parse(std::string_view target) {
  target = without_authority(target);
  target = target.substr(0, target.find('#'));
  const std::size_t mark = target.find('?');
  Target result;
  result.path = percent_decode(target.substr(0, mark), false);
  if (result.path.empty()) result.path = "/";
  std::string_view rest =
      mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    std::string value =
        equals == std::string_view::npos ? "" : percent_decode(pair.substr(equals + 1), true);
    result.query.emplace_back(percent_decode(pair.substr(0, equals), true), std::move(value));
  }
  return result;
}

std::optional<std::string> Target::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string percent_encode(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool is_unreserved = (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') ||
                               c == '-' || c == '.' || c == '_' || c == '~';
    if (is_unreserved) {
      result.push_back(c);
    } else {
      const auto octet = static_cast<unsigned char>(c);
      result.push_back('%');
      result.push_back(kDigits[octet >> 4U]);
      result.push_back(kDigits[octet & 15U]);
    }
  }
  return result;
}

}  // namespace understudy::net
