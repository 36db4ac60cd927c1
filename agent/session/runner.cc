#include "agent/session/runner.h"

#include <algorithm>
#include <boost/system/system_error.hpp>

#include "agent/identity/trust.h"
#include "agent/payloads/removal.h"
#include "agent/session/runner_unit.h"
#include "shared/core/log.h"

namespace understudy::agent {
namespace {

/// Sessions that are kept though nothing is owed, of the devices that talked last: the next push
/// finds identity and connection ready. One costs about 40 KB.
constexpr std::size_t kKeptSessions = 256;

std::chrono::milliseconds in_ms(Duration duration) {
  return std::chrono::ceil<std::chrono::milliseconds>(duration);
}

/// A channel ends by cancellation only: its failures are reported and retried inside. Anything else
/// is a bug, and logged.
bool was_cancelled(const std::exception_ptr& error, const std::string& device) {
  try {
    if (error) std::rethrow_exception(error);
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) return true;
    log::error("push.failed", {{"device", device}, {"error", e.what()}});
  } catch (const std::exception& e) {
    log::error("push.failed", {{"device", device}, {"error", e.what()}});
  }
  return false;
}

}  // namespace

Runner::Runner(const asio::any_io_executor& executor, AgentContext& context)
    : executor_(executor),
      context_(context),
      removals_(executor, context.clock),
      changed_(executor) {}
Runner::~Runner() = default;

Result<std::size_t> Runner::start() {
  UNDERSTUDY_TRY(const auto ids, context_.store.ids());
  for (const auto& id : ids) UNDERSTUDY_CHECK(add(id));
  for (const auto& unit : units_) {
    if (unit->session) settle(*unit);
    if (!unit->session && unit->listens_at_start) start_channel(*unit);
  }
  return units_.size();
}

Result<void> Runner::add(const std::string& device_id) {
  auto unit = std::make_unique<Unit>(*this, device_id);
  UNDERSTUDY_CHECK(unit->load());
  if (!unit->session->enrolled() && !unit->session->owes()) return {};
  const Device& device = unit->session->device();
  unit->mark = push_mark(device);
  if (device.enrollment && !device.enrollment->keys.empty()) {
    key_shortcuts_.insert(device.enrollment->keys);
  }
  if (!device.push.courier.empty()) {
    UNDERSTUDY_TRY(unit->courier, courier_for(device.push));
  }
  unit->sandbox = device.enrollment && device.enrollment->mdm.use_development_apns;
  unit->listens_at_start = unit->courier && device.enrollment && unit->session->reach().pushes;
  settle_removal(*unit);
  // Ten thousand sessions are not held at once, not even for a moment.
  if (!unit->session->ready() && !unit->session->free_in()) unit->session.reset();
  units_.push_back(std::move(unit));
  return {};
}

Result<std::shared_ptr<Courier>> Runner::courier_for(const PushState& push) {
  std::string key = push.courier;
  for (const Bytes& der : push.courier_anchors_der) key += to_text(der);
  auto& courier = couriers_[key];
  if (courier) return courier;
  UNDERSTUDY_TRY(auto address, CourierAddress::parse(push.courier));
  UNDERSTUDY_TRY(const auto anchors, certificates_from(push.courier_anchors_der));
  UNDERSTUDY_TRY(courier, Courier::make(executor_, context_.clock, std::move(address), anchors));
  return courier;
}

void Runner::ask_why(const Unit& unit, bool listens) {
  auto& inquiry = inquiries_[unit.courier.get()];
  if (!inquiry) inquiry = std::make_shared<CourierInquiry>();
  const bool asks = !listens && inquiry->is_open && !stopping_;
  inquiry->is_open = listens || (inquiry->is_open && !asks);
  if (!asks) return;
  net::spawn(executor_, "courier", CourierInquiry::ask(inquiry, unit.courier, unit.sandbox));
}

/// A new one each time: the device may have been enrolled anew meanwhile.
void Runner::start_channel(Unit& unit) {
  unit.channel = std::make_unique<PushChannel>(
      unit.courier, context_.clock, context_.seed.derive("channel " + unit.id),
      [&unit] { return unit.setup(); }, unit);
  unit.channel_runs = true;
  auto on_end = [this, &unit](const std::exception_ptr& error) {
    const bool may_go_on = was_cancelled(error, unit.id);
    channel_ended(unit, may_go_on);
  };
  net::spawn(executor_, unit.channel->run(), unit.stop_channel, std::move(on_end));
}

void Runner::channel_ended(Unit& unit, bool may_go_on) {
  unit.channel_runs = false;
  if (std::exchange(unit.is_listening, false)) context_.tell("disconnected", unit.id);
  changed_.notify();
  if (stopping_ || !may_go_on) return;
  if (auto loaded = unit.load(); !loaded) {
    return log::error("push.failed", {{"device", unit.id}, {"error", loaded.error().message()}});
  }
  settle(unit);  // a device that was restarted listens again
}

/// Starts or ends the push channel, as the device is now. A restart ends it, and so does a user who
/// comes or goes; so does what cuts the device off, and the courier keeps the newest push
/// meanwhile.
void Runner::settle_channel(Unit& unit) {
  const Device& device = unit.session->device();
  const std::size_t mark = push_mark(device);
  const bool is_other = std::exchange(unit.mark, mark) != mark;
  const bool wanted =
      unit.courier && device.enrollment && unit.session->reach().pushes && !stopping_;
  if (unit.channel_runs && (is_other || !wanted)) {
    unit.stop_channel.emit(asio::cancellation_type::terminal);
  } else if (!unit.channel_runs && wanted) {
    unit.sandbox = device.enrollment->mdm.use_development_apns;
    start_channel(unit);
  }
}

