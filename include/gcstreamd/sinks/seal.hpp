#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gcstreamd/core/audit_line.hpp"
#include "gcstreamd/sinks/mark.hpp"

using EVP_PKEY = struct evp_pkey_st;

namespace gcstreamd {

/// The seal that a written line is, or empty when it is another record or not chained.
std::optional<SealHead> seal_head_of(std::string_view line);

/// An OpenSSL key; freeing it wipes what is secret of it.
struct FreeKey {
  void operator()(EVP_PKEY* key) const;
};
using KeyHandle = std::unique_ptr<EVP_PKEY, FreeKey>;

/// The Ed25519 private key that seals an audit chain. It cannot be printed, and there is no way to
/// its bytes. Signing throws std::runtime_error only where OpenSSL itself fails.
class SealKey {
 public:
  /// Reads a PEM file. Null, with `fault` saying what is wrong with the file and what to do, when
  /// it is no such key or others can read it.
  static std::unique_ptr<SealKey> load(const std::string& path, std::string& fault);

  /// The first 16 lower-case hex digits of SHA-256 over the public key's 32 bytes.
  const std::string& id() const { return id_; }
  /// The 64 bytes of a signature.
  std::string sign(std::string_view text) const;

 private:
  SealKey(KeyHandle key, std::string id) : key_(std::move(key)), id_(std::move(id)) {}

  KeyHandle key_;
  std::string id_;
};

/// Adds a seal's own fields, from `,"sealNumber":` to the signature, to the line that begins at
/// `start` of `lines` and holds `ts`, `stream` and `type` by now. `head`: the record right before
/// the seal; `last`: the seal before it. AuditChain::seal_line then ends the line, and the new seal
/// is {last.number + 1, the chain's new hash}.
///
/// Signed are the line's bytes from `{` up to and without `,"signature":`.
void add_seal(std::string& lines, std::size_t start, const SealHead& last, const ChainHead& head,
              const SealKey& key);

/// The public keys that seals are checked with.
class SealPublicKeys {
 public:
  /// Reads a PEM file with one Ed25519 public key, or several one behind the other. Empty, with
  /// `fault` saying what is wrong with the file and what to do, when it is anything else.
  static std::optional<SealPublicKeys> load(const std::string& path, std::string& fault);

  /// What is wrong with a seal's key and signature, or "". `fields`: the line up to and without
  /// `,"n":`.
  std::string check(const AuditLine& seal, std::string_view fields) const;

 private:
  struct Key {
    KeyHandle key;
    std::string id;
  };

  std::string ids() const;

  std::vector<Key> keys_;
};

}  // namespace gcstreamd
