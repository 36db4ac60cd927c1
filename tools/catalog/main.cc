/// understudy-catalog: writes shared/mdm/catalog.json and payload_catalog.json from Apple's schema.
/// Run it again when Apple publishes a new release.

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>

#include "shared/core/exit_code.h"
#include "tools/catalog/convert.h"

namespace {

using understudy::ExitCode;

ExitCode complain(const std::string& why) {
  std::cerr << "understudy-catalog: " << why << "\n";
  return ExitCode::unreachable;
}

ExitCode finish(const std::string& text, const std::string& out) {
  if (out == "-") {
    std::cout << text;
    return ExitCode::ok;
  }
  std::ofstream file(out, std::ios::binary);
  file << text;
  file.close();
  if (file) return ExitCode::ok;
  return complain(out + ": cannot be written; give a file in a folder that exists");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Writes the catalogs of commands and of payloads from a checkout of "
      "apple/device-management.",
      "understudy-catalog");
  std::vector<std::filesystem::path> schemas;
  std::string out = "-";
  app.add_option("--schema", schemas,
                 "the checkout: the folder that holds mdm/commands; again for a folder with more")
      ->required();
  app.add_option("--out", out, "where to write; - is standard output")->capture_default_str();
  std::string payloads;
  app.add_option("--payloads", payloads, "where to write the payloads of profiles");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return static_cast<int>(app.exit(error) == 0 ? ExitCode::ok : ExitCode::usage);
  }
  const auto text = understudy::catalog::convert(schemas);
  if (!text) return static_cast<int>(complain(text.error().message()));
  const ExitCode written = finish(*text, out);
  if (payloads.empty() || written != ExitCode::ok) return static_cast<int>(written);
  const auto types = understudy::catalog::convert_payloads(schemas.front());
  if (!types) return static_cast<int>(complain(types.error().message()));
  return static_cast<int>(finish(*types, payloads));
}
