#pragma once

/// Which keys exist on a device is data (the catalog), not code: handlers offer everything they
/// know, and what this platform and version does not have is taken out.

#include <span>
#include <string>

#include "shared/mdm/catalog.h"
#include "shared/plist/value.h"

namespace understudy::agent {

/// Whether the key is there for the target: platform, version, channel, kind of enrollment,
/// supervision. Rights are the caller's matter. A key that says nothing about the platform follows
/// its parent.
bool exists_for(const mdm::KeySpec& key, const mdm::Target& target);

/// Removes every member, at any depth, that the schema does not have for the target.
void fit_to_schema(plist::Dict& reply, std::span<const mdm::KeySpec> keys,
                   const mdm::Target& target);

/// A text that is empty is left out.
void put_text(plist::Dict& dict, const char* key, const std::string& text);

}  // namespace understudy::agent
