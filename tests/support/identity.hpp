#pragma once

#include <string>

namespace gcstreamd::testing {

/// What is wrong with a server's certificate for `localhost`.
enum class Flaw {
  none,
  expired,
  not_yet_valid,
  self_signed,
  wrong_purpose,      ///< for clients only
  small_key,          ///< RSA with 1024 bits
  weak_digest,        ///< signed with SHA-1
  renewed_authority,  ///< nothing, but the authority has an expired certificate of its name, too
};

/// A certificate, its key, and the authority that vouches for it, as PEM.
struct Identity {
  std::string certificate;
  std::string key;
  std::string authority;
  std::string expired_authority;  ///< the same key's, or ""
};

/// Made anew for each call; throws std::runtime_error when OpenSSL refuses.
Identity make_identity(Flaw flaw);

}  // namespace gcstreamd::testing
