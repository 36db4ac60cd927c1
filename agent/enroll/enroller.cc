#include "agent/enroll/enroller.h"

#include "agent/enroll/courier_identity.h"
#include "agent/enroll/profile_source.h"
#include "agent/identity/trust.h"
#include "agent/push/push_channel.h"
#include "agent/session/fetch_identities.h"
#include "agent/witness/checks.h"
#include "shared/core/crash_point.h"
#include "shared/net/timer.h"

namespace understudy::agent {
namespace {

constexpr std::size_t kTokenSize = 32;
constexpr int kTokenUpdateAttempts = 5;
constexpr std::chrono::milliseconds kFirstRetry{200};
constexpr std::chrono::seconds kLongestRetry{3};

/// "d1", and something else after each erasure: an enrollment has secrets of its own.
std::string lifetime(const Device& device) {
  if (device.erased_times == 0) return device.id;
  return device.id + "/" + std::to_string(device.erased_times);
}

/// While tokens are fetched nobody is enrolled: nothing is stored, and no push can be for us.
class TokenTaker final : public PushListener {
 public:
  explicit TokenTaker(Device& device) : device_(device) {}
  Result<void> tokens_changed(const CourierTokens& tokens, mdm::Channel channel) override {
    if (channel == mdm::Channel::device) {
      store_tokens(tokens, device_.push);
    } else {
      store_tokens(tokens, *device_.enrollment->user_channel);
    }
    return {};
  }
  Result<void> woken(mdm::Channel) override { return {}; }
  void refused(const RefusedPush&) override {}
  void listening(bool) override {}

