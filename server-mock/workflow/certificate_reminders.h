#pragma once

/// Reminds of push certificates that run out: a notification in the store, a log line and a
/// counter, 30, 14, 7 and 1 days before the end, and at the end.

#include <array>
#include <optional>

#include "server-mock/store/store.h"
#include "server-mock/workflow/wake.h"

namespace understudy::server {

/// Use from its executor only.
class CertificateReminders {
 public:
  /// In days before the end. 0 is the end itself.
  static constexpr std::array<int, 5> kThresholds = {30, 14, 7, 1, 0};

  CertificateReminders(Store& store, const Clock& clock, Wake& wake)
      : store_(store), clock_(clock), wake_(wake) {}

  /// Works until `stop`.
  Task<void> run();
  void stop();
  /// A push certificate in the store has changed.
  void certificate_changed() { wake_.notify(); }

  /// Notifies of what is due now and has not been notified: of thresholds that passed meanwhile,
  /// the most urgent one only. When to look again; nullopt: not before a certificate changes.
  /// `run` is this in a loop. Errors: errc::io, errc::corrupt, crypto::errc.
  Result<std::optional<TimePoint>> remind();

 private:
  Result<std::optional<TimePoint>> remind_of(const PushCertificateRecord& record);
  Result<void> notify(const PushCertificateRecord& record, const std::string& certificate,
                      int days);

  Store& store_;
  const Clock& clock_;
  Wake& wake_;
  bool stopping_ = false;
};

}  // namespace understudy::server
