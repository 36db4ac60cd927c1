#pragma once

/// An MDM server of few words: hands out the commands a test gives it, answers as scripted, records
/// every request.

#include <boost/asio/post.hpp>
#include <deque>
#include <functional>
#include <map>

#include "shared/mdm/messages.h"
#include "shared/net/http_server.h"
#include "shared/plist/plist.h"
#include "tests/unit/agent/fakes/pki.h"

namespace understudy::agent::fakes {

class FakeMdm {
 public:
  FakeMdm(asio::io_context& io, std::optional<crypto::Identity> identity) : io_(io) {
    net::HttpServerOptions options;
    scheme_ = identity ? "https" : "http";
    if (identity) {
      options.tls = net::TlsServerOptions{
          std::move(*identity), net::TlsServerOptions::ClientCertificate::optional, {}, {}};
    }
    auto handler = [this](net::IncomingRequest request) { return handle(std::move(request)); };
    server_ = require(net::HttpServer::start(io.get_executor(), std::move(options), handler));
  }

  struct Seen {
    std::string kind;  ///< MessageType or Status; the path for anything else
    std::string path;
    net::IncomingRequest request;
    plist::Value body;
  };
  std::vector<Seen> seen;

  /// Answers to come, by kind; then 200 with the next command to a report, or with nothing.
  std::map<std::string, std::deque<net::HttpResponse>> script;
  /// Request numbers (from 0) that get HTTP 500.
  std::vector<std::size_t> failing;
  std::deque<std::string> commands;  ///< XML
  std::function<void(const std::string& kind)> on_request;
  /// Other paths than /mdm and /checkin.
  std::function<net::HttpResponse(const net::IncomingRequest&)> other;

  std::string url(const std::string& path) const {
    return scheme_ + "://127.0.0.1:" + std::to_string(server_->port()) + path;
  }
  std::vector<std::string> kinds() const {
    std::vector<std::string> out;
    for (const auto& one : seen) out.push_back(one.kind);
    return out;
  }
  std::size_t count(const std::string& kind) const {
    const auto all = kinds();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), kind));
  }
  /// On the loop, where the server lives: takes effect when it next runs.
  void stop() {
    asio::post(io_, [this] { server_->stop(); });
  }

  static std::string command(const std::string& uuid, plist::Dict body) {
    plist::Dict message;
    message["CommandUUID"] = uuid;
    message["Command"] = std::move(body);
    return require(plist::write_xml(message));
  }

 private:
  Task<net::HttpResponse> handle(net::IncomingRequest request) {
    const auto path = net::Target::parse(request.target).path;
    if (path != "/mdm" && path != "/checkin") {
      Seen one{path, path, request, {}};
      seen.push_back(one);
      if (other) co_return other(request);
      co_return net::HttpResponse::text(404, "not here");
    }
    const auto body = require(plist::read(as_bytes(request.body)));
    const auto kind =
        body.string_at("MessageType").value_or(body.string_at("Status").value_or("?"));
    Seen one{kind, path, std::move(request), body};
    seen.push_back(std::move(one));
    if (on_request) on_request(kind);
    co_return answer(kind, path == "/mdm");
  }

  net::HttpResponse answer(const std::string& kind, bool is_report) {
    const auto number = seen.size() - 1;
    if (std::find(failing.begin(), failing.end(), number) != failing.end()) {
      return net::HttpResponse::text(500, "out of order");
    }
    auto& scripted = script[kind];
    if (!scripted.empty()) {
      auto response = scripted.front();
      scripted.pop_front();
      return response;
    }
    if (!is_report || commands.empty()) return net::HttpResponse::of(200, "application/xml", "");
    auto xml = commands.front();
    commands.pop_front();
    return net::HttpResponse::of(200, "application/xml", std::move(xml));
  }

  asio::io_context& io_;
  std::string scheme_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace understudy::agent::fakes
