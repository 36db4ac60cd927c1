#pragma once

/// The hardware and the releases that stand-ins are made of: facts anybody can read off a device or
/// Apple's public support pages. Immutable, any thread.

#include <span>
#include <string>
#include <string_view>

#include "shared/mdm/target.h"

namespace understudy::agent {

struct Model {
  std::string_view alias;         ///< short name ("iphone"); empty: known by its product name only
  std::string_view product_name;  ///< "iPhone15,2"
  std::string_view model_name;    ///< "iPhone"
  std::string_view model_number;  ///< "MPXV3LL/A"
  mdm::Platform platform;
  std::string_view chip;      ///< begins the UDID: "8120" in 00008120-...; empty: an Intel Mac
  std::string_view first_os;  ///< what the first of them shipped with
  std::string_view update_id;
  double capacity_gb;
  bool modem, battery, ethernet;
};

struct Release {
  mdm::Platform platform;
  std::string_view version, build;
};

/// By platform; the first of a platform is its default.
std::span<const Model> models();
/// By alias or product name; null when there is none.
const Model* find_model(std::string_view name);
/// By platform, oldest first.
std::span<const Release> releases();
const Release* find_release(mdm::Platform platform, std::string_view version);
const Release& newest_release(mdm::Platform platform);

}  // namespace understudy::agent
