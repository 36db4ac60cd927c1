#include "agent/enroll/key_maker.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <optional>
#include <thread>

#include "shared/crypto/ca.h"

namespace understudy::agent {
namespace {

constexpr std::chrono::hours kDay{24};

// co_spawn needs a default value for the case of an exception: hence optional.
Task<std::optional<Result<crypto::PrivateKey>>> generate(const KeySource& source,
                                                         crypto::KeyType type) {
  co_return source(type);
}

Result<crypto::Identity> self_signed(const crypto::Name& subject, TimePoint now) {
  UNDERSTUDY_TRY(auto root, crypto::CertificateAuthority::create(subject, crypto::KeyType::rsa_2048,
                                                                 now - kDay, now + 3650 * kDay));
  return root.identity();
}

Task<std::optional<Result<crypto::Identity>>> generate_self_signed(crypto::Name subject,
                                                                   TimePoint now) {
  co_return self_signed(subject, now);
}

}  // namespace

struct KeyMaker::Impl {
  KeySource source;
  asio::thread_pool pool{std::max(1U, std::thread::hardware_concurrency())};
};

KeyMaker::KeyMaker(KeySource source) : impl_(std::make_unique<Impl>(std::move(source))) {}
KeyMaker::~KeyMaker() = default;

Task<Result<crypto::PrivateKey>> KeyMaker::make(crypto::KeyType type) {
  auto executor = impl_->pool.get_executor();
  auto made = co_await asio::co_spawn(executor, generate(impl_->source, type), asio::use_awaitable);
  co_return std::move(*made);
}

Task<Result<crypto::Identity>> KeyMaker::make_self_signed(crypto::Name subject, TimePoint now) {
  auto executor = impl_->pool.get_executor();
  auto made = co_await asio::co_spawn(executor, generate_self_signed(std::move(subject), now),
                                      asio::use_awaitable);
  co_return std::move(*made);
}

}  // namespace understudy::agent
