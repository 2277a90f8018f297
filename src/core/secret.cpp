#include "gcstreamd/core/secret.hpp"

#include <algorithm>
#include <cstring>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Whether `digits` are all of `value` in hex, in either case.
bool is_hex_of(std::string_view digits, unsigned value) {
  unsigned read = 0;
  for (const char c : digits) {
    const int digit = hex_value(c);
    if (digit < 0)
      return false;
    read = read * 16 + static_cast<unsigned>(digit);
  }
  return read == value;
}

/// How many bytes at the start of `text` stand for `c`: percent-encoded, escaped as JSON allows, or
/// as it is; 0 where something else stands there.
std::size_t bytes_of(std::string_view text, char c) {
  constexpr std::size_t kPercent = 3;  // %2F
  constexpr std::size_t kUnicode = 6;  // \u002F
  const unsigned value = static_cast<unsigned char>(c);
  if (text.starts_with('%') && text.size() >= kPercent && is_hex_of(text.substr(1, 2), value))
    return kPercent;
  if (text.starts_with("\\u") && text.size() >= kUnicode && is_hex_of(text.substr(2, 4), value))
    return kUnicode;
  if (text.size() > 1 && text[0] == '\\' && text[1] == c)
    return 2;
  return text.starts_with(c) ? 1 : 0;
}

/// How many bytes at the start of `text` are the secret, each of its bytes in whichever form: what
/// encodes a token leaves other characters alone than what encodes the next one. 0: they are not.
std::size_t length_of(const Secret& secret, std::string_view text) {
  if (text.starts_with(secret.reveal()))
    return secret.reveal().size();
  std::size_t length = 0;
  for (const char c : secret.reveal()) {
    const std::size_t bytes = bytes_of(text.substr(length), c);
    if (bytes == 0)
      return 0;
    length += bytes;
  }
  return length;
}

}  // namespace

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    Secret copy(other);
    *this = std::move(copy);
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = std::move(other.bytes_);
  }
  return *this;
}

void Secret::wipe() noexcept {
  if (!bytes_.empty())
    explicit_bzero(bytes_.data(), bytes_.size());
  bytes_.clear();
}

void wipe(std::string& text) noexcept {
  explicit_bzero(text.data(), text.capacity());
  text.clear();
}

Secret concat(std::initializer_list<std::string_view> pieces) {
  std::size_t size = 0;
  for (auto piece : pieces)
    size += piece.size();
  std::string joined;
  joined.reserve(size);
  for (auto piece : pieces)
    joined += piece;
  Secret secret(joined);
  wipe(joined);
  return secret;
}

Secret basic_credentials(std::string_view user, const Secret& password) {
  std::string encoded = base64(concat({user, ":", password.reveal()}).reveal());
  Secret credentials(encoded);
  wipe(encoded);
  return credentials;
}

void Scrubber::know(std::string_view slot, const Secret& secret) {
  constexpr std::size_t kShortest = 4;
  if (secret.reveal().size() < kShortest)
    return;
  const auto same = [&](const Known& known) { return known.slot == slot; };
  for (const Known& known : known_)
    if (same(known) && known.secret == secret)
      return;
  if (static_cast<std::size_t>(std::count_if(known_.begin(), known_.end(), same)) >= kRemembered)
    known_.erase(std::find_if(known_.begin(), known_.end(), same));
  known_.push_back({std::string(slot), secret});
}

std::string Scrubber::shown(std::string_view text) const {
  return clip(scrub(text), kShown);
}

std::string Scrubber::scrub(std::string_view text) const {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    std::size_t secret = 0;  // the longest: one may begin another
    for (const Known& known : known_)
      secret = std::max(secret, length_of(known.secret, text));
    if (secret > 0)
      clean += "***";
    else
      clean += text.front();
    text.remove_prefix(std::max<std::size_t>(secret, 1));
  }
  return clean;
}

}  // namespace gcstreamd