/// A profile goes when its time has come, whether or not anybody talks to the device (2.3).
void Runner::settle_removal(Unit& unit) {
  const auto next = next_removal(unit.session->device());
  const auto& enrollment = unit.session->device().enrollment;
  if (!next || !enrollment || enrollment->stage == Enrollment::Stage::leaving) {
    if (unit.removal) unit.removal->set(TimePoint::max());
    return;
  }
  if (!unit.removal) {
    unit.removal = std::make_unique<Deadlines::Deadline>(removals_, [this, &unit] {
      auto done = unit.load();
      if (done) done = unit.session->remove_due();
      if (!done) {
        return log::error("removal.failed",
                          {{"device", unit.id}, {"error", done.error().message()}});
      }
      settle(unit);
    });
  }
  unit.removal->set(*next);
}

/// Sees to the channel; starts the session's loop, tells it, or forgets a session that has nothing
/// to say, unless it is kept.
void Runner::settle(Unit& unit) {
  settle_channel(unit);
  settle_removal(unit);
  if (unit.session_runs) return unit.work.notify();
  const bool has_work = unit.session->ready() || unit.session->free_in();
  if (!has_work || stopping_) {
    if (!unit.is_kept) unit.session.reset();
    return;
  }
  unit.session_runs = true;
  net::spawn(executor_, "session " + unit.id, serve(unit));
}

Task<void> Runner::serve(Unit& unit) {
  while (!stopping_ && (unit.session->ready() || unit.session->free_in())) {
    if (!unit.session->ready()) {  // it said NotNow, and the clock ends that
      co_await unit.work.wait_for(*unit.session->free_in());
      if (!unit.session->catch_up()) break;
      continue;
    }
    const auto end = co_await unit.session->work();
    report(unit, end);
    settle_channel(unit);
    settle_removal(unit);
    if (end.end == End::retry) {
      // A push, a hand, or the end of the process cuts the pause short.
      if (!stopping_) co_await unit.work.wait_for(in_ms(unit.backoff.next()));
    } else {
      unit.backoff.reset();
    }
  }
  unit.session_runs = false;
  keep(unit);
  changed_.notify();
}

/// In the place of the one that has been kept longest.
void Runner::keep(Unit& unit) {
  if (std::exchange(unit.is_kept, true)) return;
  kept_.push_back(&unit);
  if (kept_.size() <= kKeptSessions) return;
  Unit& oldest = *kept_.front();
  kept_.pop_front();
  oldest.is_kept = false;
  if (!oldest.session_runs) oldest.session.reset();
}

void Runner::report(const Unit& unit, const DeviceSession::WorkEnd& end) const {
  AgentEvent::Fields fields = {{"end", std::string(end_name(end.end))},
                               {"commands", std::int64_t{end.commands}}};
  if (!end.why.empty()) fields.emplace_back("why", end.why);
  context_.tell("conversation", unit.id, std::move(fields));
}

Result<std::string> Runner::lay_hands(const std::string& device_id, const Hand& hand) {
  const auto found =
      std::ranges::find(units_, device_id, [](const auto& unit) { return unit->id; });
  if (found == units_.end()) {  // not enrolled: it has neither channel nor loop
    UNDERSTUDY_TRY(auto session, DeviceSession::load(context_, device_id));
    return session.lay_hands(hand);
  }
  Unit& unit = **found;
  UNDERSTUDY_CHECK(unit.load());
  auto did = unit.session->lay_hands(hand);
  settle(unit);
  return did;
}

std::size_t Runner::without_courier() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(units_, [](const auto& unit) { return unit->courier == nullptr; }));
}

std::size_t Runner::channels() const {
  return static_cast<std::size_t>(
      std::count_if(units_.begin(), units_.end(), [](const auto& u) { return u->channel_runs; }));
}

std::size_t Runner::running() const {
  return channels() +
         static_cast<std::size_t>(std::count_if(units_.begin(), units_.end(),
                                                [](const auto& u) { return u->session_runs; }));
}

Task<std::size_t> Runner::wait_until_listening(std::chrono::milliseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    const auto count = static_cast<std::size_t>(std::count_if(
        units_.begin(), units_.end(), [](const auto& unit) { return unit->is_listening; }));
    const auto now = std::chrono::steady_clock::now();
    if (count >= channels() || stopping_ || now >= until) co_return count;
    co_await changed_.wait_for(std::chrono::ceil<std::chrono::milliseconds>(until - now));
  }
}

Task<bool> Runner::stop(std::chrono::milliseconds grace) {
  stopping_ = true;
  const auto until = std::chrono::steady_clock::now() + grace;
  for (const auto& unit : units_) {
    unit->stop_channel.emit(asio::cancellation_type::terminal);
    unit->work.notify();
  }
  while (running() > 0) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= until) co_return false;
    co_await changed_.wait_for(std::chrono::ceil<std::chrono::milliseconds>(until - now));
  }
  co_return true;
}

}  // namespace understudy::agent
