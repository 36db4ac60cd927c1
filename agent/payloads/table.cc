#include <algorithm>
#include <array>
#include <string>

#include "agent/payloads/rules.h"

namespace understudy::agent {
namespace {

using mdm::ErrorEntry;

constexpr const char* kInstallation = mdm::kInstallationErrorDomain;
constexpr const char* kCertificate = "CertificateList";

/// The first four bytes tell a font; a collection has several.
std::optional<ErrorEntry> judge_font(const mdm::Payload& payload) {
  const Bytes font = plist::Value(payload.body).data_at("Font").value_or(Bytes{});
  const std::string_view kind = as_text(font).substr(0, 4);
  if (kind == "ttcf") {
    return ErrorEntry{"MCFontErrorDomain", 35002, "The font file is a collection of fonts."};
  }
  if (kind == std::string_view("\0\1\0\0", 4) || kind == "OTTO" || kind == "true") {
    return std::nullopt;
  }
  return ErrorEntry{"MCFontErrorDomain", 35000, "Font is no TrueType or OpenType font."};
}

std::optional<ErrorEntry> judge_web_clip(const mdm::Payload& payload) {
  const std::string url = plist::Value(payload.body).string_at("URL").value_or("");
  if (url.find(':') != std::string::npos) return std::nullopt;
  return ErrorEntry{"MCWebClipErrorDomain", 8000, "URL is no URL with a scheme."};
}

constexpr auto kRows = std::to_array<PayloadRow>({
    {.type = "com.apple.apn.managed", .effect = "", .second = {kInstallation, 4018}},
    {.type = "com.apple.app.lock",
     .effect = "hands reach neither home screen nor settings",
     .second = {kInstallation, 4019}},
    {.type = "com.apple.applicationaccess", .effect = "Restrictions; hands that it forbids"},
    {.type = "com.apple.AssetCache.managed", .effect = "ContentCachingInformation"},
    {.type = "com.apple.caldav.account",
     .effect = "",
     .host_key = "CalDAVHostName",
     .no_host = {"MCCalDAVErrorDomain", 17001}},
    {.type = "com.apple.carddav.account",
     .effect = "",
     .host_key = "CardDAVHostName",
     .no_host = {"MCCardDAVErrorDomain", 20001}},
    {.type = "com.apple.cellular", .effect = "", .second = {kInstallation, 4018}},
    {.type = "com.apple.eas.account",
     .effect = "",
     .certificate = {"MCEASErrorDomain", 21006},
     .host_key = "Host",
     .no_host = {"MCEASErrorDomain", 21003}},
    {.type = "com.apple.education",
     .effect = "",
     .certificate = {"MCEDUClassroomErrorDomain", 45002}},
    {.type = "com.apple.font", .effect = "", .judge = judge_font},
    {.type = "com.apple.homescreenlayout", .effect = "", .second = {kInstallation, 4028}},
    {.type = "com.apple.ldap.account",
     .effect = "",
     .host_key = "LDAPAccountHostName",
     .no_host = {"MCLDAPErrorDomain", 19001}},
    {.type = "com.apple.mail.managed", .effect = "", .certificate = {"MCEmailErrorDomain", 7003}},
    {.type = "com.apple.MCX.FileVault2",
     .effect = "SecurityInfo FDE_*, once somebody logs in or out or the Mac restarts"},
    {.type = "com.apple.mdm", .effect = "the enrollment"},
    {.type = "com.apple.mobiledevice.passwordpolicy",
     .effect = "SecurityInfo PasscodeCompliant*, PasscodeLockGracePeriodEnforced; Restrictions; "
               "set-passcode (macOS: only listed)"},
    {.type = "com.apple.notificationsettings", .effect = "", .second = {kInstallation, 4029}},
    {.type = "com.apple.NSExtension", .effect = "ActiveNSExtensions"},
    {.type = "com.apple.profileRemovalPassword",
     .effect = "ProfileList HasRemovalPasscode; remove-profile"},
    {.type = "com.apple.proxy.http.global", .effect = "", .second = {kInstallation, 4017}},
    {.type = "com.apple.security.acme", .effect = kCertificate},
    {.type = "com.apple.security.FDERecoveryKeyEscrow",
     .effect = "SecurityInfo FDE_PersonalRecoveryKeyCMS, ...DeviceKey"},
    {.type = "com.apple.security.firewall", .effect = "SecurityInfo FirewallSettings"},
    {.type = "com.apple.security.pem", .effect = kCertificate},
    {.type = "com.apple.security.pkcs1", .effect = kCertificate},
    {.type = "com.apple.security.pkcs12", .effect = kCertificate},
    {.type = "com.apple.security.root", .effect = kCertificate},
    {.type = "com.apple.security.scep", .effect = kCertificate},
    {.type = "com.apple.shareddeviceconfiguration",
     .effect = "",
     .second = {"MCSharedDeviceConfigurationErrorDomain", 46000}},
    {.type = "com.apple.SoftwareUpdate", .effect = "DeviceInformation OSUpdateSettings"},
    {.type = "com.apple.sso", .effect = "", .certificate = {"MCSSOErrorDomain", 34004}},
    {.type = "com.apple.subscribedcalendar.account",
     .effect = "",
     .host_key = "SubCalAccountHostName",
     .no_host = {"MCSubCalErrorDomain", 16001}},
    {.type = "com.apple.vpn.managed", .effect = "", .certificate = {"MCVPNErrorDomain", 15003}},
    {.type = "com.apple.webClip.managed", .effect = "", .judge = judge_web_clip},
    {.type = "com.apple.webcontent-filter",
     .effect = "",
     .certificate = {"MCWebContentFilterErrorDomain", 40001}},
    {.type = "com.apple.wifi.managed", .effect = "", .certificate = {"MCWiFiErrorDomain", 13004}},
});

}  // namespace

std::span<const PayloadRow> payload_table() {
  return kRows;
}

const PayloadRow* find_payload_row(std::string_view type) {
  const auto rows = payload_table();
  const auto found = std::ranges::find(rows, type, &PayloadRow::type);
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace understudy::agent
