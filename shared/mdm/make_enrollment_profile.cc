#include <algorithm>
#include <array>
#include <cctype>

#include "shared/mdm/profile.h"
#include "shared/plist/plist.h"

namespace understudy::mdm {
namespace {

plist::Dict headers(const std::string& type, const std::string& identifier, const std::string& uuid,
                    const std::string& display_name) {
  return {{"PayloadType", type},
          {"PayloadIdentifier", identifier},
          {"PayloadUUID", uuid},
          {"PayloadVersion", 1},
          {"PayloadDisplayName", display_name}};
}

void put_text(plist::Dict& to, const char* key, const std::string& text) {
  if (!text.empty()) to[key] = text;
}

plist::Array texts(const std::vector<std::string>& from) {
  return {from.begin(), from.end()};
}

plist::Array subject_of(const crypto::Name& name) {
  plist::Array rdns;
  for (const auto& rdn : name.rdns) {
    plist::Array pairs;
    for (const crypto::Attribute& attribute : rdn)
      pairs.emplace_back(plist::Array{attribute.type, attribute.value});
    rdns.emplace_back(std::move(pairs));
  }
  return rdns;
}

plist::Dict alt_names_of(const crypto::AltNames& names) {
  plist::Dict out;
  if (!names.email.empty()) out["rfc822Name"] = texts(names.email);
  if (!names.dns.empty()) out["dNSName"] = texts(names.dns);
  if (!names.uri.empty()) out["uniformResourceIdentifier"] = texts(names.uri);
  if (!names.nt_principal.empty()) out["ntPrincipalName"] = texts(names.nt_principal);
  return out;
}

struct IdentityWriter {
  const EnrollmentProfileSpec& spec;

  plist::Value operator()(const ScepPayload& scep) const {
    plist::Dict content{{"URL", scep.url},
                        {"Key Type", "RSA"},
                        {"Keysize", scep.key_size},
                        {"Retries", scep.retries},
                        {"RetryDelay", static_cast<std::int64_t>(scep.retry_delay.count())}};
    put_text(content, "Name", scep.name);
    put_text(content, "Challenge", scep.challenge);
    if (scep.key_usage != 0) content["Key Usage"] = scep.key_usage;
    if (!scep.subject.rdns.empty()) content["Subject"] = subject_of(scep.subject);
    if (plist::Dict names = alt_names_of(scep.alt_names); !names.empty())
      content["SubjectAltName"] = std::move(names);
    if (!scep.ca_fingerprint.empty()) content["CAFingerprint"] = scep.ca_fingerprint;
    plist::Dict payload = headers("com.apple.security.scep", spec.identifier + ".identity",
                                  spec.identity_uuid, "Device identity (SCEP)");
    payload["PayloadContent"] = std::move(content);
    return payload;
  }

  plist::Value operator()(const Pkcs12Payload& pkcs12) const {
    plist::Dict payload = headers("com.apple.security.pkcs12", spec.identifier + ".identity",
                                  spec.identity_uuid, "Device identity (PKCS#12)");
    payload["PayloadContent"] = pkcs12.file;
    put_text(payload, "Password", pkcs12.password);
    return payload;
  }
};

/// The same certificate always gets the same UUID: a profile made again is the same profile.
std::string uuid_of(const crypto::Certificate& certificate) {
  std::string hex = certificate.fingerprint().substr(0, 32);
  std::ranges::transform(hex, hex.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  for (const std::size_t at : {8U, 13U, 18U, 23U}) hex.insert(at, "-");
  return hex;
}

plist::Value anchor_payload(const EnrollmentProfileSpec& spec, std::size_t index) {
  const crypto::Certificate& anchor = spec.anchors[index];
  plist::Dict payload =
      headers("com.apple.security.root", spec.identifier + ".anchor." + std::to_string(index + 1),
              uuid_of(anchor), anchor.subject().find("CN").value_or("Certificate"));
  payload["PayloadContent"] = anchor.der();
  return payload;
}

plist::Value mdm_payload(const EnrollmentProfileSpec& spec) {
  const MdmPayload& mdm = spec.mdm;
  plist::Dict payload =
      headers("com.apple.mdm", spec.identifier + ".mdm", spec.mdm_uuid, "Mobile device management");
  payload["ServerURL"] = mdm.server_url;
  if (!mdm.checkin_url.empty() && mdm.checkin_url != mdm.server_url) {
    payload["CheckInURL"] = mdm.checkin_url;
    if (!mdm.checkin_url_pins.empty())
      payload["CheckInURLPinningCertificateUUIDs"] = texts(mdm.checkin_url_pins);
  }
  payload["Topic"] = mdm.topic;
  payload["IdentityCertificateUUID"] = spec.identity_uuid;
  payload["AccessRights"] = std::int64_t{mdm.access_rights};
  payload["CheckOutWhenRemoved"] = mdm.check_out_when_removed;
  payload["SignMessage"] = mdm.sign_message;
  if (mdm.use_development_apns) payload["UseDevelopmentAPNS"] = true;
  if (!mdm.server_capabilities.empty())
    payload["ServerCapabilities"] = texts(mdm.server_capabilities);
  if (!mdm.server_url_pins.empty())
    payload["ServerURLPinningCertificateUUIDs"] = texts(mdm.server_url_pins);
  if (mdm.pinning_revocation_check) payload["PinningRevocationCheckRequired"] = true;
  return payload;
}

}  // namespace

Result<plist::Value> make_enrollment_profile(const EnrollmentProfileSpec& spec) {
  plist::Array content;
  for (std::size_t i = 0; i < spec.anchors.size(); ++i) content.push_back(anchor_payload(spec, i));
  content.push_back(std::visit(IdentityWriter{spec}, spec.identity));
  content.push_back(mdm_payload(spec));
  plist::Dict top = headers("Configuration", spec.identifier, spec.profile_uuid, spec.display_name);
  put_text(top, "PayloadOrganization", spec.organization);
  top["PayloadScope"] = "System";
  top["PayloadContent"] = std::move(content);
  plist::Value profile = std::move(top);

  // What a device would refuse is refused here, where the one who can mend it looks.
  UNDERSTUDY_TRY(const std::string xml, plist::write_xml(profile));
  auto parsed = parse_enrollment_profile(as_bytes(xml), {.allow_http = true});
  if (!parsed) return fail_in("making the enrollment profile", std::move(parsed).error());
  return profile;
}

std::string expand_variables(std::string_view text, const DeviceVariables& variables) {
  const std::array<std::pair<std::string_view, const std::string*>, 6> table = {{
      {"%ComputerName%", &variables.computer_name},
      {"%HardwareUUID%", &variables.hardware_uuid},
      {"%SerialNumber%", &variables.serial_number},
      {"%HostName%", &variables.host_name},
      {"%LocalHostName%", &variables.local_host_name},
      {"%MACAddress%", &variables.mac_address},
  }};
  std::string out;
  while (!text.empty()) {
    const auto known = std::ranges::find_if(
        table, [&](const auto& entry) { return text.starts_with(entry.first); });
    if (known != table.end()) {
      out += *known->second;
      text.remove_prefix(known->first.size());
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace understudy::mdm
