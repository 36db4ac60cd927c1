// Every payload type of Apple's schema, on every platform.

#include "agent/payloads/rules.h"
#include "shared/mdm/payload_catalog.h"
#include "tests/unit/agent/commands/samples.h"

namespace understudy::agent::test {
namespace {

constexpr const char* kModels[] = {"iphone", "mac", "appletv", "visionpro", "watch"};

/// What only a meaning makes right.
void mend(plist::Dict& body, const std::string& type) {
  if (type == "com.apple.font") body["Font"] = to_bytes("OTTO font");
  if (type == "com.apple.webClip.managed") body["URL"] = "https://example.org/";
  if (type.starts_with("com.apple.security.pem") || type == "com.apple.security.root" ||
      type == "com.apple.security.pkcs1") {
    body["PayloadContent"] = authority().certificate().der();
  }
  if (type == "com.apple.security.pkcs12") body = pkcs12("secret", "P");
  if (body.contains("EncryptCertPayloadUUID")) body["EncryptCertPayloadUUID"] = "ROOT";
  if (body.contains("PayloadCertificateUUID")) body["PayloadCertificateUUID"] = "ROOT";
}

plist::Dict least_payload(const mdm::PayloadSpec& form, const mdm::Target& target) {
  plist::Dict body = payload(form.type, "P");
  body.merge(least_members(form.keys, target));
  // Where a type has several forms, something has to tell which.
  for (const auto& key : form.keys) {
    if (!body.contains(key.name) && exists_for(key, target) && form.type == "com.apple.MCX") {
      body.emplace(name_of(key), least_value(key, target));
      break;
    }
  }
  mend(body, form.type);
  return body;
}

plist::Dict profile_of(plist::Dict body) {
  const bool is_root = body["PayloadType"] == plist::Value("com.apple.security.root");
  plist::Array payloads;
  payloads.emplace_back(std::move(body));
  if (!is_root) payloads.emplace_back(root_certificate());
  return profile("org.example.p", std::move(payloads));
}

/// SCEP and ACME fetch something, and the MDM payload is an enrollment: they have their own tests.
bool has_own_tests(const std::string& type) {
  return type == "com.apple.security.scep" || type == "com.apple.security.acme" ||
         type == "com.apple.mdm" || type == "CommonPayloadKeys" || type == "TopLevel";
}

/// Supervised, and on the channel that the form is for.
Enrolled target_for(const char* model, const mdm::PayloadSpec& form) {
  FactoryOptions options;
  options.model = model;
  options.supervised = true;
  options.automated = true;
  Enrolled enrolled(options);
  const auto& entry = form.on(enrolled.device.hardware.platform);
  if (entry && !entry->device_channel) enrolled.channel = mdm::Channel::user;
  return enrolled;
}

TEST(PayloadWalk, InstallsTheLeastOfEveryTypeWhereItExistsAndNowhereElse) {
  int installed = 0;
  for (const auto& form : mdm::PayloadCatalog::builtin().payloads()) {
    if (has_own_tests(form.type)) continue;
    for (const char* model : kModels) {
      Enrolled enrolled = target_for(model, form);
      const Bytes before = serialize(enrolled.device);
      const Outcome outcome = install(enrolled, profile_of(least_payload(form, enrolled.target())));
      if (mdm::check_allowed(form, enrolled.target()).empty()) {
        EXPECT_THAT(outcome, Acknowledged())
            << form.file << " on " << model
            << (outcome.errors.size() > 1 ? outcome.errors[1].description : "");
        ++installed;
      } else {
        EXPECT_THAT(outcome, RefusedWith(mdm::kInstallationErrorDomain, 4001))
            << form.file << " on " << model;
        ASSERT_EQ(outcome.errors.size(), 2U);
        EXPECT_EQ(outcome.errors[1].code, 4023) << form.file << " on " << model;
        EXPECT_EQ(serialize(enrolled.device), before);
      }
    }
  }
  EXPECT_GT(installed, 180);
}

TEST(PayloadWalk, RefusesEachKeyThatIsMissingAndChangesNothing) {
  int refused = 0;
  for (const auto& form : mdm::PayloadCatalog::builtin().payloads()) {
    // What one of several forms misses may fit another.
    if (has_own_tests(form.type) || mdm::PayloadCatalog::builtin().forms(form.type).size() > 1) {
      continue;
    }
    for (const char* model : kModels) {
      Enrolled enrolled = target_for(model, form);
      if (!mdm::check_allowed(form, enrolled.target()).empty()) continue;
      const Bytes before = serialize(enrolled.device);
      for (const auto& key : form.keys) {
        if (!key.required || key.name.starts_with("ANY") || !exists_for(key, enrolled.target())) {
          continue;
        }
        plist::Dict body = least_payload(form, enrolled.target());
        body.erase(key.name);
        const Outcome outcome = install(enrolled, profile_of(body));
        EXPECT_THAT(outcome, RefusedWith(mdm::kInstallationErrorDomain, 4001))
            << form.file << " without " << key.name << " on " << model;
        ASSERT_EQ(outcome.errors.size(), 2U);
        EXPECT_EQ(outcome.errors[1].domain, "MCPayloadErrorDomain");
        EXPECT_EQ(outcome.errors[1].code, 2002) << form.file << " without " << key.name;
        EXPECT_EQ(serialize(enrolled.device), before);
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 100);
}

/// Every string and every blob of a payload, at any depth.
void mark(plist::Value& value) {
  if (value.if_string() != nullptr) value = "MARKER-OF-A-SECRET";
  if (auto* array = value.if_array()) {
    for (plist::Value& element : *array) mark(element);
  }
  if (auto* dict = value.if_dict()) {
    for (auto& [key, member] : *dict) mark(member);
  }
}

TEST(PayloadWalk, NothingOfAPayloadComesBackInLists) {  // fact 2.5
  for (const auto& form : mdm::PayloadCatalog::builtin().payloads()) {
    for (const char* model : kModels) {
      Enrolled enrolled = target_for(model, form);
      enrolled.channel = mdm::Channel::device;
      plist::Dict body = payload(form.type, "P");
      for (const auto& key : form.keys) {
        if (key.name.starts_with("Payload")) continue;
        plist::Value value = least_value(key, enrolled.target());
        mark(value);
        body[name_of(key)] = std::move(value);
      }
      // A firewall's applications are asked for by name, and so is the device key of an escrow.
      body.erase("Applications");
      body.erase("DeviceKey");
      // Put there whether or not the device would take it: none may tell.
      enrolled.device.profiles.push_back(
          {"org.example.p", "U", to_xml(profile_of(std::move(body))), true});
      for (const char* command : {"ProfileList", "CertificateList", "SecurityInfo"}) {
        const Outcome outcome = enrolled.run(command);
        const std::string text = plist::write_xml(plist::Value(outcome.body)).value();
        EXPECT_EQ(text.find("MARKER-OF-A-SECRET"), std::string::npos)
            << form.file << " in " << command << " of " << model;
      }
    }
  }
}

TEST(PayloadTable, NamesTypesOfTheSchemaOnce) {
  std::set<std::string_view> seen;
  for (const PayloadRow& row : payload_table()) {
    EXPECT_FALSE(mdm::PayloadCatalog::builtin().forms(row.type).empty()) << row.type;
    EXPECT_TRUE(seen.insert(row.type).second) << row.type;
  }
}

}  // namespace
}  // namespace understudy::agent::test
