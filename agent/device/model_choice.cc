#include "agent/device/model_choice.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <set>

#include "shared/core/errc.h"

namespace understudy::agent {
namespace {

constexpr std::string_view kMix = "mix:";

std::string quoted(std::string_view text) {
  return "device model \"" + std::string(text) + "\"";
}

/// "iphone = iPhone15,2 or iPhone14,5, ..."
std::string known_names() {
  std::string known;
  for (const Personality& personality : Models::builtin().personalities) {
    known.append(known.empty() ? "" : "; ").append(personality.name).append(" = ");
    for (const auto& product : personality.models) {
      known.append(&product == &personality.models.front() ? "" : " or ").append(product);
    }
  }
  return "known are: " + known;
}

tl::unexpected<Error> unknown(std::string_view name) {
  return fail(errc::not_found, quoted(name) + " is not known", known_names());
}

Result<ModelChoice> choose_one(std::string_view name) {
  if (const Model* model = find_model(name)) return ModelChoice{model, false};
  const auto slash = name.find('/');
  const Personality* personality = find_personality(name.substr(0, slash));
  if (personality == nullptr) return unknown(name);
  const std::string product(slash == std::string_view::npos ? personality->models.front()
                                                            : name.substr(slash + 1));
  if (std::ranges::find(personality->models, product) == personality->models.end()) {
    return unknown(name);
  }
  return ModelChoice{find_model(product), personality->shared_ipad};
}

/// A product name has a comma of its own: a part ends where its weight does.
Result<std::vector<std::string_view>> split_parts(std::string_view mix) {
  std::vector<std::string_view> parts;
  while (!mix.empty()) {
    const auto equals = mix.find('=');
    const auto comma = equals == std::string_view::npos ? equals : mix.find(',', equals);
    parts.push_back(mix.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    mix.remove_prefix(comma + 1);
  }
  return fail(errc::invalid_argument, "device model: nothing after the last comma or \"mix:\"",
              "write it as mix:iphone=7,mac=3");
}

Result<ModelMix::Part> read_part(std::string_view text) {
  const auto equals = std::min(text.find('='), text.size());
  ModelMix::Part part;
  UNDERSTUDY_TRY(part.choice, choose_one(text.substr(0, equals)));
  const std::string_view digits = text.substr(std::min(equals + 1, text.size()));
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), part.weight);
  if (ec != std::errc() || end != digits.data() + digits.size() || part.weight == 0) {
    return fail(errc::invalid_argument,
                quoted(text) + " of a mix: \"" + std::string(digits) + "\" is no weight",
                "give each a whole number from 1, as in mix:iphone=7,mac=3");
  }
  return part;
}

}  // namespace

Result<ModelMix> ModelMix::parse(std::string_view text) {
  if (!text.starts_with(kMix)) {
    UNDERSTUDY_TRY(const auto choice, choose_one(text));
    return ModelMix({Part{choice, 1}});
  }
  UNDERSTUDY_TRY(const auto texts, split_parts(text.substr(kMix.size())));
  std::vector<Part> parts;
  std::set<std::pair<const Model*, bool>> seen;
  std::uint64_t divisor = 0;
  for (const auto one : texts) {
    UNDERSTUDY_TRY(const auto part, read_part(one));
    if (!seen.insert({part.choice.model, part.choice.shared_ipad}).second) {
      return fail(errc::invalid_argument, quoted(one) + " of a mix: it is there twice",
                  "add the weights up");
    }
    divisor = std::gcd(divisor, part.weight);
    parts.push_back(part);
  }
  std::uint64_t sum = 0;
  for (Part& part : parts) {
    part.weight /= divisor;
    sum += std::min(part.weight, kMaxWeights + 1);  // which does not overflow
    if (sum > kMaxWeights) {
      return fail(errc::invalid_argument, quoted(text) + ": its weights are too large",
                  "let them sum up to " + std::to_string(kMaxWeights) + " at most");
    }
  }
  return ModelMix(std::move(parts));
}

const ModelChoice& ModelMix::of(const Rng& seed, std::uint64_t number) const {
  if (parts_.size() == 1) return parts_.front().choice;
  std::vector<const ModelChoice*> order;
  for (const Part& part : parts_) order.insert(order.end(), part.weight, &part.choice);
  Rng rng = seed.derive("mix");
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
  return *order[number % order.size()];
}

}  // namespace understudy::agent
