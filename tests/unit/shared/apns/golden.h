#pragma once

/// Golden vectors of docs/protocol/courier.md, made by an encoder that is not ours.

#include <numeric>

#include "shared/apns/messages.h"

namespace understudy::apns::golden {

inline constexpr std::string_view kTopic =
    "com.apple.mgmt.External.00000000-0000-0000-0000-000000000001";
inline constexpr std::string_view kTopicHash = "40ab641abbfcc5b0a8317bb96e1f4a6108838ee6";
inline constexpr std::string_view kPayload = R"({"mdm":"00000000-0000-4000-8000-000000000000"})";

inline constexpr std::string_view kKeepAlive = "0c00000000";
inline constexpr std::string_view kKeepAliveAck = "0d00000000";
inline constexpr std::string_view kKeepAliveAckStatus = "0d0000000401000100";
inline constexpr std::string_view kSetState = "140000000b010001010200047fffffff";
inline constexpr std::string_view kFilter =
    "090000003a010020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f02001440ab641a"
    "bbfcc5b0a8317bb96e1f4a6108838ee6";
inline constexpr std::string_view kAppTokenRequest =
    "110000003a010020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f02001440ab641a"
    "bbfcc5b0a8317bb96e1f4a6108838ee6";
inline constexpr std::string_view kAppTokenResponse =
    "120000003e01000100020020202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f030014"
    "40ab641abbfcc5b0a8317bb96e1f4a6108838ee6";
inline constexpr std::string_view kConnectResponse =
    "080000004701000100030020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f040002"
    "100005000200020600030000300800023c000a00080000018bcfe56800";
inline constexpr std::string_view kNoStorage =
    "0e00000023010020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
inline constexpr std::string_view kNotification =
    "0a0000008c010020202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f02001440ab641a"
    "bbfcc5b0a8317bb96e1f4a6108838ee603002e7b226d646d223a2230303030303030302d303030302d343030302d38"
    "3030302d303030303030303030303030227d04000400000001050004ffffffff06000817979cfe362a000007000100"
    "0d00010a";
inline constexpr std::string_view kAck =
    "0b0000002e010020202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f04000400000001"
    "08000100";
inline constexpr std::string_view kNonce = "000000018bcfe568000000000000000000";

inline Token counting_token(std::uint8_t first) {
  Token token{};
  std::iota(token.begin(), token.end(), first);
  return token;
}
inline Token base_token() {
  return counting_token(0x00);
}
inline Token app_token() {
  return counting_token(0x20);
}

}  // namespace understudy::apns::golden
