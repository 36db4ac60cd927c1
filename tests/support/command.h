#pragma once

/// Runs a program that we did not write (openssl, curl, plistutil, ...) as an independent witness.

#include <string>
#include <vector>

namespace understudy::support {

struct Output {
  int status = -1;  ///< exit code; 128 + signal when killed
  std::string out;
  std::string err;
};

/// Waits for its end, at most two minutes (then it is killed and the status is 137). `arguments[0]`
/// is looked up in PATH.
Output run(const std::vector<std::string>& arguments, const std::string& input = "");
/// Whether PATH has it: tests of optional witnesses skip, by name, without it.
bool have_program(const std::string& name);

}  // namespace understudy::support
