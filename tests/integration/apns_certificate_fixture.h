#pragma once

/// Push certificates in every condition, each as NAME.pem.

#include "server-mock/apns/push_authority.h"
#include "tests/integration/apns_program_fixture.h"

namespace understudy::server {

class ApnsCertificateTest : public ApnsProgramTest {
 protected:
  /// One for each trouble. Needs the running server, for its portal.
  void make_troubled() {
    issue("sandbox", kPushTopic, {"--sandbox"});
    make_foreign("foreign", kPushTopic);
    make_revoked("revoked");
    make_without_topic("no_topic");
    issue_at("expired", SystemClock().now() - std::chrono::days(366));
    issue_at("not_yet_valid", SystemClock().now() + std::chrono::days(1));
  }

  /// Valid from then for a year.
  void issue_at(const std::string& name, TimePoint from) {
    const auto authority =
        apns_mock::PushAuthority::open(dir_ / "apns" / "apns", SystemClock().now());
    ASSERT_TRUE(authority) << authority.error().message();
    const auto identity = authority->issue_identity(kPushTopic, from);
    ASSERT_TRUE(identity) << identity.error().message();
    write(name + ".pem", identity->pem());
  }
  /// Issued by the portal; its serial.
  std::string make_by_portal(const std::string& name) {
    make_request(name);
    const json issued = api("/v1/apns/certificates", {"--data-binary", "@" + file(name + ".csr")});
    write_with_key(name, issued.value("pem", ""));
    return issued.value("serial", "");
  }
  void revoke(const std::string& serial) const {
    api("/v1/apns/certificates/" + serial + "/revoke", {"-X", "POST"});
  }
  /// NAME.key, NAME.csr
  void make_request(const std::string& name) {
    const auto output =
        support::run({"openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=requested",
                      "-keyout", file(name + ".key"), "-out", file(name + ".csr")});
    ASSERT_EQ(output.status, 0) << output.err;
  }

 private:
  void make_revoked(const std::string& name) { revoke(make_by_portal(name)); }
  /// Nothing of ours would issue it: openssl does, with our CA's key.
  void make_without_topic(const std::string& name) {
    make_request(name);
    const auto output =
        support::run({"openssl", "x509", "-req", "-in", file(name + ".csr"), "-CA",
                      ready("push_ca"), "-CAkey", ready("push_ca"), "-CAcreateserial", "-CAserial",
                      file("serial"), "-days", "2", "-out", file(name + ".crt")});
    ASSERT_EQ(output.status, 0) << output.err;
    write_with_key(name, to_text(io::read_file(dir_ / (name + ".crt")).value()));
  }
  void write_with_key(const std::string& name, const std::string& certificate) {
    write(name + ".pem", certificate + to_text(io::read_file(dir_ / (name + ".key")).value()));
  }
};

}  // namespace understudy::server
