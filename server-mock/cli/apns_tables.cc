#include "server-mock/cli/apns_tables.h"

#include <sstream>

namespace understudy::server {
namespace {

constexpr std::size_t kColumns = 100;

/// The words in lines of at most kColumns, each begun with `indent` blanks.
std::string paragraph(const std::string& text, std::size_t indent) {
  std::istringstream words(text);
  const std::string blanks(indent, ' ');
  std::string lines, line;
  for (std::string word; words >> word;) {
    if (!line.empty() && indent + line.size() + 1 + word.size() > kColumns) {
      lines += blanks + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return lines + blanks + line + "\n";
}

std::string otherwise(const faults::Parameter& parameter) {
  if (!parameter.otherwise) return "";
  std::ostringstream text;
  std::visit([&](const auto& value) { text << "; " << value << " if it is not given"; },
             *parameter.otherwise);
  return text.str();
}

}  // namespace

std::string policies_text(const apns_mock::Policies& policies) {
  std::string text;
  for (const apns_mock::PolicyText& policy : policy_table(policies)) {
    text += policy.name + "=" + policy.value + "\n";
    text += paragraph(policy.about, 4);
    text += paragraph("values: " + policy.values, 4);
  }
  return text;
}

std::string fault_points_text(const std::vector<faults::Hop>& points) {
  std::string text;
  for (const faults::Hop& hop : points) {
    text += hop.name + "\n" + paragraph(hop.about, 4);
    text += paragraph("match: " + faults::names_of(hop.attributes), 4);
    for (const faults::Action& action : hop.actions) {
      text += "    " + hop.name + ":" + action.name + "\n" + paragraph(action.about, 8);
      for (const faults::Parameter& each : action.parameters) {
        text += paragraph(each.name + ": " + each.describe() + otherwise(each), 8);
      }
    }
  }
  return text;
}

}  // namespace understudy::server
