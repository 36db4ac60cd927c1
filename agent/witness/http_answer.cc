#include "agent/witness/http_answer.h"

#include <algorithm>

namespace understudy::agent::witness {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kUnrecognized = "com.apple.unrecognized.device";

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::string_view without_leading_space(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text;
}

bool is_web_page(std::string_view body) {
  const std::string start = lower(without_leading_space(body).substr(0, 14));
  return start.starts_with("<!doctype html") || start.starts_with("<html");
}

/// The Content-Type of a 403 says whether its body is JSON or XML.
void check_unrecognized(const net::HttpResponse& answer, Findings& out) {
  if (answer.body.find(kUnrecognized) == std::string::npos) return;
  const bool is_json = without_leading_space(answer.body).starts_with('{');
  const std::string_view wanted = is_json ? "application/json" : "application/xml";
  if (media_type(answer) == wanted) return;
  out.push_back(found("http/unrecognized-content-type", "Content-Type is " + shown_type(answer) +
                                                            ", should be " + std::string(wanted)));
}

}  // namespace

bool is_success(const net::HttpResponse& answer) {
  return answer.status >= 200 && answer.status < 300;
}

bool is_white_space(std::string_view body) {
  return !body.empty() && without_leading_space(body).empty();
}

std::string media_type(const net::HttpResponse& answer) {
  const std::string type = answer.headers.find("Content-Type").value_or("");
  const std::string_view name = std::string_view(type).substr(0, type.find(';'));
  return lower(name.substr(0, name.find_last_not_of(kSpace) + 1));
}

std::string shown_type(const net::HttpResponse& answer) {
  const auto type = answer.headers.find("Content-Type");
  return type ? "\"" + type->substr(0, 100) + "\"" : "none";
}

void check_redirects(const net::HttpResponse& answer, Findings& out) {
  if (answer.redirects == 0) return;
  out.push_back(found("http/redirect", "the answer came after " + std::to_string(answer.redirects) +
                                           (answer.redirects == 1 ? " redirect" : " redirects")));
}

void check_status(const net::HttpResponse& answer, const Recipient& recipient,
                  std::string_view message_type, Findings& out) {
  check_redirects(answer, out);
  const std::string to = message_type.empty() ? "to a report" : "to " + std::string(message_type);
  // Before Authenticate has its 200 nobody is enrolled: a 401 refuses, and disowns nobody.
  if (answer.status == 401 && message_type != "Authenticate" && recipient.heeds_unrecognized) {
    out.push_back(
        found("http/unauthorized", "HTTP 401 " + to +
                                       ": the device removes its MDM profile; 403 with "
                                       "com.apple.unrecognized.device is meant for that"));
  }
  if (answer.status == 403) check_unrecognized(answer, out);
  if (answer.status == 410 && message_type != "UserAuthenticate") {
    out.push_back(found("http/gone", "HTTP 410 " + to + ": an ordinary failure, tried again"));
  }
}

bool is_no_message(const net::HttpResponse& answer, Findings& out) {
  if (is_white_space(answer.body)) {
    out.push_back(found("http/white-space-body",
                        std::to_string(answer.body.size()) + " octets of white space"));
    return true;
  }
  if (!is_web_page(answer.body)) return false;
  out.push_back(found("http/html", "HTTP " + std::to_string(answer.status) + ", Content-Type " +
                                       shown_type(answer)));
  return true;
}

void name_message(Finding& finding, const std::string& uuid, const std::string& to) {
  if (!finding.command_uuid.empty()) return;
  const std::string what = uuid.empty() ? finding.what + ", in the answer to " + to : finding.what;
  finding = found(finding.id, what, uuid, finding.source);
}

}  // namespace understudy::agent::witness
