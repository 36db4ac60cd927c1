#pragma once

/// The hardware and the releases that stand-ins are made of, as models.json has them: facts anybody
/// can read off a device or Apple's public support pages. Immutable, any thread.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/mdm/target.h"

namespace understudy::agent {

struct Release {
  mdm::Platform platform = mdm::Platform::ios;
  std::string version, build;
  mdm::Version number;  ///< `version`, to be compared
};

struct Model {
  std::string product_name;  ///< "iPhone15,2"
  std::string model_name;    ///< "iPhone"
  std::string model_number;  ///< "MPXV3LL/A"
  mdm::Platform platform = mdm::Platform::ios;
  /// Begins the UDID: "8120" in 00008120-...; empty: an Intel Mac, or a chip before the A12, whose
  /// UDID is 40 hexadecimal digits.
  std::string chip;
  std::string factory;     ///< begins the serial number of a model older than 2021
  mdm::Version first_os;   ///< what the first of them shipped with
  int last_os = 0;         ///< the last major version it gets; 0: it gets the newest
  std::string update_id;   ///< SoftwareUpdateDeviceID
  double capacity_gb = 0;  ///< of the order number, one of several sizes the model was sold with
  bool modem = false, battery = false, ethernet = false;

  bool runs(const Release& release) const;
};

/// What a person calls a kind of device. The first of its models is what the name means.
struct Personality {
  std::string name;  ///< "shared-ipad"
  bool shared_ipad = false;
  std::vector<std::string> models;  ///< product names
};

struct Models {
  std::vector<Personality> personalities;
  std::vector<Model> models;
  std::vector<Release> releases;  ///< by platform, oldest first

  /// The compiled-in one.
  static const Models& builtin();
  /// Errors: errc::corrupt with the place; a name that is there twice, a model without a release,
  /// a personality of a model that is not there.
  static Result<Models> parse(std::string_view json);
};

/// By product name; null when there is none.
const Model* find_model(std::string_view product_name);
const Personality* find_personality(std::string_view name);
std::span<const Release> releases();
/// What a model can run, oldest first; at least one.
std::vector<const Release*> releases_of(const Model& model);

}  // namespace understudy::agent
