#include <nlohmann/json.hpp>

#include "server-mock/console/console_api.h"
#include "server-mock/console/json_text.h"

namespace understudy::server {
namespace {

/// Years of reminders.
constexpr std::size_t kMostNotifications = 1000;

net::HttpResponse list_notifications(const ConsoleParts& parts) {
  const Result<std::vector<NotificationRecord>> records =
      parts.store.notifications(kMostNotifications);
  if (!records) return error_response(records.error());
  nlohmann::json list = nlohmann::json::array();
  for (const NotificationRecord& record : *records) {
    const bool is_over = record.days == 0;
    list.push_back({{"id", record.id},
                    {"at", format_time(record.at)},
                    {"kind", is_over ? "push_certificate_expired" : "push_certificate_expires"},
                    {"environment", record.environment},
                    {"topic", record.topic},
                    {"certificate", record.certificate},
                    {"not_after", format_time(record.not_after)},
                    {"days", record.days},
                    {"text", record.text}});
  }
  return json_response(200, nlohmann::json{{"notifications", std::move(list)}});
}

}  // namespace

void add_notification_routes(Router& router, const ConsoleParts& parts) {
  router.add_simple("GET", "/v1/notifications",
                    [&parts](const RoutedRequest&) { return list_notifications(parts); });
}

}  // namespace understudy::server
