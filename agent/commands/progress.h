#pragma once

/// What takes a device some time: installing apps, fetching and installing updates. Nothing runs in
/// the background: the state is brought up to date whenever somebody looks.

#include "agent/commands/perform.h"

namespace understudy::agent {

inline constexpr std::int64_t kAppWaitSeconds = 2;     ///< queued, or asking its user
inline constexpr std::int64_t kAppInstallSeconds = 8;  ///< then this long until it is there
inline constexpr std::int64_t kDownloadSeconds = 30;   ///< an update of the system
inline constexpr std::int64_t kOsInstallSeconds = 60;  ///< after the download
inline constexpr std::int64_t kInstallLaterSeconds = std::int64_t{6} * 3600;  ///< "tonight"

/// Seconds since 1970.
std::int64_t now_seconds(const Surroundings& around);

/// When the last app that is under way will be there, in seconds since 1970; 0: none is.
std::int64_t apps_installed_at(const Device& device);

/// Moves everything that is under way to where it is by now.
void catch_up(Device& device, const Surroundings& around);

}  // namespace understudy::agent
