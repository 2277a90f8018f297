#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gcstreamd {

/// One step of a pointer into a JSON text.
struct PointerStep {
  std::string key;                     ///< in an object
  std::optional<std::uint64_t> index;  ///< in an array
  bool every = false;                  ///< `*`: each member of an array
};

/// Takes an RFC 6901 pointer apart, in which `*` stands for every member of an array. In an object
/// it is the key `*`: what stands below any key cannot be named by one pointer. Empty where it is
/// no pointer; no steps for the whole text.
std::optional<std::vector<PointerStep>> parse_pointer(std::string_view pointer);

/// Puts something else in the place of values within a JSON text, or takes them away; every other
/// byte stays as it is. Keeps its memory: in the steady state nothing is allocated.
///
/// All values that a pointer leads to are meant: a key that stands there twice, and one that is
/// written with escapes. One that leads to nothing changes nothing. Where rules meet, the one whose
/// pointer is shorter takes the whole value, and of two the first.
class Redactor {
 public:
  /// Adds to `out` the JSON that stands for a value: of a string its text, of anything else its
  /// JSON as it is written. Returns false where there is nothing to put there.
  using Replace = std::function<bool(std::string_view value, std::string& out)>;

  struct Rule {
    std::vector<PointerStep> steps;  ///< one or more, at most kMostSteps
    std::string text;                ///< JSON in place of the value; "": the value and its key go
    Replace replace;                 ///< where there is one, in place of `text`
  };

  /// At most kMostRules.
  explicit Redactor(std::vector<Rule> rules) : rules_(std::move(rules)) {}

  /// `line`, one valid JSON text, as it may be shown: itself where no rule leads to anything, else
  /// bytes that are valid until the next call. Empty, without anything that could be shown, where
  /// the text is not understood, a value has no replacement, or more than kMostReplaced would be
  /// replaced by a `Replace`.
  std::optional<std::string_view> redact(std::string_view line);
  /// Whether a rule leads into this member of the text.
  bool concerns(std::string_view key) const;

  static constexpr std::size_t kMostRules = 64;
  static constexpr std::size_t kMostSteps = 32;
  static constexpr std::size_t kMostReplaced = 65536;

 private:
  class Walk;

  std::vector<Rule> rules_;
  std::string out_;
  std::string unescaped_;
};

}  // namespace gcstreamd
