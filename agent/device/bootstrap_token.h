#pragma once

/// The secret by which a server vouches for a Mac's next users. Sources: docs/protocol/checkin.md
/// 7.7, 11.7; docs/protocol/device-facts.md 1.13.

#include "shared/core/rng.h"

namespace understudy::agent {

struct Device;

/// Makes one, and owes it to the server, when the device is of a kind that escrows one and has
/// none: a supervised Mac with somebody logged in who holds a secure token; a supervised iPhone,
/// iPad or headset of system 26 that was enrolled automatically. Otherwise nothing.
void make_bootstrap_token(Device& device, Rng rng);
/// Whether the server's copy may authorize what otherwise asks for a person: Macs with Apple
/// silicon, unless a server forbade it.
bool bootstrap_token_authorizes(const Device& device);

}  // namespace understudy::agent
