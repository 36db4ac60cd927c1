#include "server-mock/workflow/certificate_reminders.h"

#include <algorithm>

#include "shared/core/log.h"
#include "shared/crypto/certificate.h"

namespace understudy::server {
namespace {

using std::chrono::days;

constexpr Duration kRemindAfterError = std::chrono::minutes(1);

TimePoint time_of(const PushCertificateRecord& record, int threshold) {
  return record.not_after - days(threshold);
}

std::string sentence(const PushCertificateRecord& record, TimePoint now) {
  const std::string which =
      "The " + record.environment + " push certificate of topic " + record.topic;
  const std::string advice =
      ". Renew it at the portal, where the topic stays the same, and upload it with PUT "
      "/v1/pushcert";
  if (now >= record.not_after) {
    return which + " ran out at " + format_time(record.not_after) + ": no device can be reached" +
           advice + ".";
  }
  const auto left = std::chrono::round<days>(record.not_after - now).count();
  return which + " runs out in " + std::to_string(left) + (left == 1 ? " day" : " days") + ", at " +
         format_time(record.not_after) + advice + " before that.";
}

}  // namespace

Task<void> CertificateReminders::run() {
  while (!stopping_) {
    Result<std::optional<TimePoint>> next = remind();
    if (!next) {
      log::error("push_certificate.reminders_failed", {{"error", next.error().message()}});
      next = std::optional<TimePoint>(clock_.now() + kRemindAfterError);
    }
    co_await wake_.wait_until(*next);
  }
}

void CertificateReminders::stop() {
  stopping_ = true;
  wake_.notify();
}

Result<std::optional<TimePoint>> CertificateReminders::remind() {
  std::optional<TimePoint> next;
  for (const char* environment : kPushEnvironments) {
    UNDERSTUDY_TRY(const std::optional<PushCertificateRecord> record,
                   store_.push_certificate(environment));
    if (!record) continue;
    UNDERSTUDY_TRY(const std::optional<TimePoint> when, remind_of(*record));
    if (when) next = next ? std::min(*next, *when) : *when;
  }
  return next;
}

Result<std::optional<TimePoint>> CertificateReminders::remind_of(
    const PushCertificateRecord& record) {
  UNDERSTUDY_TRY(const auto certificate, crypto::Certificate::from_pem(record.pem));
  const std::string name = certificate.fingerprint();
  const TimePoint now = clock_.now();
  const auto coming = std::find_if(kThresholds.begin(), kThresholds.end(),
                                   [&](int threshold) { return time_of(record, threshold) > now; });
  if (coming != kThresholds.begin()) {
    const int due = *std::prev(coming);
    UNDERSTUDY_TRY(const std::optional<int> notified, store_.notified_days(name));
    if (!notified || *notified > due) UNDERSTUDY_CHECK(notify(record, name, due));
  }
  if (coming == kThresholds.end()) return std::optional<TimePoint>();
  return std::optional<TimePoint>(time_of(record, *coming));
}

Result<void> CertificateReminders::notify(const PushCertificateRecord& record,
                                          const std::string& certificate, int days_left) {
  NotificationRecord notification;
  notification.at = clock_.now();
  notification.environment = record.environment;
  notification.topic = record.topic;
  notification.certificate = certificate;
  notification.not_after = record.not_after;
  notification.days = days_left;
  notification.text = sentence(record, notification.at);
  UNDERSTUDY_CHECK(store_.atomically([&]() -> Result<void> {
    UNDERSTUDY_TRY(const bool is_new, store_.add_notification(notification));
    return is_new ? store_.count("push_certificate_reminders") : Result<void>();
  }));
  log::warn(days_left == 0 ? "push_certificate.expired" : "push_certificate.expires",
            {{"environment", record.environment},
             {"topic", record.topic},
             {"days", std::to_string(days_left)},
             {"not_after", format_time(record.not_after)}});
  return {};
}

}  // namespace understudy::server
