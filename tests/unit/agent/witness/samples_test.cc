// Each finding of the table, provoked by one message and not by another that differs in that only.

#include <algorithm>
#include <functional>
#include <map>

#include "agent/session/conversation.h"
#include "tests/unit/agent/witness/messages.h"

namespace understudy::agent::witness {
namespace {

using namespace samples;
using plist::Dict;
using C = Conversation;

struct Sample {
  Findings bad;
  Findings good;
};
using Samples = std::map<std::string, Sample>;

Recipient with(Recipient recipient, const std::function<void(mdm::Target&)>& change) {
  change(recipient.target);
  return recipient;
}

Findings checkin(const std::string& message_type, const net::HttpResponse& got,
                 const Recipient& recipient = iphone()) {
  return check_checkin_answer(message_type, got, recipient);
}

/// What a conversation notes while these things happen to it.
Findings noted(const std::vector<C::Event>& events) {
  Findings out;
  C conversation;
  for (const C::Event& event : events) {
    for (const auto& effect : conversation.step(event)) {
      if (const auto* note = std::get_if<C::Note>(&effect)) out.push_back(note->finding);
    }
  }
  return out;
}

C::Answered says(const std::string& body) {
  C::Answered event;
  event.status = 200;
  event.body = body;
  return event;
}

C::Recalled before(const std::string& request_type) {
  PendingResult answer;
  answer.command_uuid = kUuid;
  answer.request_type = request_type;
  answer.body = "stored";
  C::Recalled event;
  event.answer = std::move(answer);
  return event;
}

C::Performed performed(mdm::Status status, bool leave = false, bool once = false) {
  C::Performed event;
  event.result.command_uuid = kUuid;
  event.result.send_once = once;
  event.status = status;
  event.leave = leave;
  return event;
}

Samples http_samples() {
  const std::string fine = command("ProfileList");
  const std::string unknown = R"({"code": "com.apple.unrecognized.device"})";
  net::HttpResponse moved = answer(fine);
  moved.redirects = 1;
  Recipient old = iphone();
  old.heeds_unrecognized = false;
  const auto report = [](const net::HttpResponse& got) {
    return check_command_answer(got, iphone());
  };
  return {
      {"http/html", {about("\n<!DOCTYPE HTML><html></html>"), about(fine)}},
      {"http/white-space-body", {about("\r\n"), about("")}},
      {"http/command-content-type",
       {report(answer(fine, 200, "text/xml")),
        report(answer(fine, 200, "Application/XML; charset=utf-8"))}},
      {"http/profile-content-type",
       {check_profile_download(answer("x")),
        check_profile_download(answer("x", 200, std::string(mdm::kProfileContentType)))}},
      {"http/redirect", {report(moved), report(answer(fine))}},
      {"http/unauthorized", {report(answer("", 401)), check_command_answer(answer("", 401), old)}},
      {"http/unrecognized-content-type",
       {report(answer(unknown, 403, "text/plain")),
        report(answer(unknown, 403, "application/json"))}},
      {"http/gone", {report(answer("", 410)), checkin("UserAuthenticate", answer("", 410), mac())}},
  };
}

Samples form_samples() {
  const std::string fine = command("ProfileList");
  const auto binary = plist::write_binary(
      Dict{{"CommandUUID", kUuid}, {"Command", Dict{{"RequestType", "ProfileList"}}}});
  std::string twice = fine;
  twice.replace(twice.find("<dict>"), 6, "<dict><key>CommandUUID</key><string>0</string>");
  return {
      {"command/not-a-plist", {about("hello"), about(fine)}},
      {"command/binary-plist", {about(to_text(binary.value())), about(fine)}},
      {"command/trailing-octets", {about(fine + "trailing"), about(fine + "\n<!-- said -->\n")}},
      {"command/lenient-plist", {about(twice), about(fine)}},
      {"command/not-a-dictionary", {about(xml(plist::Array{})), about(fine)}},
      {"command/missing-uuid",
       {about(xml(Dict{{"Command", Dict{{"RequestType", "ProfileList"}}}})), about(fine)}},
      {"command/missing-request-type", {about(Dict{{"Request", "ProfileList"}}), about(fine)}},
      {"command/unknown-request", {about(command("ProfileLst")), about(fine)}},
  };
}

Samples key_samples() {
  const auto lock = [](const char* key, plist::Value value, const Recipient& to) {
    return about(Dict{{"RequestType", "DeviceLock"}, {key, std::move(value)}}, to);
  };
  const auto erase = [](const char* how) {
    return about(Dict{{"RequestType", "EraseDevice"}, {"ObliterationBehavior", how}}, mac());
  };
  return {
      {"command/missing-key",
       {about(command("ClearPasscode")),
        about(Dict{{"RequestType", "ClearPasscode"}, {"UnlockToken", Bytes{1}}})}},
      {"command/wrong-type", {lock("Message", 1, iphone()), lock("Message", "1", iphone())}},
      {"command/bad-value", {erase("Never"), erase("Always")}},
      {"command/endless-text",
       {lock("Message", std::string((64 * 1024) + 1, 'x'), iphone()),
        lock("Message", std::string(64 * 1024, 'x'), iphone())}},
      {"command/unknown-key", {lock("Mesage", "1", iphone()), lock("Message", "1", iphone())}},
      {"command/key-not-here", {lock("PIN", "123456", iphone()), lock("PIN", "123456", mac())}},
  };
}

Samples allowed_samples() {
  const auto user = [](mdm::Target& target) { target.channel = mdm::Channel::user; };
  const auto byod = [](mdm::Target& target) { target.enrollment = mdm::EnrollmentKind::user; };
  const auto supervised = [](mdm::Target& target) { target.supervised = true; };
  const auto automated = [](mdm::Target& target) { target.supervised = target.automated = true; };
  const auto poor = [](mdm::Target& target) { target.access_rights = mdm::rights::kErase; };
  const auto remove = [](const std::string& identifier) {
    return Dict{{"RequestType", "RemoveProfile"}, {"Identifier", identifier}};
  };
  return {
      {"command/not-on-platform",
       {about(command("EnableRemoteDesktop")),
        about(command("EnableRemoteDesktop"), with(mac(), supervised))}},
      {"command/wrong-channel",
       {about(command("EraseDevice"), with(mac(), user)), about(command("EraseDevice"), mac())}},
      {"command/wrong-enrollment",
       {about(command("EraseDevice"), with(iphone(), byod)), about(command("EraseDevice"))}},
      {"command/needs-supervision",
       {about(command("RestartDevice")),
        about(command("RestartDevice"), with(iphone(), supervised))}},
      {"command/needs-automated-enrollment",
       {about(command("DeviceConfigured"), with(iphone(), supervised)),
        about(command("DeviceConfigured"), with(iphone(), automated))}},
      {"command/needs-right",
       {about(remove("org.example.other"), with(iphone(), poor)),
        about(remove(kEnrollment), with(iphone(), poor))}},
  };
}

Samples conversation_samples() {
  using mdm::Status;
  const std::string list = command("ProfileList");
  const std::string other = command(Dict{{"RequestType", "SecurityInfo"}}, "0002");
  const C::Event start = C::Begin{}, fresh = C::Recalled{};
  std::vector<C::Event> often = {start, says(list)}, seldom = often;
  for (int i = 0; i < 4; ++i) {
    for (const C::Event& event : {C::Event(before("ProfileList")), C::Event(says(list))}) {
      often.push_back(event);
    }
  }
  // Another command stands between the offers, so that nothing else is wrong either.
  for (const C::Event& event :
       {fresh, C::Event(performed(Status::not_now)), C::Event(says(other)), fresh,
        C::Event(performed(Status::acknowledged)), C::Event(says(list)), fresh}) {
    seldom.push_back(event);
  }
  const auto ended_by = [&](C::Event result, const std::string& last) {
    return noted({start, says(list), fresh, std::move(result), says(last)});
  };
  return {
      {"conversation/answered-again",
       {noted({start, says(list), before("ProfileList")}), noted({start, says(list), fresh})}},
      {"conversation/uuid-reused",
       {noted({start, says(list), before("DeviceLock")}), noted({start, says(list), fresh})}},
      {"conversation/not-now-ignored", {ended_by(performed(Status::not_now), list), noted(seldom)}},
      {"conversation/endless-offer", {noted(often), noted(seldom)}},
      {"conversation/command-after-goodbye",
       {ended_by(performed(Status::acknowledged, true), other),
        ended_by(performed(Status::acknowledged, true), "")}},
  };
}

Samples checkin_samples() {
  const auto token = [](plist::Value value) {
    return checkin("GetBootstrapToken", answer(xml(Dict{{"BootstrapToken", std::move(value)}})),
                   mac());
  };
  return {
      {"checkin/status",
       {checkin("TokenUpdate", answer("", 204)), checkin("TokenUpdate", answer(""))}},
      {"checkin/body-not-empty",
       {checkin("Authenticate", answer("OK")), checkin("Authenticate", answer(""))}},
      {"checkin/malformed-answer", {token("text"), token(Bytes{1, 2})}},
  };
}

Samples push_samples() {
  // A push that is not refused is not told of.
  const auto refused = [](PushRefusal reason) { return check_refused_push({reason, "words"}); };
  return {
      {"push/stale-magic", {refused(PushRefusal::stale_magic), {}}},
      {"push/wrong-payload", {refused(PushRefusal::wrong_payload), {}}},
      {"push/wrong-topic", {refused(PushRefusal::wrong_topic), {}}},
      {"push/unknown-token", {refused(PushRefusal::unknown_token), {}}},
  };
}

Samples profile_samples() {
  const Findings none = about_profile(profile());
  plist::Dict twice = profile();
  plist::Array& payloads = *twice["PayloadContent"].if_array();
  payloads.push_back(payloads.back());
  (*payloads.back().if_dict())["PayloadUUID"] = "SECOND";
  plist::Dict without = profile();
  without["PayloadContent"].if_array()->pop_back();
  const auto changed = [](const char* key, plist::Value value) {
    return about_profile(profile({{key, std::move(value)}}));
  };
  return {
      {"profile/unreadable", {check_profile(as_bytes("hello")), none}},
      {"profile/no-mdm-payload", {about_profile(without), none}},
      {"profile/two-mdm-payloads", {about_profile(twice), none}},
      {"profile/missing-key", {changed("ServerURL", Dict{}), none}},
      {"profile/wrong-type", {changed("SignMessage", "yes"), changed("SignMessage", true)}},
      {"profile/unknown-key", {changed("SignMessages", true), changed("SignMessage", true)}},
      {"profile/topic", {changed("Topic", ""), none}},
      {"profile/insecure-url",
       {changed("CheckInURL", "http://a/"), changed("CheckInURL", "https://a/")}},
      {"profile/access-rights", {changed("AccessRights", 2), changed("AccessRights", 3)}},
      {"profile/identity", {changed("IdentityCertificateUUID", "OTHER"), none}},
  };
}

Samples all_samples() {
  Samples all;
  for (Samples some :
       {http_samples(), form_samples(), key_samples(), allowed_samples(), conversation_samples(),
        checkin_samples(), push_samples(), profile_samples()}) {
    all.merge(some);
  }
  return all;
}

bool has(const Findings& findings, std::string_view id) {
  return std::ranges::find(findings, id, &Finding::id) != findings.end();
}

TEST(Witness, HasASampleOfEachFindingAndOneWithoutIt) {
  const Samples samples = all_samples();
  for (const Rule& rule : rules()) {
    const auto at = samples.find(std::string(rule.id));
    ASSERT_NE(at, samples.end()) << rule.id << " has no sample here";
    EXPECT_TRUE(has(at->second.bad, rule.id))
        << rule.id << " was not provoked, but: " << testing::PrintToString(ids(at->second.bad));
    EXPECT_TRUE(at->second.good.empty())
        << rule.id << ", the good one: " << testing::PrintToString(ids(at->second.good));
  }
  EXPECT_EQ(samples.size(), rules().size()) << "a sample has no finding";
}

TEST(Witness, SaysNothingElseOfABadMessage) {
  const std::map<std::string, std::vector<std::string>> companions = {
      // Each offer but the first is a fault of its own.
      {"conversation/endless-offer", std::vector<std::string>(4, "conversation/answered-again")}};
  for (auto& [id, sample] : all_samples()) {
    std::vector<std::string> wanted = {id};
    if (const auto more = companions.find(id); more != companions.end()) {
      wanted.insert(wanted.begin(), more->second.begin(), more->second.end());
    }
    EXPECT_EQ(ids(sample.bad), wanted);
  }
}

}  // namespace
}  // namespace understudy::agent::witness
