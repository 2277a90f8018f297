#include "gcstreamd/core/secret.hpp"

#include <algorithm>
#include <cstring>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {

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

void Scrubber::know(std::string_view slot, const Secret& secret) {
  std::erase_if(known_, [&](const Known& known) { return known.slot == slot; });
  constexpr std::size_t kShortest = 4;
  if (secret.reveal().size() < kShortest)
    return;
  std::string encoded = percent_encode(secret.reveal());
  Known known{std::string(slot), {secret, Secret(encoded)}};
  wipe(encoded);
  known_.push_back(std::move(known));
}

std::string Scrubber::scrub(std::string_view text) const {
  std::string clean(text);
  for (const Known& known : known_)
    for (const Secret& form : known.forms)
      replace_all(clean, form.reveal(), "***");
  return clean;
}

}  // namespace gcstreamd
