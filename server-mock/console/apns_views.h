#pragma once

/// What the push service holds, as JSON. Source of the shapes: docs/openapi.yaml. `Json` is
/// nlohmann::json; templates keep that library out of headers. Inside console/ only.

#include "server-mock/apns/hub.h"

namespace understudy::server {

template <class Json>
Json fault_json(const apns_mock::FaultNote& fault) {
  return {{"hop", fault.hop}, {"action", fault.action}, {"rule", fault.rule}};
}

template <class Json>
Json push_json(const apns_mock::PushRecord& record) {
  const std::string token = record.token ? apns::token_hex(*record.token) : record.strange_token;
  Json json = {
      {"sequence", record.sequence},  {"apns_id", record.apns_id}, {"token", token},
      {"at", format_time(record.at)}, {"status", record.status},   {"steps", Json::array()}};
  if (record.refusal) {
    json["reason"] = apns::reason_name(*record.refusal);
    if (record.refused_by) json["fault"] = fault_json<Json>(*record.refused_by);
    return json;
  }
  json["topic"] = record.topic;
  json["push_type"] = record.push_type;
  json["collapse_id"] = record.collapse_id;
  json["priority"] = record.priority;
  json["payload_size"] = record.payload_size;
  if (record.expires_at > record.at) json["expires_at"] = format_time(record.expires_at);
  json["stage"] = apns_mock::stage_name(record.steps.back().stage);
  json["steps_left_out"] = record.steps_left_out;
  for (const apns_mock::PushRecord::Step& step : record.steps) {
    Json line = {{"stage", apns_mock::stage_name(step.stage)},
                 {"at", format_time(step.at)},
                 {"from_storage", step.from_storage}};
    if (step.fault) line["fault"] = fault_json<Json>(*step.fault);
    if (step.ack_status != 0) line["ack_status"] = step.ack_status;
    json["steps"].push_back(std::move(line));
  }
  return json;
}

template <class Json>
Json pushes_json(const std::vector<const apns_mock::PushRecord*>& records) {
  Json list = Json::array();
  for (const apns_mock::PushRecord* record : records) list.push_back(push_json<Json>(*record));
  return list;
}

template <class Json>
Json token_json(const apns_mock::Hub& hub, const apns_mock::TokenView& view) {
  using Kind = apns_mock::TokenLife::Kind;
  Json json = {{"token", apns::token_hex(view.token)},
               {"base", apns::token_hex(view.base)},
               {"certificate", view.fingerprint},
               {"life", "live"},
               {"pending", view.pending}};
  if (view.topic) json["topic"] = hub.topic_name(*view.topic);
  if (view.connection != 0) json["connection"] = view.connection;
  if (view.life.ended()) {
    json["life"] = view.life.kind == Kind::expired ? "expired" : "unregistered";
    json["ended_at"] = format_time(view.life.since);
  }
  return json;
}

template <class Json>
Json connection_json(const apns_mock::Hub& hub, const apns_mock::ConnectionView& view) {
  Json bases = Json::array();
  for (const apns::Token& base : view.bases) bases.push_back(apns::token_hex(base));
  return {{"id", view.id},
          {"transport", apns_mock::transport_name(hub.transport_of(view.id))},
          {"bases", std::move(bases)},
          {"unacked", view.unacked}};
}

template <class Json>
Json pending_json(const apns_mock::Hub& hub, const apns_mock::Push& push) {
  return {{"apns_id", push.apns_id},
          {"token", apns::token_hex(push.token)},
          {"topic", hub.topic_name(push.topic)},
          {"push_type", push.push_type},
          {"priority", push.priority},
          {"payload_size", push.payload.size()},
          {"accepted_at", format_time(push.accepted_at)},
          {"expires_at", format_time(push.expires_at)}};
}

/// The first `most` of them.
template <class Json, class Views, class ToJson>
Json list_json(const Views& views, std::size_t most, ToJson to_json) {
  Json list = Json::array();
  for (const auto& view : views) {
    if (list.size() >= most) break;
    list.push_back(to_json(view));
  }
  return list;
}

}  // namespace understudy::server
