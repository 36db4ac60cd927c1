#pragma once

/// The error codes that commands answer with. Source: tables of Apple's retired MDM Protocol
/// Reference (2018); Apple calls the codes informational.

#include <cstdint>

namespace understudy::agent::codes {

// MCMDMErrorDomain
inline constexpr std::int64_t kInvalidRights =
    12000;  ///< AccessRights of a profile is no sum of rights
inline constexpr std::int64_t kSecondMdmPayload = 12001;
inline constexpr std::int64_t kNotAuthorized = 12007;  ///< the enrollment lacks the access right
inline constexpr std::int64_t kMalformedRequest = 12008;
inline constexpr std::int64_t kInvalidReplacement = 12009;
inline constexpr std::int64_t kInvalidConfiguration = 12011;
inline constexpr std::int64_t kProfileNotManaged = 12013;
inline constexpr std::int64_t kIdentityMissing = 12016;
inline constexpr std::int64_t kInvalidRequestType = 12021;
inline constexpr std::int64_t kInvalidTopic = 12022;
inline constexpr std::int64_t kProfileNotInstalled = 12075;
inline constexpr std::int64_t kNotTethered = 12081;

// MCChaperoneErrorDomain
inline constexpr const char* kChaperoneDomain = "MCChaperoneErrorDomain";
inline constexpr std::int64_t kNotSupervised = 29000;

// MCPasscodeErrorDomain
inline constexpr const char* kPasscodeDomain = "MCPasscodeErrorDomain";
inline constexpr std::int64_t kCannotClearPasscode = 5013;

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
inline constexpr std::int64_t kUpdateFailed = 4013;
inline constexpr std::int64_t kReplacementWithoutMdm = 4015;

// MCCertificateErrorDomain
inline constexpr const char* kCertificateDomain = "MCCertificateErrorDomain";
inline constexpr std::int64_t kWrongCertificatePassword = 9000;
inline constexpr std::int64_t kMalformedCertificate = 9005;

// MCSCEPErrorDomain
inline constexpr const char* kScepDomain = "MCSCEPErrorDomain";
inline constexpr std::int64_t kCannotCreateIdentity = 22008;

}  // namespace understudy::agent::codes
