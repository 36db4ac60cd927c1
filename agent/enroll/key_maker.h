#pragma once

/// Makes keys on all cores, so that the loop goes on meanwhile: RSA 2048 takes about 100 ms.

#include <functional>
#include <memory>

#include "shared/crypto/certificate.h"
#include "shared/net/asio.h"

namespace understudy::agent {

/// Where keys come from; called from several threads at once. Errors: crypto::errc.
using KeySource = std::function<Result<crypto::PrivateKey>(crypto::KeyType)>;

/// The tasks may be awaited from any executor; the object must outlive them.
class KeyMaker {
 public:
  explicit KeyMaker(KeySource source = crypto::PrivateKey::generate);
  KeyMaker(const KeyMaker&) = delete;
  KeyMaker& operator=(const KeyMaker&) = delete;
  ~KeyMaker();

  /// Errors: crypto::errc.
  Task<Result<crypto::PrivateKey>> make(crypto::KeyType type);
  /// RSA 2048 and a self-signed certificate over it, valid from a day before `now` for ten years.
  Task<Result<crypto::Identity>> make_self_signed(crypto::Name subject, TimePoint now);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy::agent
