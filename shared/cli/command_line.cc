#include "shared/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace understudy::cli {
namespace {

/// Behind the program's name; empty at the top.
std::string subcommand_of(const CLI::App& app) {
  const std::string& name = app.get_name();
  const std::size_t blank = name.find(' ');
  std::string path = blank == std::string::npos ? "" : name.substr(blank + 1);
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    path += (path.empty() ? "" : " ") + at->get_name();
  }
  return path;
}

std::string subcommands_of(const CLI::App& app) {
  std::string names;
  for (const CLI::App* each : app.get_subcommands({})) {
    names += (names.empty() ? "" : ", ") + each->get_name();
  }
  return names;
}

/// Whether the text names the option, and not only a longer one.
bool names(const std::string& text, const std::string& option) {
  const std::size_t at = text.find(option);
  if (at == std::string::npos) return false;
  const char next = at + option.size() < text.size() ? text[at + option.size()] : ' ';
  return next != '-' && std::isalnum(static_cast<unsigned char>(next)) == 0;
}

/// The environment variable that gave the option of this complaint its value; empty: none did.
std::string variable_behind(const CLI::App& app, const std::string& complaint) {
  for (const CLI::Option* option : app.get_options()) {
    const std::string variable = option->get_envname();
    if (variable.empty() || !names(complaint, option->get_name())) continue;
    const char* value = std::getenv(variable.c_str());
    if (value != nullptr && option->results() == std::vector<std::string>{value}) return variable;
  }
  for (const CLI::App* each : app.get_subcommands({})) {
    std::string variable = variable_behind(*each, complaint);
    if (!variable.empty()) return variable;
  }
  return "";
}

/// What the parser says of an unknown key, in words for whoever wrote the file.
std::string about_config(const CLI::App& app, const std::string& complaint) {
  constexpr std::string_view kUnread = "INI was not able to parse ";
  constexpr std::string_view kSection = ".++";
  const std::string place = "--config " + app.get_config_ptr()->as<std::string>() + ": ";
  if (!complaint.starts_with(kUnread)) return place + complaint;
  std::string key = complaint.substr(kUnread.size());
  if (key.ends_with(kSection)) {
    return place + "section [" + key.substr(0, key.size() - kSection.size()) + "] is unknown";
  }
  return place + "key '" + key + "' is unknown; a key is an option's name without its dashes";
}

/// The parser lists them backwards.
std::string unexpected(const CLI::App& app) {
  std::string words;
  for (const std::string& word : app.remaining(true)) words += " " + word;
  return "not expected here:" + words;
}

std::string reason(const CLI::App& app, const CLI::ParseError& error) {
  std::string text = error.what();
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (dynamic_cast<const CLI::ConfigError*>(&error) != nullptr) return about_config(app, text);
  if (dynamic_cast<const CLI::FileError*>(&error) != nullptr) return "--config " + text;
  const std::string known = app.get_subcommands().empty() ? subcommands_of(app) : "";
  const std::vector<std::string> unknown = app.remaining();
  // Without a subcommand the parser does not look at the words that should have been one.
  if (!known.empty() && !unknown.empty() && !unknown.front().starts_with('-')) {
    return "'" + unknown.front() + "' is no subcommand; there are " + known;
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return unexpected(app);
  if (!known.empty() && text == CLI::RequiredError::Subcommand(1).what()) {
    return text + "; there are " + known;
  }
  const std::string variable = variable_behind(app, text);
  return variable.empty() ? text : text + "; the value is that of " + variable;
}

}  // namespace

void add_common(CLI::App& app) {
  app.set_version_flag("--version", UNDERSTUDY_VERSION);
  app.footer(
      "Exit status: 0 all was done; 1 the command line, or a file it names, is wrong;\n"
      "2 set-up failed, or the other side is not there or refuses.");
}

void add_config_file(CLI::App& app, const std::string& about) {
  app.set_config("--config", "", about);
  app.allow_config_extras(CLI::config_extras_mode::error);
}

std::string usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const std::string path = subcommand_of(app);
  const std::string& name = app.get_name();
  const std::string program = name.substr(0, name.find(' '));
  return (path.empty() ? "" : path + ": ") + reason(app, error) + "; `" + program +
         (path.empty() ? "" : " " + path) + " --help` tells more";
}

}  // namespace understudy::cli
