#pragma once

/// The error codes that commands answer with. Source: tables of Apple's retired MDM Protocol
/// Reference (2018); Apple calls the codes informational.

#include <cstdint>

namespace understudy::agent::codes {

// MCMDMErrorDomain
inline constexpr std::int64_t kInvalidRights =
    12000;  ///< AccessRights of a profile is no sum of rights
inline constexpr std::int64_t kSecondMdmPayload = 12001;
inline constexpr std::int64_t kCannotCheckIn = 12002;
inline constexpr std::int64_t kNotAuthorized = 12007;  ///< the enrollment lacks the access right
inline constexpr std::int64_t kMalformedRequest = 12008;
inline constexpr std::int64_t kInvalidReplacement = 12009;
inline constexpr std::int64_t kInvalidConfiguration = 12011;
inline constexpr std::int64_t kProfileNotManaged = 12013;
inline constexpr std::int64_t kInternalInconsistency = 12010;
inline constexpr std::int64_t kProvisioningNotManaged = 12014;
inline constexpr std::int64_t kIdentityMissing = 12016;
inline constexpr std::int64_t kInvalidRequestType = 12021;
inline constexpr std::int64_t kInvalidTopic = 12022;
inline constexpr std::int64_t kUnknownStoreId = 12023;
inline constexpr std::int64_t kNoManifest = 12024;
inline constexpr std::int64_t kAppAlreadyInstalled = 12025;
inline constexpr std::int64_t kNotWaitingForRedemption = 12028;
inline constexpr std::int64_t kAppNotManaged = 12029;
inline constexpr std::int64_t kInvalidUrl = 12030;
inline constexpr std::int64_t kTooManyApps = 12032;
inline constexpr std::int64_t kInvalidManifest = 12033;
inline constexpr std::int64_t kUrlNotHttps = 12034;
inline constexpr std::int64_t kInvalidRedemptionCode = 12037;
inline constexpr std::int64_t kInvalidMediaType = 12044;
inline constexpr std::int64_t kUnknownMediaId = 12046;
inline constexpr std::int64_t kNoUpdateAvailable = 12048;
inline constexpr std::int64_t kUpdateNeedsDownload = 12059;
inline constexpr std::int64_t kUpdateInstallFailed = 12062;
inline constexpr std::int64_t kSystemApp = 12065;
inline constexpr std::int64_t kCannotEnableLostMode = 12066;
inline constexpr std::int64_t kNotInLostMode = 12067;
inline constexpr std::int64_t kNoLocation = 12068;
inline constexpr std::int64_t kCannotDisableLostMode = 12069;
inline constexpr std::int64_t kNoSuchUser = 12071;
inline constexpr std::int64_t kUserLoggedIn = 12072;
inline constexpr std::int64_t kUserHasDataToSync = 12073;
inline constexpr std::int64_t kCannotDeleteUser = 12074;
inline constexpr std::int64_t kProfileNotInstalled = 12075;
inline constexpr std::int64_t kInvalidInLostMode = 12078;
inline constexpr std::int64_t kNotTethered = 12081;

// MCChaperoneErrorDomain
inline constexpr const char* kChaperoneDomain = "MCChaperoneErrorDomain";
inline constexpr std::int64_t kNotSupervised = 29000;

// MCPasscodeErrorDomain
inline constexpr const char* kPasscodeDomain = "MCPasscodeErrorDomain";
inline constexpr std::int64_t kWrongPasscode = 5011;
inline constexpr std::int64_t kCannotClearPasscode = 5013;

// MCProvisioningProfileErrorDomain
inline constexpr const char* kProvisioningDomain = "MCProvisioningProfileErrorDomain";
inline constexpr std::int64_t kBadProvisioningProfile = 25000;
inline constexpr std::int64_t kCannotRemoveProvisioning = 25002;

// MCSettingsErrorDomain
inline constexpr const char* kSettingsDomain = "MCSettingsErrorDomain";
inline constexpr std::int64_t kUnknownSetting = 28000;
inline constexpr std::int64_t kBadWallpaper = 28001;

// MCProfileErrorDomain
inline constexpr std::int64_t kMalformedProfile = 1000;
inline constexpr std::int64_t kUnsupportedProfileVersion = 1001;
inline constexpr std::int64_t kProfileFieldMissing = 1002;
inline constexpr std::int64_t kProfileFieldType = 1003;
inline constexpr std::int64_t kProfileSignature = 1004;
inline constexpr std::int64_t kEmptyProfile = 1005;
inline constexpr std::int64_t kProfileDecryption = 1006;
inline constexpr std::int64_t kDuplicateUuid = 1007;
inline constexpr std::int64_t kDuplicateIdentifier = 1008;
inline constexpr std::int64_t kUnsupportedProfileValue = 1010;

// MCPayloadErrorDomain
inline constexpr const char* kPayloadDomain = "MCPayloadErrorDomain";
inline constexpr std::int64_t kMalformedPayload = 2000;
inline constexpr std::int64_t kPayloadFieldMissing = 2002;
inline constexpr std::int64_t kPayloadFieldType = 2003;

// MCInstallationErrorDomain
inline constexpr std::int64_t kInstallationFailed = 4001;
inline constexpr std::int64_t kSignerMismatch = 4008;
inline constexpr std::int64_t kReplacementWithoutMdm = 4015;

// MCCertificateErrorDomain
inline constexpr const char* kCertificateDomain = "MCCertificateErrorDomain";
inline constexpr std::int64_t kWrongCertificatePassword = 9000;
inline constexpr std::int64_t kMalformedCertificate = 9005;

// MCSCEPErrorDomain
inline constexpr const char* kScepDomain = "MCSCEPErrorDomain";
inline constexpr std::int64_t kInvalidCaAnswer = 22002;
inline constexpr std::int64_t kScepNetwork = 22005;
inline constexpr std::int64_t kWeakCa = 22006;
inline constexpr std::int64_t kInvalidIssuedCertificate = 22007;
inline constexpr std::int64_t kCannotCreateIdentity = 22008;

}  // namespace understudy::agent::codes
