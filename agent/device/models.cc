#include "agent/device/models.h"

#include <algorithm>
#include <array>
#include <ranges>

#include "agent/device/device.h"

namespace understudy::agent {
namespace {

using enum mdm::Platform;

// clang-format off
constexpr auto kModels = std::to_array<Model>({
  // alias       product              name                number       platform  chip    first      update id               GB  modem  battery ethernet
  {"iphone",    "iPhone15,2",        "iPhone",           "MPXV3LL/A", ios,      "8120", "16.0",    "iPhone15,2",           128, true,  true,  false},
  {"",          "iPhone14,5",        "iPhone",           "MLPK3LL/A", ios,      "8110", "15.0",    "iPhone14,5",           128, true,  true,  false},
  {"",          "iPhone16,1",        "iPhone",           "MTQT3LL/A", ios,      "8130", "17.0",    "iPhone16,1",           256, true,  true,  false},
  {"",          "iPhone17,3",        "iPhone",           "MYAP3LL/A", ios,      "8140", "18.0",    "iPhone17,3",           128, true,  true,  false},
  {"ipad",      "iPad14,3",          "iPad",             "MNXD3LL/A", ios,      "8112", "16.1",    "iPad14,3",             128, false, true,  false},
  {"",          "iPad13,18",         "iPad",             "MPQ03LL/A", ios,      "8101", "16.1",    "iPad13,18",             64, false, true,  false},
  {"",          "iPad13,17",         "iPad",             "MM6R3LL/A", ios,      "8103", "15.4",    "iPad13,17",             64, true,  true,  false},
  {"mac",       "Mac14,2",           "MacBook Air",      "MLXW3LL/A", macos,    "8112", "12.4",    "J413AP",               256, false, true,  false},
  {"",          "Mac15,3",           "MacBook Pro",      "MTL73LL/A", macos,    "8122", "14.1",    "J504AP",               512, false, true,  false},
  {"",          "Mac14,3",           "Mac mini",         "MMFJ3LL/A", macos,    "8112", "13.2",    "J473AP",               256, false, false, true},
  {"mac-intel", "MacBookPro16,1",    "MacBook Pro",      "MVVJ2LL/A", macos,    "",     "10.15.1", "Mac-E1008331FDC96864", 512, false, true,  false},
  {"",          "iMac20,1",          "iMac",             "MXWT2LL/A", macos,    "",     "10.15.6", "Mac-CFF7D910A743CAAF", 256, false, false, true},
  {"appletv",   "AppleTV14,1",       "Apple TV",         "MN893LL/A", tvos,     "8110", "16.1",    "AppleTV14,1",          128, false, false, true},
  {"",          "AppleTV11,1",       "Apple TV",         "MXH02LL/A", tvos,     "8020", "14.5",    "AppleTV11,1",           64, false, false, true},
  {"visionpro", "RealityDevice14,1", "Apple Vision Pro", "MQL83LL/A", visionos, "8112", "1.0",     "RealityDevice14,1",    256, false, true,  false},
  {"watch",     "Watch7,1",          "Apple Watch",      "MR8T3LL/A", watchos,  "8310", "10.0",    "Watch7,1",              64, false, true,  false},
  {"",          "Watch6,10",         "Apple Watch",      "MNJP3LL/A", watchos,  "8301", "9.0",     "Watch6,10",             32, false, true,  false},
});

constexpr auto kReleases = std::to_array<Release>({
  {ios, "17.0", "21A329"},     {ios, "17.1", "21B74"},      {ios, "17.2", "21C62"},      {ios, "17.3", "21D50"},
  {ios, "17.4", "21E219"},     {ios, "17.5", "21F79"},      {ios, "17.6", "21G80"},      {ios, "17.6.1", "21G93"},
  {ios, "17.7", "21H16"},      {ios, "18.0", "22A3354"},    {ios, "18.0.1", "22A3370"},  {ios, "18.1", "22B83"},
  {macos, "13.6", "22G120"},   {macos, "14.0", "23A344"},   {macos, "14.1", "23B74"},    {macos, "14.2", "23C64"},
  {macos, "14.3", "23D56"},    {macos, "14.4", "23E214"},   {macos, "14.5", "23F79"},    {macos, "14.6", "23G80"},
  {macos, "14.6.1", "23G93"},  {macos, "14.7", "23H124"},   {macos, "15.0", "24A335"},   {macos, "15.0.1", "24A348"},
  {macos, "15.1", "24B83"},
  {tvos, "17.0", "21J354"},    {tvos, "17.6.1", "21M80"},   {tvos, "18.0", "22J357"},    {tvos, "18.1", "22J580"},
  {visionos, "1.1", "21O211"}, {visionos, "1.3", "21O771"}, {visionos, "2.0", "22N320"}, {visionos, "2.1", "22N581"},
  {watchos, "10.0", "21R356"}, {watchos, "10.6.1", "21U580"}, {watchos, "11.0", "22R349"}, {watchos, "11.1", "22R585"},
});
// clang-format on

}  // namespace

std::span<const Model> models() {
  return kModels;
}

const Model* find_model(std::string_view name) {
  const auto found = std::ranges::find_if(kModels, [&](const Model& model) {
    return model.product_name == name || (!model.alias.empty() && model.alias == name);
  });
  return found == kModels.end() ? nullptr : &*found;
}

std::span<const Release> releases() {
  return kReleases;
}

const Release* find_release(mdm::Platform platform, std::string_view version) {
  const auto found = std::ranges::find_if(kReleases, [&](const Release& release) {
    return release.platform == platform && release.version == version;
  });
  return found == kReleases.end() ? nullptr : &*found;
}

const Release& newest_release(mdm::Platform platform) {
  const auto newest_first = std::views::reverse(kReleases);
  return *std::ranges::find(newest_first, platform, &Release::platform);
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const Model& model : kModels) {
    std::string line(model.alias);
    line.resize(std::max<std::size_t>(line.size() + 1, 11), ' ');
    line += model.product_name;
    line.resize(std::max<std::size_t>(line.size() + 1, 30), ' ');
    line += std::string(mdm::platform_name(model.platform)) + " ";
    names.push_back(line + std::string(newest_release(model.platform).version));
  }
  return names;
}

}  // namespace understudy::agent
