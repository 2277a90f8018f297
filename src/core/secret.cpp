#include "gcstreamd/core/secret.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

/// `%2B` as `%2b`: both are in use.
std::string lower_hex(std::string_view encoded) {
  std::string lower(encoded);
  for (std::size_t i = 0; i + 2 < lower.size(); ++i)
    if (lower[i] == '%')
      for (std::size_t k = i + 1; k <= i + 2; ++k)
        lower[k] = static_cast<char>(std::tolower(static_cast<unsigned char>(lower[k])));
  return lower;
}

std::vector<Secret> forms_of(const Secret& secret) {
  std::string encoded = percent_encode(secret.reveal());
  std::string lower = lower_hex(encoded);
  std::string slashes(secret.reveal());
  replace_all(slashes, "/", "\\/");
  std::vector<Secret> forms{secret, Secret(encoded), Secret(lower), Secret(slashes)};
  wipe(encoded);
  wipe(lower);
  wipe(slashes);
  return forms;
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

void Scrubber::know(std::string_view slot, const Secret& secret) {
  constexpr std::size_t kShortest = 4;
  if (secret.reveal().size() < kShortest)
    return;
  const auto same = [&](const Known& known) { return known.slot == slot; };
  for (const Known& known : known_)
    if (same(known) && known.forms.front() == secret)
      return;
  if (static_cast<std::size_t>(std::count_if(known_.begin(), known_.end(), same)) >= kRemembered)
    known_.erase(std::find_if(known_.begin(), known_.end(), same));
  known_.push_back({std::string(slot), forms_of(secret)});
}

std::string Scrubber::scrub(std::string_view text) const {
  std::vector<std::string_view> forms;
  for (const Known& known : known_)
    for (const Secret& form : known.forms)
      forms.push_back(form.reveal());
  // The longest first: one may begin another.
  std::sort(forms.begin(), forms.end(),
            [](std::string_view a, std::string_view b) { return a.size() > b.size(); });
  std::string clean(text);
  for (std::string_view form : forms)
    replace_all(clean, form, "***");
  return clean;
}

}  // namespace gcstreamd
