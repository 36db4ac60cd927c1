#include "agent/device/models.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "agent/device/models_lines.h"
#include "shared/core/errc.h"

namespace understudy::agent {
namespace {

using Json = nlohmann::json;

/// Inside this file a fault of the text is an exception with its place; Models::parse catches it.
[[noreturn]] void refuse(const std::string& where, const std::string& why) {
  throw std::runtime_error(where + ": " + why);
}

mdm::Platform platform_of(const std::string& name) {
  const auto platform = mdm::platform_from_name(name);
  if (!platform) refuse("platform", "\"" + name + "\" is unknown");
  return *platform;
}

mdm::Version version_of(const std::string& text) {
  auto version = mdm::Version::parse(text);
  if (!version) refuse("version", version.error().message());
  return *version;
}

/// A key that is misspelled must not read as one that is absent.
void allow_only(const Json& json, const std::set<std::string>& keys, const std::string& where) {
  for (const auto& [key, value] : json.items()) {
    if (!keys.contains(key)) refuse(where, "its key \"" + key + "\" is unknown");
  }
}

Model model_of(const Json& json) {
  Model model;
  model.product_name = json.at("product").get<std::string>();
  allow_only(json,
             {"product", "name", "number", "platform", "chip", "factory", "first_os", "last_os",
              "update_id", "capacity_gb", "modem", "battery", "ethernet"},
             model.product_name);
  model.model_name = json.at("name").get<std::string>();
  model.model_number = json.at("number").get<std::string>();
  model.platform = platform_of(json.at("platform").get<std::string>());
  model.chip = json.value("chip", "");
  model.factory = json.value("factory", "");
  model.first_os = version_of(json.at("first_os").get<std::string>());
  model.last_os = json.value("last_os", 0);
  model.update_id = json.value("update_id", model.product_name);
  model.capacity_gb = json.at("capacity_gb").get<double>();
  model.modem = json.value("modem", false);
  model.battery = json.value("battery", false);
  model.ethernet = json.value("ethernet", false);
  return model;
}

Personality personality_of(const Json& json) {
  Personality personality;
  personality.name = json.at("name").get<std::string>();
  allow_only(json, {"name", "shared_ipad", "models"}, personality.name);
  personality.shared_ipad = json.value("shared_ipad", false);
  personality.models = json.at("models").get<std::vector<std::string>>();
  return personality;
}

std::vector<Release> releases_in(const Json& json) {
  std::vector<Release> out;
  for (const auto& [name, rows] : json.items()) {
    for (const Json& row : rows) {
      Release release;
      release.platform = platform_of(name);
      release.version = row.at(0).get<std::string>();
      release.build = row.at(1).get<std::string>();
      release.number = version_of(release.version);
      const bool follows = !out.empty() && out.back().platform == release.platform;
      if (follows && release.number <= out.back().number) {
        refuse(name, release.version + " is not newer than the one before it");
      }
      out.push_back(std::move(release));
    }
  }
  return out;
}

void check(const Models& all) {
  std::set<std::string_view> names, products;
  for (const Model& model : all.models) {
    if (!products.insert(model.product_name).second) refuse(model.product_name, "is there twice");
    const auto runs = [&model](const Release& release) { return model.runs(release); };
    if (std::ranges::none_of(all.releases, runs)) refuse(model.product_name, "has no release");
  }
  for (const Personality& personality : all.personalities) {
    if (!names.insert(personality.name).second) refuse(personality.name, "is there twice");
    if (personality.models.empty()) refuse(personality.name, "has no model");
    for (const auto& product : personality.models) {
      if (!products.contains(product)) refuse(personality.name, product + " is no model");
    }
  }
}

Models load_builtin() {
  std::string text;
  for (const std::string_view line : models_lines()) text.append(line).append("\n");
  auto models = Models::parse(text);
  // Only a broken build gets here; a test parses the same text.
  if (!models) throw std::logic_error(models.error().message());
  return std::move(*models);
}

}  // namespace

bool Model::runs(const Release& release) const {
  if (release.platform != platform || release.number < first_os) return false;
  return last_os == 0 || release.number.parts.front() <= last_os;
}

const Models& Models::builtin() {
  static const Models models = load_builtin();
  return models;
}

Result<Models> Models::parse(std::string_view json) {
  try {
    const Json root = Json::parse(json);
    if (root.at("format") != 1) refuse("models", "the format is not 1");
    Models all;
    for (const Json& one : root.at("models")) all.models.push_back(model_of(one));
    for (const Json& one : root.at("personalities")) {
      all.personalities.push_back(personality_of(one));
    }
    all.releases = releases_in(root.at("releases"));
    check(all);
    return all;
  } catch (const std::exception& error) {
    return fail(errc::corrupt, "catalog of models: " + std::string(error.what()),
                "correct agent/device/models.json");
  }
}

const Model* find_model(std::string_view product_name) {
  const auto& all = Models::builtin().models;
  const auto found = std::ranges::find(all, product_name, &Model::product_name);
  return found == all.end() ? nullptr : &*found;
}

const Personality* find_personality(std::string_view name) {
  const auto& all = Models::builtin().personalities;
  const auto found = std::ranges::find(all, name, &Personality::name);
  return found == all.end() ? nullptr : &*found;
}

std::span<const Release> releases() {
  return Models::builtin().releases;
}

std::vector<const Release*> releases_of(const Model& model) {
  std::vector<const Release*> out;
  for (const Release& release : releases()) {
    if (model.runs(release)) out.push_back(&release);
  }
  return out;
}

}  // namespace understudy::agent
