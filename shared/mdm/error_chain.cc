#include "shared/mdm/error_chain.h"

namespace understudy::mdm {

plist::Value to_plist(const ErrorChain& chain) {
  plist::Array entries;
  for (const ErrorEntry& entry : chain) {
    entries.emplace_back(plist::Dict{{"ErrorCode", entry.code},
                                     {"ErrorDomain", entry.domain},
                                     {"LocalizedDescription", entry.description},
                                     {"USEnglishDescription", entry.description}});
  }
  return entries;
}

ErrorChain error_chain_from_plist(const plist::Value& value) {
  ErrorChain chain;
  const auto* entries = value.if_array();
  if (entries == nullptr) return chain;
  for (const plist::Value& item : *entries) {
    if (!item.is(plist::Type::dict)) continue;
    ErrorEntry entry;
    entry.domain = item.string_at("ErrorDomain").value_or("");
    entry.code = item.int_at("ErrorCode").value_or(0);
    // Real devices localize; the English text is there for people who read several languages' logs.
    const auto english = item.string_at("USEnglishDescription");
    entry.description = english ? *english : item.string_at("LocalizedDescription").value_or("");
    chain.push_back(std::move(entry));
  }
  return chain;
}

}  // namespace understudy::mdm
