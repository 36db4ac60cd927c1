/// understudy-catalog: writes shared/mdm/catalog.json from Apple's schema. Run it again when Apple
/// publishes a new release.

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>

#include "shared/core/exit_code.h"
#include "tools/catalog/convert.h"

namespace {

int finish(const std::string& text, const std::string& out) {
  if (out == "-") {
    std::cout << text;
    return static_cast<int>(understudy::ExitCode::ok);
  }
  std::ofstream file(out, std::ios::binary);
  file << text;
  file.close();
  if (file) return static_cast<int>(understudy::ExitCode::ok);
  std::cerr << out << ": cannot be written; give --out a file in a folder that exists\n";
  return static_cast<int>(understudy::ExitCode::unreachable);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Writes the command catalogue from a checkout of apple/device-management.",
               "understudy-catalog");
  std::vector<std::filesystem::path> schemas;
  std::string out = "-";
  app.add_option("--schema", schemas,
                 "the checkout: the folder that holds mdm/commands; again for a folder with more")
      ->required();
  app.add_option("--out", out, "where to write; - is standard output")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return static_cast<int>(app.exit(error) == 0 ? understudy::ExitCode::ok
                                                 : understudy::ExitCode::usage);
  }
  const auto text = understudy::catalog::convert(schemas);
  if (!text) {
    std::cerr << "understudy-catalog: " << text.error().message() << "\n";
    return static_cast<int>(understudy::ExitCode::unreachable);
  }
  return finish(*text, out);
}
