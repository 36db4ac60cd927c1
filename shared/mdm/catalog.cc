#include "shared/mdm/catalog.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "shared/mdm/catalog_lines.h"
#include "shared/mdm/catalog_read.h"
#include "shared/mdm/rules.h"

namespace understudy::mdm {
namespace {

using catalog_read::Json;
using catalog_read::keys_of;
using catalog_read::platforms_of;
using catalog_read::refuse;

/// As Apple's files spell them.
constexpr std::array<std::string_view, 9> kSchemaNames = {"<boolean>", "<integer>",    "<real>",
                                                          "<string>",  "<data>",       "<date>",
                                                          "<array>",   "<dictionary>", "<any>"};

std::vector<MessageSpec> messages_of(const Json& json) {
  std::vector<MessageSpec> out;
  for (const Json& message : json) {
    MessageSpec spec;
    spec.name = message.at("name").get<std::string>();
    spec.file = message.at("file").get<std::string>();
    spec.platforms = platforms_of(message, spec.name);
    spec.request = keys_of(message, "request", spec.name);
    spec.response = keys_of(message, "response", spec.name);
    deviations::amend(spec);
    out.push_back(std::move(spec));
  }
  std::ranges::sort(out, {}, &MessageSpec::name);
  return out;
}

const MessageSpec* find_in(const std::vector<MessageSpec>& messages, std::string_view name) {
  const auto found = std::ranges::lower_bound(messages, name, {}, &MessageSpec::name);
  return found != messages.end() && found->name == name ? &*found : nullptr;
}

Catalog load_builtin() {
  auto catalog = Catalog::parse(catalog_read::joined(catalog_lines()));
  // Only a broken build gets here; a test parses the same text.
  if (!catalog) throw std::logic_error(catalog.error().message());
  return std::move(*catalog);
}

}  // namespace

std::string_view key_type_name(KeyType type) {
  return kSchemaNames.at(static_cast<std::size_t>(type));
}

const Catalog& Catalog::builtin() {
  static const Catalog catalog = load_builtin();
  return catalog;
}

Result<Catalog> Catalog::parse(std::string_view json) {
  try {
    const Json root = Json::parse(json);
    if (root.at("format") != 1) refuse("catalog", "its format is not 1");
    Catalog catalog;
    catalog.commands_ = messages_of(root.at("commands"));
    catalog.checkins_ = messages_of(root.at("checkins"));
    return catalog;
  } catch (const std::exception& error) {
    return fail(errc::bad_value, "command catalog: " + std::string(error.what()),
                "write it anew with understudy-catalog");
  }
}

const MessageSpec* Catalog::command(std::string_view request_type) const {
  return find_in(commands_, request_type);
}

const MessageSpec* Catalog::checkin(std::string_view message_type) const {
  return find_in(checkins_, message_type);
}

}  // namespace understudy::mdm
