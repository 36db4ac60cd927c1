#pragma once

/// The REST API without sockets, on the parts of a workflow.

#include <nlohmann/json.hpp>

#include "server-mock/console/console_api.h"
#include "tests/unit/server-mock/console/push_hubs.h"
#include "tests/unit/server-mock/workflow/workflow_fixture.h"

namespace understudy::server {

class ApiTest : public WorkflowTest {
 protected:
  ApiTest() { build(); }
  void build(bool virtual_time = true) {
    ConsoleParts parts{*store_,
                       parts_->actions,
                       watch_,
                       *clock_,
                       virtual_time ? clock_.get() : nullptr,
                       rng_,
                       "org.example.enrollment",
                       [this] { ++certificate_changes_; },
                       [this] { ++clock_changes_; },
                       "key"};
    parts.apns.emplace(hubs_.access());
    parts.portal = portal_.get();
    api_.emplace(std::move(parts));
  }
  static net::IncomingRequest request(const std::string& method, const std::string& target,
                                      const std::string& body = "") {
    net::IncomingRequest request;
    request.method = method;
    request.target = target;
    request.body = body;
    request.headers.set("Authorization", "Basic " + base64_encode(as_bytes("nanomdm:key")));
    return request;
  }
  net::HttpResponse call(const std::string& method, const std::string& target,
                         const std::string& body = "") {
    return support::run_task(io_, api_->handle(request(method, target, body)));
  }
  /// The JSON of an answer with that status.
  nlohmann::json json(int status, const std::string& method, const std::string& target,
                      const std::string& body = "") {
    const auto response = call(method, target, body);
    EXPECT_EQ(response.status, status) << method << " " << target << ": " << response.body;
    EXPECT_EQ(response.headers.find("Content-Type"), "application/json");
    return nlohmann::json::parse(response.body);
  }

  std::unique_ptr<apns_mock::PushPortal> portal_ =
      must(apns_mock::PushPortal::open(dir_ / "portal", Rng(1), clock_->now()));
  PushHubs hubs_{io_.get_executor(), *clock_};
  CommandWatch watch_{io_.get_executor()};
  int certificate_changes_ = 0, clock_changes_ = 0;
  std::optional<ConsoleApi> api_;
};

inline Task<void> ask(const ConsoleApi& api, net::IncomingRequest request,
                      std::optional<net::HttpResponse>& answer) {
  answer = co_await api.handle(std::move(request));
}

}  // namespace understudy::server
