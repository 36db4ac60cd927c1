#include "agent/device/default_apps.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace understudy::agent {
namespace {

struct Row {
  mdm::Platform platform;
  std::string_view identifier, name, version, short_version;
  std::int64_t megabytes;
};

using enum mdm::Platform;

// clang-format off
constexpr auto kRows = std::to_array<Row>({
  {ios, "us.zoom.videomeetings", "Zoom", "6.2.5.18211", "6.2.5", 212},
  {ios, "com.google.chrome.ios", "Chrome", "130.0.6723.90", "130.6723.90", 188},
  {ios, "org.mozilla.ios.Firefox", "Firefox", "45201", "132.0", 141},
  {ios, "com.microsoft.Office.Outlook", "Outlook", "5241.17.0", "4.2441.0", 370},
  {ios, "com.tinyspeck.chatlyio", "Slack", "458211", "24.10.60", 255},
  {ios, "org.videolan.vlc-ios", "VLC", "471", "3.6.2", 92},
  {ios, "org.wikimedia.wikipedia", "Wikipedia", "4321", "7.6.0", 77},
  {macos, "com.apple.Safari", "Safari", "20619.2.8.11.10", "18.1", 24},
  {macos, "com.apple.mail", "Mail", "3826.200.121", "16.0", 31},
  {macos, "com.apple.TextEdit", "TextEdit", "402", "1.20", 4},
  {macos, "com.google.Chrome", "Google Chrome", "6723.92", "130.0.6723.92", 1240},
  {macos, "org.mozilla.firefox", "Firefox", "13224.10.28", "132.0", 398},
  {macos, "us.zoom.xos", "zoom.us", "6.2.5.42030", "6.2.5 (42030)", 240},
  {macos, "org.videolan.vlc", "VLC", "3.0.21", "3.0.21", 171},
  {tvos, "org.videolan.vlc-ios", "VLC", "471", "3.6.2", 88},
  {tvos, "us.zoom.videomeetings.tv", "Zoom", "6.2.5.18211", "6.2.5", 96},
  {tvos, "com.plexapp.plex", "Plex", "14022", "8.38", 120},
  {visionos, "us.zoom.videomeetings", "Zoom", "6.2.5.18211", "6.2.5", 230},
  {visionos, "com.microsoft.Office.Word", "Word", "2.90.24101312", "2.90", 410},
  {visionos, "org.wikimedia.wikipedia", "Wikipedia", "4321", "7.6.0", 77},
  {watchos, "com.strava.stravaride.watchkitapp", "Strava", "39412", "381.0.0", 18},
  {watchos, "com.shazam.Shazam.watchkitapp", "Shazam", "18.6", "18.6.0", 9},
  {watchos, "org.wikimedia.wikipedia.watchkitapp", "Wikipedia", "4321", "7.6.0", 6},
});
// clang-format on

InstalledApp to_app(const Row& row, Rng& rng) {
  constexpr std::int64_t kMegabyte = 1'000'000;
  InstalledApp app;
  app.identifier = row.identifier;
  app.name = row.name;
  app.version = row.version;
  app.short_version = row.short_version;
  app.bundle_size = row.megabytes * kMegabyte;
  app.dynamic_size = static_cast<std::int64_t>(rng.below(200)) * kMegabyte / 10;
  return app;
}

}  // namespace

std::vector<InstalledApp> default_apps(mdm::Platform platform, const Rng& seed,
                                       std::uint64_t number) {
  Rng rng = seed.derive("device/" + std::to_string(number) + "/apps");
  std::vector<InstalledApp> apps;
  for (const Row& row : kRows) {
    if (row.platform == platform) apps.push_back(to_app(row, rng));
  }
  const std::size_t surplus = rng.below(apps.size() / 2 + 1);
  for (std::size_t i = 0; i < surplus; ++i) {
    apps.erase(apps.begin() + static_cast<std::ptrdiff_t>(rng.below(apps.size())));
  }
  return apps;
}

}  // namespace understudy::agent
