#pragma once

/// A vendor's signing request made by tests/support/vendor_request.py, and ways to spoil it.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "server-mock/apns/signing_request.h"
#include "shared/crypto/ca.h"
#include "shared/io/file.h"
#include "tests/support/command.h"
#include "tests/support/temp_dir.h"

namespace understudy::apns_mock {

class VendorFixture : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists("/usr/bin/python3")) GTEST_SKIP() << "python3 is not installed";
    make({});
  }
  void make(const std::vector<std::string>& options) {
    std::vector<std::string> arguments{
        "/usr/bin/python3", std::string(UNDERSTUDY_SOURCE_DIR) + "/tests/support/vendor_request.py",
        dir_.path().string()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const auto output = support::run(arguments);
    ASSERT_EQ(output.status, 0) << output.err;
    now_ = SystemClock().now();
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  std::string text(const std::string& name) const {
    return to_text(io::read_file(dir_ / name).value());
  }
  void write(const std::string& name, const std::string& content) const {
    std::ofstream(path(name)) << content;
  }
  crypto::Certificate certificate(const std::string& name) const {
    return crypto::Certificate::from_pem(text(name)).value();
  }
  /// The request with one text of its property list replaced by another.
  std::string edited(const std::string& from, const std::string& to) const {
    std::string xml = text("request.plist");
    const std::size_t at = xml.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    if (at != std::string::npos) xml.replace(at, from.size(), to);
    return base64_encode(as_bytes(xml));
  }

  support::TempDir dir_;
  TimePoint now_;  ///< after the request was made
};

}  // namespace understudy::apns_mock
