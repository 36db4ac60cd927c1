#include "agent/enroll/enroller.h"

#include "agent/enroll/courier_identity.h"
#include "agent/enroll/profile_source.h"
#include "agent/payloads/removal.h"
#include "agent/push/push_channel.h"
#include "agent/witness/checks.h"
#include "shared/core/crash_point.h"
#include "shared/net/timer.h"

namespace understudy::agent {
namespace {

constexpr std::size_t kTokenSize = 32;
constexpr int kTokenUpdateAttempts = 5;
constexpr std::chrono::milliseconds kFirstRetry{200};
constexpr std::chrono::seconds kLongestRetry{3};

/// While tokens are fetched nobody is enrolled: nothing is stored, and no push can be for us.
class NoListener final : public PushListener {
 public:
  Result<void> tokens_changed(const CourierTokens&) override { return {}; }
  Result<void> woken() override { return {}; }
  void refused(const std::string&) override {}
  void listening(bool) override {}
};

}  // namespace

Result<Device> Enroller::make() {
  UNDERSTUDY_TRY(const auto number, context_.store.next_number());
  UNDERSTUDY_TRY(auto device, make_device(context_.seed, number, options_.factory));
  if (options_.passcode) device.passcode = *options_.passcode;
  return device;
}

Task<Result<Device>> Enroller::enroll() {
  UNDERSTUDY_CO_TRY(auto device, make());
  auto profile = co_await this->profile(device.id);
  if (!profile) co_return fail_in("enrollment profile", std::move(profile).error());
  if (auto taken = co_await take_identity(device, *profile); !taken) {
    co_return fail_in("identity", std::move(taken).error());
  }
  if (auto taken = co_await take_push_token(device); !taken) {
    co_return fail_in("push token", std::move(taken).error());
  }
  if (auto accepted = co_await authenticate(device); !accepted) {
    co_return fail_in("Authenticate", std::move(accepted).error());
  }
  device.enrollment->stage = Enrollment::Stage::token_pending;
  UNDERSTUDY_CO_CHECK(context_.store.save(device));
  crash_point("agent.authenticated");
  co_return co_await update_token(device.id);
}

Task<Result<mdm::EnrollmentProfile>> Enroller::profile(std::string device_id) {
  if (options_.profile_url.empty()) {
    co_return mdm::parse_enrollment_profile(options_.profile, options_.rules);
  }
  UNDERSTUDY_CO_TRY(const auto fetched,
                    co_await fetch_profile(context_.http, options_.profile_url, options_.anchors,
                                           options_.rules.allow_http));
  context_.note(device_id, witness::check_profile_download(fetched));
  context_.note(device_id, witness::check_profile(as_bytes(fetched.body)));
  co_return mdm::parse_enrollment_profile(as_bytes(fetched.body), options_.rules);
}

Task<Result<void>> Enroller::take_identity(Device& device, const mdm::EnrollmentProfile& profile) {
  std::vector<crypto::Certificate> anchors = profile.anchors;
  anchors.insert(anchors.end(), options_.anchors.begin(), options_.anchors.end());
  auto variables = variables_of(device);
  UNDERSTUDY_CO_TRY(const auto identity,
                    co_await obtain_identity(context_, keys_, profile.identity,
                                             std::move(variables), std::move(anchors)));
  Rng rng = context_.seed.derive("enrollment " + device.id);
  UNDERSTUDY_CO_CHECK(accept_profile(device, profile, identity, options_.anchors, std::move(rng)));
  const auto now =
      std::chrono::floor<std::chrono::seconds>(context_.clock.now()).time_since_epoch().count();
  device.profiles.back().remove_at = removal_time(profile.profile, now);
  co_return Result<void>();
}

Task<Result<void>> Enroller::take_push_token(Device& device) {
  Rng rng = context_.seed.derive("push " + device.id);
  if (!options_.courier) {
    device.push.topic_token = rng.bytes(kTokenSize);
    co_return Result<void>();
  }
  CourierChoice choice;
  choice.courier = options_.courier;
  choice.anchors = options_.anchors;
  UNDERSTUDY_CO_CHECK(
      co_await take_courier_identity(device, choice, keys_, rng, context_.clock.now()));
  NoListener nobody;
  PushChannel channel(
      options_.courier, context_.clock, rng,
      [&device] {
        return channel_setup(device, device.enrollment->mdm.topic, device.enrollment->push_magic);
      },
      nobody);
  UNDERSTUDY_CO_TRY(const auto tokens, co_await channel.fetch_tokens());
  store_tokens(tokens, device.push);
  co_return Result<void>();
}

Task<Result<void>> Enroller::authenticate(Device& device) {
  UNDERSTUDY_CO_TRY(auto client, MdmClient::make(context_, device));
  mdm::Checkin message = make_authenticate(device);
  UNDERSTUDY_CO_TRY(const auto answer,
                    co_await client.check_in("authenticate", std::move(message)));
  if (answer.status == 200) co_return Result<void>();
  co_return fail(errc::io,
                 "the server at " + device.enrollment->mdm.checkin_url + " refused with " +
                     describe_answer(answer.status, answer.body),
                 "look into the server's log; nothing was enrolled");
}

Task<Result<Device>> Enroller::update_token(std::string device_id) {
  UNDERSTUDY_CO_TRY(auto session, DeviceSession::load(context_, device_id));
  UNDERSTUDY_CO_TRY(auto client, MdmClient::make(context_, session.device()));
  Backoff backoff(kFirstRetry, kLongestRetry, context_.seed.derive("token " + device_id));
  DeviceSession::WorkEnd end;
  for (int attempt = 0; attempt < kTokenUpdateAttempts; ++attempt) {
    if (attempt > 0) co_await net::sleep_for(context_.clock, backoff.next());
    end = co_await session.update_token(client);
    if (end.end == End::done) co_return session.device();
    if (end.end == End::unenrolled) {
      UNDERSTUDY_CO_CHECK(context_.store.remove(device_id));
      co_return fail(errc::io, "TokenUpdate: the server does not know the device any more",
                     "nothing was enrolled");
    }
  }
  co_return fail(errc::io, end.why,
                 "device " + device_id + " is stored and repeats it: use run or connect");
}

}  // namespace understudy::agent
