#include "shared/mdm/payload_catalog.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "shared/mdm/catalog_read.h"
#include "shared/mdm/payload_catalog_lines.h"
#include "shared/mdm/rules.h"

namespace understudy::mdm {
namespace {

using catalog_read::joined;
using catalog_read::Json;
using catalog_read::keys_of;
using catalog_read::platforms_of;
using catalog_read::refuse;

PayloadCatalog load_builtin_payloads() {
  auto catalog = PayloadCatalog::parse(joined(payload_catalog_lines()));
  // Only a broken build gets here; a test parses the same text.
  if (!catalog) throw std::logic_error(catalog.error().message());
  return std::move(*catalog);
}

}  // namespace

const PayloadCatalog& PayloadCatalog::builtin() {
  static const PayloadCatalog catalog = load_builtin_payloads();
  return catalog;
}

Result<PayloadCatalog> PayloadCatalog::parse(std::string_view json) {
  try {
    const Json root = Json::parse(json);
    if (root.at("format") != 1) refuse("catalog", "its format is not 1");
    PayloadCatalog catalog;
    for (const Json& payload : root.at("payloads")) {
      PayloadSpec form;
      form.type = payload.at("name").get<std::string>();
      form.file = payload.at("file").get<std::string>();
      form.platforms = platforms_of(payload, form.type);
      form.keys = keys_of(payload, "keys", form.type);
      catalog.payloads_.push_back(std::move(form));
    }
    std::ranges::sort(catalog.payloads_, [](const PayloadSpec& a, const PayloadSpec& b) {
      return std::tie(a.type, a.file) < std::tie(b.type, b.file);
    });
    return catalog;
  } catch (const std::exception& error) {
    return fail(errc::bad_value, "payload catalog: " + std::string(error.what()),
                "write it anew with understudy-catalog");
  }
}

std::span<const PayloadSpec> PayloadCatalog::forms(std::string_view type) const {
  const auto [first, last] = std::ranges::equal_range(payloads_, type, {}, &PayloadSpec::type);
  return {first, last};
}

std::vector<Problem> check_allowed(const PayloadSpec& form, const Target& target) {
  return refusals(form.on(target.platform).value_or(Availability{}), target);
}

std::vector<Problem> validate_payload(const PayloadSpec& form, const plist::Dict& body,
                                      const Target& target) {
  std::vector<Problem> problems;
  check_keys(body, form.keys, {Place::Part::payload, form.type}, target, "", problems);
  return problems;
}

plist::Dict keys_in_force(const PayloadSpec& form, const plist::Dict& body, const Target& target) {
  plist::Dict out;
  for (const KeySpec& key : form.keys) {
    const auto& entry = key.platforms.at(static_cast<std::size_t>(target.platform));
    if (entry && !refusals(*entry, target).empty()) continue;
    const auto member = body.find(key.name);
    if (member != body.end()) out.insert(*member);
  }
  return out;
}

}  // namespace understudy::mdm
