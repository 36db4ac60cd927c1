#include "tools/catalog/convert.h"

#include <map>
#include <utility>

#include "shared/core/errc.h"
#include "tools/catalog/keys.h"

namespace understudy::catalog {
namespace {

/// Platforms on which a message or payload does not exist are left out.
Json where_it_exists(const YAML::Node& payload, Spans& spans, const std::string& where) {
  Json out = Json::object();
  const Json all = platforms(payload, spans, where);
  for (const auto& [platform, entry] : all.items()) {
    if (!entry.is_null()) out[platform] = entry;
  }
  return out;
}

/// One message, and its name to sort by.
std::pair<std::string, Json> convert_message(const std::filesystem::path& file,
                                             const std::string& relative) {
  const YAML::Node document = YAML::LoadFile(file.string());
  const YAML::Node payload = document["payload"];
  if (!payload || !payload["requesttype"]) unknown(relative, "has no payload.requesttype");
  const auto name = payload["requesttype"].as<std::string>();
  Json out = {{"name", name}, {"file", relative}};
  Spans spans;
  out["os"] = where_it_exists(payload, spans, relative);
  out["request"] = convert_keys(document["payloadkeys"], spans, relative);
  out["response"] = convert_keys(document["responsekeys"], spans, relative);
  return {name, out};
}

/// One form of a payload type, and what to sort it by: some types have several forms.
std::pair<std::string, Json> convert_payload(const std::filesystem::path& file,
                                             const std::string& relative) {
  const YAML::Node document = YAML::LoadFile(file.string());
  const YAML::Node payload = document["payload"];
  if (!payload || !payload["payloadtype"]) unknown(relative, "has no payload.payloadtype");
  const auto type = payload["payloadtype"].as<std::string>();
  Json out = {{"name", type}, {"file", relative}};
  Spans spans;
  out["os"] = where_it_exists(payload, spans, relative);
  out["keys"] = convert_keys(document["payloadkeys"], spans, relative);
  return {type + " " + relative, out};
}

using Convert = std::pair<std::string, Json>(const std::filesystem::path& file,
                                             const std::string& relative);

Result<std::map<std::string, Json>> convert_folder(const std::filesystem::path& schema,
                                                   const std::string& folder, Convert* convert) {
  std::error_code ec;
  std::map<std::string, Json> messages;
  const std::filesystem::directory_iterator files(schema / folder, ec);
  if (ec)
    return fail(errc::not_found, (schema / folder).string() + ": cannot be listed",
                "give --schema a checkout of apple/device-management");
  for (const auto& entry : files) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string relative = folder + "/" + entry.path().filename().string();
    try {
      messages.insert(convert(entry.path(), relative));
    } catch (const std::exception& e) {
      return fail(errc::corrupt, relative + ": " + e.what(),
                  "teach tools/catalog/keys.cc what the schema's new release says");
    }
  }
  return messages;
}

Result<std::map<std::string, Json>> convert_folders(
    const std::vector<std::filesystem::path>& schemas, const std::string& folder) {
  std::map<std::string, Json> all;
  for (const auto& schema : schemas) {
    UNDERSTUDY_TRY(auto messages, convert_folder(schema, folder, convert_message));
    if (schema != schemas.front()) {  // its files are not Apple's: say whose they are
      for (auto& [name, message] : messages) {
        message["file"] = schema.filename().string() + "/" + message["file"].get<std::string>();
      }
    }
    all.merge(messages);
    if (messages.empty()) continue;
    return fail(errc::already_exists,
                messages.begin()->first + " in " + schema.string() + " comes twice",
                "an earlier --schema has it too: remove one of the two files");
  }
  return all;
}

/// A line for the head of each message and one for each of its keys.
void write_messages(std::string& to, const std::map<std::string, Json>& messages) {
  const char* before = "\n";
  for (const auto& [name, message] : messages) {
    to += std::string(before) + "{\"name\":" + message["name"].dump() +
          ",\"file\":" + message["file"].dump() + ",\"os\":" + message["os"].dump() +
          ",\"request\":[";
    write_keys(to, message["request"]);
    to += "],\"response\":[";
    write_keys(to, message["response"]);
    to += "]}";
    before = ",\n";
  }
}

}  // namespace

Result<std::string> convert(const std::vector<std::filesystem::path>& schemas) {
  UNDERSTUDY_TRY(const auto commands, convert_folders(schemas, "mdm/commands"));
  UNDERSTUDY_TRY(const auto checkins, convert_folders(schemas, "mdm/checkin"));
  std::string text = "{\"format\":1,\"commands\":[";
  write_messages(text, commands);
  text += "],\"checkins\":[";
  write_messages(text, checkins);
  text += "]}\n";
  return text;
}

Result<std::string> convert_payloads(const std::filesystem::path& schema) {
  UNDERSTUDY_TRY(const auto payloads, convert_folder(schema, "mdm/profiles", convert_payload));
  std::string text = "{\"format\":1,\"payloads\":[";
  const char* before = "\n";
  for (const auto& [order, payload] : payloads) {
    text += std::string(before) + "{\"name\":" + payload["name"].dump() +
            ",\"file\":" + payload["file"].dump() + ",\"os\":" + payload["os"].dump() +
            ",\"keys\":[";
    write_keys(text, payload["keys"]);
    text += "]}";
    before = ",\n";
  }
  text += "]}\n";
  return text;
}

}  // namespace understudy::catalog
