#include "agent/identity/key_maker.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "shared/crypto/ca.h"

namespace understudy::agent {
namespace {

constexpr std::chrono::hours kDay{24};

/// One of the shared keys: made when it is first asked for.
class Slot {
 public:
  Result<crypto::PrivateKey> get() {
    const std::lock_guard guard(mutex_);
    if (!key_) {
      UNDERSTUDY_TRY(key_, crypto::PrivateKey::generate(crypto::KeyType::rsa_2048));
    }
    return *key_;
  }

 private:
  std::mutex mutex_;
  std::optional<crypto::PrivateKey> key_;
};

// co_spawn needs a default value for the case of an exception: hence optional.
using Made = std::optional<Result<crypto::PrivateKey>>;

Task<Made> generate(const KeySource& source, crypto::KeyType type) {
  co_return source(type);
}

Task<Made> take(Slot& slot) {
  co_return slot.get();
}

Result<crypto::Identity> self_signed(const crypto::PrivateKey& key, const crypto::Name& subject,
                                     TimePoint now) {
  crypto::CertificateSpec spec;
  spec.subject = subject;
  spec.purpose = crypto::CertificateSpec::Purpose::ca;
  spec.not_before = now - kDay;
  spec.not_after = now + 3650 * kDay;
  UNDERSTUDY_TRY(auto certificate, crypto::self_signed(spec, key));
  return crypto::Identity{key, std::move(certificate), {}};
}

}  // namespace

struct KeyMaker::Impl {
  Impl(KeyChoice made, KeySource from) : choice(made), source(std::move(from)) {
    slots.resize(choice.kind == KeyChoice::Kind::pool ? choice.pool : 1);
  }

  KeyChoice choice;
  KeySource source;
  std::deque<Slot> slots;
  std::atomic<std::size_t> next = 0;
  std::map<std::string, KeyMaker> others;  ///< by shortcut
  // Last: its threads end before what they use.
  asio::thread_pool pool{std::max(1U, std::thread::hardware_concurrency())};
};

KeyMaker::KeyMaker(KeyChoice choice, KeySource source)
    : impl_(std::make_unique<Impl>(choice, std::move(source))) {}
KeyMaker::~KeyMaker() = default;

const KeyChoice& KeyMaker::choice() const {
  return impl_->choice;
}

KeyMaker& KeyMaker::like(const std::string& shortcut) {
  if (shortcut == choice().shortcut()) return *this;
  const KeyChoice other = KeyChoice::parse(shortcut).value_or(KeyChoice{});
  return impl_->others.try_emplace(shortcut, other, impl_->source).first->second;
}

Task<Result<crypto::PrivateKey>> KeyMaker::make(crypto::KeyType type) {
  if (impl_->choice.kind == KeyChoice::Kind::pool) co_return co_await shared();
  if (impl_->choice.kind == KeyChoice::Kind::p256) type = crypto::KeyType::p256;
  auto executor = impl_->pool.get_executor();
  auto made = co_await asio::co_spawn(executor, generate(impl_->source, type), asio::use_awaitable);
  co_return std::move(*made);
}

Task<Result<crypto::PrivateKey>> KeyMaker::shared() {
  Slot& slot = impl_->slots[impl_->next++ % impl_->slots.size()];
  auto executor = impl_->pool.get_executor();
  auto made = co_await asio::co_spawn(executor, take(slot), asio::use_awaitable);
  co_return std::move(*made);
}

Task<Result<crypto::Identity>> KeyMaker::make_self_signed(crypto::Name subject, TimePoint now) {
  std::optional<Result<crypto::PrivateKey>> key;
  if (impl_->choice.kind == KeyChoice::Kind::unique) {
    key = co_await make(crypto::KeyType::rsa_2048);
  } else {
    key = co_await shared();
  }
  if (!*key) co_return tl::unexpected(std::move(*key).error());
  co_return self_signed(**key, subject, now);
}

}  // namespace understudy::agent
