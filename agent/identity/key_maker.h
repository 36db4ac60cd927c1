#pragma once

/// Makes keys on all cores, so that the loop goes on meanwhile: RSA 2048 takes about 100 ms. Or
/// hands out what a shortcut puts in their place.

#include <functional>
#include <memory>
#include <string>

#include "agent/identity/key_choice.h"
#include "shared/crypto/certificate.h"
#include "shared/net/asio.h"

namespace understudy::agent {

/// Where keys come from; called from several threads at once. Errors: crypto::errc.
using KeySource = std::function<Result<crypto::PrivateKey>(crypto::KeyType)>;

/// The tasks may be awaited from any executor; the object must outlive them. Errors: crypto::errc.
class KeyMaker {
 public:
  explicit KeyMaker(KeyChoice choice = {}, KeySource source = crypto::PrivateKey::generate);
  KeyMaker(const KeyMaker&) = delete;
  KeyMaker& operator=(const KeyMaker&) = delete;
  ~KeyMaker();

  const KeyChoice& choice() const;
  /// The maker for a device whose keys were made by that shortcut (KeyChoice::shortcut): this one,
  /// or another that lives as long. What is no choice is taken for no shortcut. One thread.
  KeyMaker& like(const std::string& shortcut);

  /// For one device: its own key of that type, or the shortcut's.
  Task<Result<crypto::PrivateKey>> make(crypto::KeyType type);
  /// An RSA 2048 key that is shared whatever the choice: for what P-256 cannot do.
  Task<Result<crypto::PrivateKey>> shared();
  /// RSA 2048 and a self-signed certificate over it, valid from a day before `now` for ten years.
  /// Couriers know no other kind: under p256 the key is a shared one.
  Task<Result<crypto::Identity>> make_self_signed(crypto::Name subject, TimePoint now);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy::agent
