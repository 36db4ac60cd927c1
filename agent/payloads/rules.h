#pragma once

/// Private to this folder: what judge.h is made of.

#include <optional>
#include <span>
#include <string_view>

#include "agent/device/device.h"
#include "shared/mdm/error_chain.h"

namespace understudy::agent {

/// A domain and a code of Apple's; no domain: the general one.
struct PayloadError {
  std::string_view domain;
  std::int64_t code = 0;
};

/// What sets one payload type apart.
struct PayloadRow {
  std::string_view type;
  std::string_view effect;      ///< what it does and where that is seen; empty: it is only listed
  PayloadError second{};        ///< there may be one only, and this is another
  PayloadError certificate{};   ///< it names a payload that the profile does not have
  std::string_view host_key{};  ///< of an account
  PayloadError no_host{};
  /// Beyond the schema; nullopt: fine.
  std::optional<mdm::ErrorEntry> (*judge)(const mdm::Payload& payload) = nullptr;
};
/// Types without a row do nothing but to be listed.
std::span<const PayloadRow> payload_table();
const PayloadRow* find_payload_row(std::string_view type);

}  // namespace understudy::agent