 private:
  Device& device_;
};

/// The one it was known to before its erasure; null: none.
Task<Result<std::shared_ptr<Courier>>> courier_of(const AgentContext& context,
                                                  const PushState& push) {
  if (push.courier.empty()) co_return std::shared_ptr<Courier>();
  UNDERSTUDY_CO_TRY(auto address, CourierAddress::parse(push.courier));
  UNDERSTUDY_CO_TRY(const auto anchors, certificates_from(push.courier_anchors_der));
  const auto executor = co_await asio::this_coro::executor;
  co_return Courier::make(executor, context.clock, std::move(address), anchors);
}

Result<void> install_wifi(Device& device, const Bytes& bytes) {
  if (bytes.empty()) return {};
  UNDERSTUDY_TRY(const auto profile, mdm::parse_profile(bytes));
  InstalledProfile installed;
  installed.identifier = profile.identifier;
  installed.uuid = profile.uuid;
  installed.raw = bytes;
  device.profiles.push_back(std::move(installed));
  return {};
}

}  // namespace

Result<Device> Enroller::make() {
  UNDERSTUDY_TRY(const auto number, context_.store.next_number());
  UNDERSTUDY_TRY(auto device, make_device(context_.seed, number, options_.factory));
  if (options_.passcode) device.passcode = *options_.passcode;
  return device;
}

Task<Result<Device>> Enroller::enroll() {
  auto made = make();
  if (!made) co_return fail_in("device", std::move(made).error());
  Device device = std::move(*made);
  auto profile = co_await this->profile(device.id);
  if (!profile) co_return fail_in("enrollment profile", std::move(profile).error());
  DeviceCredentials credentials;
  UNDERSTUDY_CO_CHECK(
      co_await enter(device, **profile, options_.anchors, options_.courier, credentials));
  crash_point("agent.authenticated");
  co_return co_await update_token(device.id, std::move(credentials));
}

/// From the profile to the answer to Authenticate; stored then.
Task<Result<void>> Enroller::enter(Device& device, const mdm::EnrollmentProfile& profile,
                                   const std::vector<crypto::Certificate>& anchors,
                                   std::shared_ptr<Courier> courier,
                                   DeviceCredentials& credentials) {
  if (auto taken = co_await take_identity(device, profile, anchors, credentials); !taken) {
    co_return fail_in("identity", std::move(taken).error());
  }
  if (auto taken = co_await take_push_token(device, std::move(courier)); !taken) {
    co_return fail_in("push token", std::move(taken).error());
  }
  if (auto accepted = co_await authenticate(device, credentials); !accepted) {
    co_return fail_in("Authenticate", std::move(accepted).error());
  }
  device.enrollment->stage = Enrollment::Stage::token_pending;
  co_return context_.store.save(device);
}

Task<Result<Enroller::ProfilePtr>> Enroller::profile(std::string device_id) {
  const auto read = [this](BytesView octets) -> Result<ProfilePtr> {
    UNDERSTUDY_TRY(auto parsed, mdm::parse_enrollment_profile(octets, options_.rules));
    return std::make_shared<const mdm::EnrollmentProfile>(std::move(parsed));
  };
  if (options_.profile_url.empty()) {
    if (!from_file_) {
      UNDERSTUDY_CO_TRY(from_file_, read(options_.profile));
    }
    co_return from_file_;
  }
  UNDERSTUDY_CO_TRY(const auto fetched,
                    co_await fetch_profile(context_.http, options_.profile_url, options_.anchors,
                                           options_.rules.allow_http));
  context_.note(device_id, witness::check_profile_download(fetched));
  context_.note(device_id, witness::check_profile(as_bytes(fetched.body)));
  co_return read(as_bytes(fetched.body));
}

Task<Result<void>> Enroller::take_identity(Device& device, const mdm::EnrollmentProfile& profile,
                                           const std::vector<crypto::Certificate>& extra,
                                           DeviceCredentials& credentials) {
  IdentityWish wish;
  wish.payload = profile.identity;
  wish.variables = variables_of(device);
  wish.anchors = profile.anchors;
  wish.anchors.insert(wish.anchors.end(), extra.begin(), extra.end());
  UNDERSTUDY_CO_TRY(auto identity, co_await obtain_identity(tools(), std::move(wish)));
  EnrollmentParts parts{std::move(identity), {}, extra, context_.clock.now()};
  auto others = other_identities(profile);
  parts.others = co_await fetch_identities(tools(), device, std::move(others), parts.anchors);
  Rng rng = context_.seed.derive("enrollment " + lifetime(device));
  UNDERSTUDY_CO_CHECK(accept_profile(device, profile, parts, std::move(rng)));
  if (const auto* item = device.find_identity(profile.mdm.identity_uuid)) {
    credentials.remember(*item, std::move(parts.identity));
  }
  const bool made_keys =
      std::holds_alternative<mdm::ScepPayload>(profile.identity) || options_.courier;
  if (made_keys) device.enrollment->keys = keys_.choice().shortcut();
  co_return Result<void>();
}

Task<Result<void>> Enroller::take_push_token(Device& device, std::shared_ptr<Courier> courier) {
  Rng rng = context_.seed.derive("push " + lifetime(device));
  if (!courier) {
    device.push.topic_token = rng.bytes(kTokenSize);
    if (user_on_channel(device) != nullptr) {
      device.enrollment->user_channel->topic_token = rng.bytes(kTokenSize);
    }
    co_return Result<void>();
  }
  if (device.push.courier.empty()) {  // otherwise it has been known there since before its erasure
    CourierChoice choice;
    choice.courier = courier;
    choice.anchors = options_.anchors;
    UNDERSTUDY_CO_CHECK(
        co_await take_courier_identity(device, choice, keys_, rng, context_.clock.now()));
  }
  TokenTaker taker(device);
  PushChannel channel(
      std::move(courier), context_.clock, rng,
      [&device] {
        return channel_setup(device, device.enrollment->mdm.topic, device.enrollment->push_magic);
      },
      taker);
  UNDERSTUDY_CO_TRY(const auto tokens, co_await channel.fetch_tokens());
  store_tokens(tokens, device.push);
  co_return Result<void>();
}

Task<Result<void>> Enroller::authenticate(Device& device, DeviceCredentials& credentials) {
  UNDERSTUDY_CO_TRY(auto client, MdmClient::make(context_, device, credentials));
  mdm::Checkin message = make_authenticate(device);
  UNDERSTUDY_CO_TRY(const auto answer,
                    co_await client.check_in("authenticate", std::move(message)));
  if (answer.status == 200) co_return Result<void>();
  co_return fail(errc::io,
                 "the server at " + device.enrollment->mdm.checkin_url + " refused with " +
                     describe_answer(answer.status, answer.body),
                 "look into the server's log; nothing was enrolled");
}

Task<Result<void>> Enroller::enroll_again(std::string device_id) {
  UNDERSTUDY_CO_TRY(auto device, context_.store.load(device_id));
  if (!device.return_to_service) {
    co_return fail(errc::not_found, "device " + device_id + " does not return to service");
  }
  const ReturnToService settings = std::move(*device.return_to_service);
  device.return_to_service.reset();
  mdm::EnrollmentRules rules;
  rules.allow_http = settings.allow_http;
  UNDERSTUDY_CO_TRY(const auto profile, mdm::parse_enrollment_profile(settings.mdm_profile, rules));
  UNDERSTUDY_CO_TRY(const auto anchors, certificates_from(settings.anchors_der));
  UNDERSTUDY_CO_TRY(auto courier, co_await courier_of(context_, device.push));
  // Wi-Fi comes first: without it there would be nobody to enroll with.
  UNDERSTUDY_CO_CHECK(install_wifi(device, settings.wifi_profile));
  device.setup.returned_to_service = true;
  device.setup.awaiting_configuration = device.automated;  // else nothing could end it (11.13)
  DeviceCredentials credentials;
  UNDERSTUDY_CO_CHECK(co_await enter(device, profile, anchors, std::move(courier), credentials));
  crash_point("agent.returned");
  co_return Result<void>();
}

Task<Result<Device>> Enroller::update_token(std::string device_id, DeviceCredentials credentials) {
  UNDERSTUDY_CO_TRY(auto session, DeviceSession::load(context_, device_id, std::move(credentials)));
  UNDERSTUDY_CO_TRY(auto client, session.client());
  Backoff backoff(kFirstRetry, kLongestRetry, context_.seed.derive("token " + device_id));
  DeviceSession::WorkEnd end;
  for (int attempt = 0; attempt < kTokenUpdateAttempts; ++attempt) {
    if (attempt > 0) co_await net::sleep_for(context_.clock, backoff.next());
    end = co_await session.update_token(client);
    if (end.end == End::done) end = co_await session.check_in(client);  // and what else is owed
    if (session.enrolled() && !session.owes_token()) co_return session.device();
    if (end.end == End::unenrolled) {
      UNDERSTUDY_CO_CHECK(context_.store.remove(device_id));
      co_return fail(errc::io, end.why + ": the server does not know the device any more",
                     "nothing was enrolled");
    }
  }
  co_return fail(end.code ? end.code : make_error_code(errc::io), end.why,
                 "device " + device_id + " is stored and repeats it: use run or connect");
}

}  // namespace understudy::agent
