#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server-mock/store/store.h"
#include "shared/plist/value.h"

namespace understudy::server {

/// What Apple's schema has against a message. It changes nothing but a counter. One thread, that of
/// its Store.
class SchemaWitness {
 public:
  explicit SchemaWitness(Store& store) : store_(store) {}

  /// One line a problem: where, and what. Nothing for a device that never said what it is, or that
  /// no schema of ours knows. Errors: those of Store.
  Result<std::vector<std::string>> problems_of_command(const std::string& id,
                                                       std::string_view xml) const;
  /// Of a check-in message or a report that was taken: logged and counted.
  void hear(const plist::Value& message) const;

 private:
  Result<std::vector<std::string>> problems_of_message(const std::string& device,
                                                       const plist::Value& message) const;
  Store& store_;
};

}  // namespace understudy::server
