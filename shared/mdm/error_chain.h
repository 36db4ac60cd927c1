#pragma once

/// ErrorChain entries, and the codes this project uses. Source: tables of Apple's retired protocol
/// reference, docs/protocol/messages.md.

#include <string>
#include <vector>

#include "shared/plist/value.h"

namespace understudy::mdm {

struct ErrorEntry {
  std::string domain;
  std::int64_t code = 0;
  std::string description;  ///< LocalizedDescription and USEnglishDescription
  friend bool operator==(const ErrorEntry&, const ErrorEntry&) = default;
};
using ErrorChain = std::vector<ErrorEntry>;  ///< the top-level error first, its causes after it

plist::Value to_plist(const ErrorChain& chain);
/// Entries that are no dictionaries are left out; missing parts stay empty.
ErrorChain error_chain_from_plist(const plist::Value& value);

inline constexpr const char* kMdmErrorDomain = "MCMDMErrorDomain";
inline constexpr const char* kProfileErrorDomain = "MCProfileErrorDomain";
inline constexpr const char* kInstallationErrorDomain = "MCInstallationErrorDomain";

}  // namespace understudy::mdm
