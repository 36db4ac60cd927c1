#include "server-mock/apns/fault_points.h"

#include "shared/apns/provider.h"

namespace understudy::apns_mock {
namespace {

using faults::Hop;
using faults::Parameter;

constexpr std::int64_t kLongest = 3'600'000;  // an hour, in milliseconds

std::vector<std::string> all_reasons() {
  std::vector<std::string> names;
  for (int i = 0; i <= static_cast<int>(apns::Reason::shutdown); ++i) {
    names.emplace_back(apns::reason_name(static_cast<apns::Reason>(i)));
  }
  return names;
}

Parameter milliseconds(std::int64_t otherwise) {
  return Parameter::integer("ms", 0, kLongest, otherwise);
}

/// Carried out in provider.cc: before there is anything to read.
Hop handshake() {
  return {hop::kHandshake,
          "a provider's TLS handshake, once its client certificate is there",
          {"environment"},
          {{"tls_alert",
            "the handshake ends with this alert",
            {Parameter::text("alert",
                             {"unknown_ca", "certificate_expired", "certificate_revoked",
                              "bad_certificate", "internal_error"},
                             "internal_error")}}}};
}

/// Carried out in provider_faults.cc.
Hop request() {
  return {hop::kRequest,
          "a provider's request, read and not looked up yet",
          {"environment", "token", "topic", "push_type"},
          {{"answer",
            "this reason is answered, with its own status where no `status` is given",
            {Parameter::text("reason", all_reasons()), Parameter::integer("status", 400, 599, 0)}},
           {"delay", "everything about the request happens so much later", {milliseconds(1000)}},
           {"hang", "there is never an answer", {}},
           {"cut", "the connection is cut, without GOAWAY", {}},
           {"goaway",
            "GOAWAY with this reason, no answer, and the connection closes",
            {Parameter::text("reason", all_reasons(), "Shutdown")}},
           {"refuse_stream", "RST_STREAM with REFUSED_STREAM", {}}}};
}

/// Carried out in hub.cc: the broker would take the push, and never sees it.
Hop accepted() {
  return {hop::kAccepted,
          "a push that is about to be accepted",
          {"environment", "token", "topic", "push_type"},
          {{"never_deliver", "it is answered 200, and thrown away", {}}}};
}

/// Carried out in delivery_faults.cc.
Hop delivery() {
  return {hop::kDelivery,
          "a push on its way to a connected device",
          {"environment", "token", "topic", "push_type"},
          {{"drop", "it is not written; it stays unacknowledged and is redelivered in time", {}},
           {"delay", "it is written so much later", {milliseconds(1000)}},
           {"duplicate", "it is written twice", {}},
           {"reorder",
            "it is written behind the device's next one, or after so much time",
            {milliseconds(5000)}},
           {"wrong_token", "it names a token that nobody has", {}},
           {"wrong_topic", "it names another topic", {}},
           {"wrong_magic", "its payload is {\"mdm\": another PushMagic}", {}},
           {"corrupt_payload", "its payload is cut in the middle", {}}}};
}

/// Carried out in hub_faults.cc, like those that follow.
Hop connect() {
  return {hop::kConnect,
          "a device's Connect",
          {"environment", "transport", "token"},
          {{"refuse",
            "the answer has this status, and the connection closes",
            {Parameter::integer("status", 1, 255, 2)}},
           {"close", "it is accepted, and the connection closes behind the answer", {}},
           {"rotate_token", "the token it presents ends, and it gets another", {}},
           {"mass_disconnect", "every device of the environment is cut off", {}}}};
}

Hop keepalive() {
  return {hop::kKeepalive,
          "a device's keepalive; `token` is any of its connection's",
          {"environment", "transport", "token"},
          {{"swallow", "it is not answered", {}},
           {"close", "the connection closes", {}},
           {"mass_disconnect", "every device of the environment is cut off", {}}}};
}

Hop write() {
  return {hop::kWrite,
          "any frame to a device; `token` is any of its connection's",
          {"environment", "command", "token"},
          {{"truncate",
            "only its first octets are written, and the connection closes",
            {Parameter::integer("octets", 0, 65'535, 7)}},
           {"oversize", "its length field announces 4 GiB less one octet", {}},
           {"trickle",
            "it and what follows on the connection is written in small pieces with pauses",
            {Parameter::integer("octets", 1, 65'535, 1), milliseconds(100)}}}};
}

}  // namespace

std::vector<Hop> fault_points() {
  return {handshake(), request(), accepted(), delivery(), connect(), keepalive(), write()};
}

}  // namespace understudy::apns_mock
