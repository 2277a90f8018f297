#include "gcstreamd/core/refusal.hpp"

#include <array>
#include <boost/algorithm/string/predicate.hpp>
#include <string>

namespace gcstreamd {
namespace {

struct Word {
  std::string_view text;
  int status;
};

constexpr auto kWords = std::to_array<Word>({
    {"forbidden", 403},
    {"unauthorized", 401},
    {"too many requests", 429},
});

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Whether the number stands there by itself, not as a part of a longer one.
bool names(std::string_view words, std::string_view number) {
  for (auto at = words.find(number); at != std::string_view::npos;
       at = words.find(number, at + 1)) {
    const auto end = at + number.size();
    if ((at == 0 || !is_digit(words[at - 1])) && (end == words.size() || !is_digit(words[end])))
      return true;
  }
  return false;
}

}  // namespace

int status_in_words(std::string_view words) {
  for (const Word& word : kWords)
    if (boost::algorithm::icontains(words, word.text))
      return word.status;
  if (speaks_of_position(words))
    return 0;  // a number there is the position's
  for (const Word& word : kWords)
    if (names(words, std::to_string(word.status)))
      return word.status;
  return 0;
}

bool speaks_of_position(std::string_view words) {
  for (std::string_view word : {"sequence", "position", "stale", "too old"})
    if (boost::algorithm::icontains(words, word))
      return true;
  return false;
}

}  // namespace gcstreamd
