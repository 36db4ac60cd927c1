#pragma once

#include "agent/device/device.h"

namespace understudy::agent {

inline Device device_of(const std::string& model) {
  return make_device(Rng(1), 1, {.model = model}).value();
}

}  // namespace understudy::agent
