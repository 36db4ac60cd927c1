#pragma once

/// One provider's HTTP/2 connection: requests to answers, deadlines, GOAWAY. Its executor only.

#include <memory>

#include "server-mock/apns/h2_session.h"
#include "server-mock/apns/stream_link.h"

namespace understudy::apns_mock {

struct ProviderTerms {
  std::chrono::milliseconds idle_timeout{};     ///< then GOAWAY with IdleTimeout
  std::chrono::milliseconds request_timeout{};  ///< for one request, whatever trickles in
};

class ProviderConnection : public std::enable_shared_from_this<ProviderConnection> {
 public:
  ProviderConnection(std::shared_ptr<Hub> hub, std::shared_ptr<StreamLink> link,
                     ProviderCaller caller, const H2Limits& limits, const ProviderTerms& terms);

  /// Our SETTINGS.
  void begin();
  /// Octets from the provider; every answer that they allow is sent. Errors: errc::io when the
  /// peer speaks no HTTP/2, or the store failed: close.
  Result<void> feed(BytesView octets);
  bool finished() const { return session_.finished(); }
  /// GOAWAY with {"reason": ...}; the connection closes once it is written.
  void go_away(apns::Reason reason);
  /// Who asks, looked at again: a certificate may be revoked while it is in use.
  void set_caller(ProviderCaller caller) { caller_ = std::move(caller); }

 private:
  /// A request that was read, until it is answered.
  struct Pending {
    H2Session::StreamId stream = 0;
    PushDecision decision;
    std::string path;
  };

  void on_request(H2Session::StreamId stream, H2Request request);
  void answer_headers_too_large(H2Session::StreamId stream);
  void settle(const Pending& pending);
  void answer(const Pending& pending, const std::optional<Hub::Refused>& refusal);
  void follow_deadlines();
  void flush();

  // provider_faults.cc
  std::optional<faults::Strike> strike(const PushDecision& decision) const;
  void carry_out(const faults::Strike& strike, Pending pending);
  static Task<void> decide_later(std::weak_ptr<ProviderConnection> connection,
                                 std::shared_ptr<Hub> hub, Pending pending, Duration after);

  std::shared_ptr<Hub> hub_;
  std::shared_ptr<StreamLink> link_;
  ProviderCaller caller_;
  ProviderTerms terms_;
  H2Session session_;
  bool ending_ = false;                 ///< GOAWAY is submitted: close once it is written
  std::uint32_t streams_ = 0;           ///< MAX_CONCURRENT_STREAMS as last announced
  H2Session::StreamId incomplete_ = 0;  ///< the oldest request that is still arriving
};

}  // namespace understudy::apns_mock
