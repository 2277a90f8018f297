#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace gcstreamd {

/// Bytes that must never be shown: not printable, not formattable, wiped when freed.
/// Copies are independent and wiped each for itself. Throws only std::bad_alloc.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view bytes) : bytes_(bytes.begin(), bytes.end()) {}
  Secret(const Secret&) = default;
  Secret(Secret&&) noexcept = default;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  /// The bytes themselves, valid until this object changes; for the wire only.
  std::string_view reveal() const { return {bytes_.data(), bytes_.size()}; }
  bool empty() const { return bytes_.empty(); }
  bool operator==(const Secret& other) const = default;

  template <class Stream>
  friend Stream& operator<<(Stream&, const Secret&) = delete;

 private:
  void wipe() noexcept;

  std::vector<char> bytes_;
};

/// Wipes a string's bytes, its unused capacity included, and empties it.
void wipe(std::string& text) noexcept;

/// Joins pieces into a secret without leaving copies behind.
Secret concat(std::initializer_list<std::string_view> pieces);

/// `user:password` as the scheme Basic sends it (RFC 7617): in base64.
Secret basic_credentials(std::string_view user, const Secret& password);

/// Removes known secrets from text that comes from outside (close reasons, error bodies, previews)
/// before it is shown, each byte as it is, percent-encoded or escaped as in JSON. Remembers the
/// last few of each slot, because a connection may outlive the renewal of its token.
class Scrubber {
 public:
  /// `slot`: "token", "client_secret", … Secrets under 4 bytes are not searched for: they would
  /// turn ordinary text into asterisks.
  void know(std::string_view slot, const Secret& secret);
  std::string scrub(std::string_view text) const;
  /// Scrubbed, and clipped to what a record or a line shows of somebody else's words: in this
  /// order, since a secret at the cut would be shown in part.
  std::string shown(std::string_view text) const;

  static constexpr std::size_t kShown = 400;  ///< bytes
  static constexpr std::size_t kRemembered = 4;

 private:
  struct Known {
    std::string slot;
    Secret secret;
  };
  std::vector<Known> known_;
};

}  // namespace gcstreamd
