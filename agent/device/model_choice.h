#pragma once

/// What --model says: one kind of device, or a mix of several.
///
///   iphone                   a personality: its first model
///   iPhone14,5               a model by its product name
///   shared-ipad/iPad13,18    a personality with another of its models
///   mix:iphone=7,mac=3       seven to three: of any ten devices with numbers in a row, exactly

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/device/models.h"
#include "shared/core/rng.h"

namespace understudy::agent {

struct ModelChoice {
  const Model* model = nullptr;
  bool shared_ipad = false;
};

class ModelMix {
 public:
  /// Weights have no common divisor and sum up to this at most.
  static constexpr std::uint64_t kMaxWeights = 10'000;

  /// Errors: errc::not_found with the names that exist, errc::invalid_argument for a mix of another
  /// form.
  static Result<ModelMix> parse(std::string_view text);

  struct Part {
    ModelChoice choice;
    std::uint64_t weight = 1;
  };
  std::span<const Part> parts() const { return parts_; }

  /// For the device of that number: the seed shuffles the order once, and it repeats for ever.
  const ModelChoice& of(const Rng& seed, std::uint64_t number) const;

 private:
  explicit ModelMix(std::vector<Part> parts) : parts_(std::move(parts)) {}
  std::vector<Part> parts_;
};

}  // namespace understudy::agent
