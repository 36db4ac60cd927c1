#pragma once

/// The app store that stand-ins shop at. It is nowhere but here: every id exists, and what it sells
/// follows from the id.

#include <cstdint>
#include <string>
#include <string_view>

namespace understudy::agent {

/// The store's number of one version of an app; the same for every device that has it.
std::int64_t store_version(std::string_view identifier_and_version);

/// "org.understudy.store.361309726", where a command gives no Identifier.
std::string store_identifier(std::int64_t store_id);

/// Apps whose id ends in 99 cost money: without a license they wait for a redemption code.
bool costs_money(std::int64_t store_id);

/// The last part of the identifier, for people.
std::string app_name(std::string_view identifier);

/// "org.understudy.manifest.NAME" after the manifest's file name: no stand-in fetches the manifest.
std::string manifest_identifier(std::string_view url);

}  // namespace understudy::agent
