#include "server-mock/console/metrics_route.h"

#include <array>

#include "server-mock/console/json_text.h"

namespace understudy::server {

void add_metrics_route(Router& router, std::vector<MetricsSource> sources) {
  router.add_simple("GET", "/metrics", [sources = std::move(sources)](const RoutedRequest&) {
    std::string text;
    for (const MetricsSource& source : sources) {
      const Result<std::string> families = source();
      if (!families) return error_response(families.error());
      text += *families;
    }
    return net::HttpResponse::of(200, "text/plain; version=0.0.4", std::move(text));
  });
}

MetricsSource apns_metrics(const ApnsAccess& access) {
  return [access]() -> Result<std::string> {
    const std::array environments = {
        apns_mock::EnvironmentCounters{"production", &access.production.counters()},
        apns_mock::EnvironmentCounters{"sandbox", &access.sandbox.counters()}};
    return apns_mock::prometheus_text(environments);
  };
}

}  // namespace understudy::server
