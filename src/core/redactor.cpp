#include "gcstreamd/core/redactor.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "gcstreamd/core/text.hpp"
#include "json_unescape.hpp"

namespace gcstreamd {
namespace {

/// RFC 6901: `~1` is a slash, `~0` a tilde; nothing else may follow a tilde.
bool unescape_step(std::string_view text, std::string& key) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '~') {
      key += text[i];
      continue;
    }
    if (++i == text.size() || (text[i] != '0' && text[i] != '1'))
      return false;
    key += text[i] == '0' ? '~' : '/';
  }
  return true;
}

std::optional<PointerStep> parse_step(std::string_view text) {
  PointerStep step;
  if (!unescape_step(text, step.key))
    return std::nullopt;
  const bool leading_zero = text.size() > 1 && text[0] == '0';
  if (!leading_zero)
    step.index = parse_number(text);
  step.every = text == "*";
  return step;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool ends_scalar(char c) {
  return c == ',' || c == '}' || c == ']' || is_space(c);
}

}  // namespace

std::optional<std::vector<PointerStep>> parse_pointer(std::string_view pointer) {
  std::vector<PointerStep> steps;
  while (!pointer.empty()) {
    if (pointer.front() != '/')
      return std::nullopt;
    pointer.remove_prefix(1);
    const auto end = std::min(pointer.find('/'), pointer.size());
    auto step = parse_step(pointer.substr(0, end));
    if (!step)
      return std::nullopt;
    steps.push_back(*std::move(step));
    pointer.remove_prefix(end);
  }
  return steps;
}

bool Redactor::concerns(std::string_view key) const {
  return std::any_of(rules_.begin(), rules_.end(),
                     [&](const Rule& rule) { return rule.steps.front().key == key; });
}

/// One way through one text: only where rules lead on is it looked at member by member, the rest is
/// skipped. False, from any of its steps, ends it.
class Redactor::Walk {
 public:
  Walk(Redactor& redactor, std::string_view text)
      : rules_(redactor.rules_), out_(redactor.out_), unescaped_(redactor.unescaped_), text_(text) {
    out_.clear();
  }

  bool run() {
    skip_space();
    if (!visit(all_rules(), 0))
      return false;
    skip_space();
    return at_ == text_.size();
  }
  std::string_view result() {
    if (copied_ == 0)
      return text_;
    copy_to(text_.size());
    return out_;
  }

 private:
  /// A bit for each rule whose steps so far led here.
  using Rules = std::uint64_t;
  static_assert(kMostRules <= 64);

  Rules all_rules() const {
    return rules_.size() == kMostRules ? ~Rules{0} : (Rules{1} << rules_.size()) - 1;
  }

  /// Of `rules`, those whose step `depth` is `matches`.
  template <class Matches>
  Rules step(Rules rules, std::size_t depth, Matches matches) const {
    Rules led{};
    for (; rules != 0; rules &= rules - 1) {
      const auto rule = static_cast<std::size_t>(std::countr_zero(rules));
      if (matches(rules_[rule].steps[depth]))
        led |= Rules{1} << rule;
    }
    return led;
  }
  /// The first one whose steps end here.
  const Rule* ended(Rules rules, std::size_t depth) const {
    for (; rules != 0; rules &= rules - 1) {
      const Rule& rule = rules_[static_cast<std::size_t>(std::countr_zero(rules))];
      if (rule.steps.size() == depth)
        return &rule;
    }
    return nullptr;
  }

  bool visit(Rules rules, std::size_t depth) {
    if (rules != 0 && (is('{') || is('[')))
      return members(rules, depth, is('{') ? '}' : ']');
    return skip_value();
  }

  bool members(Rules rules, std::size_t depth, char close) {
    ++at_;
    std::size_t before = at_;  // where the member before this one ends
    bool any_stays = false;
    skip_space();
    if (take(close))
      return true;
    for (std::uint64_t index = 0;; ++index) {
      const std::size_t start = at_;
      Rules led{};
      if (close == ']')
        led = step(rules, depth, [&](const PointerStep& s) { return s.every || s.index == index; });
      else if (!take_key(rules, depth, led))
        return false;
      const Rule* rule = ended(led, depth + 1);
      if (rule && goes(*rule)) {
        copy_to(before);
        if (!skip_value())
          return false;
        copied_ = at_;
      } else {
        if (!any_stays && index > 0) {  // its comma goes
          copy_to(before);
          copied_ = start;
        }
        any_stays = true;
        if (!(rule ? replace(*rule) : visit(led, depth + 1)))
          return false;
      }
      before = at_;
      skip_space();
      if (take(close))
        return true;
      if (!take(','))
        return false;
      skip_space();
    }
  }

  /// The key and its colon; `led` are the rules that it leads on.
  bool take_key(Rules rules, std::size_t depth, Rules& led) {
    const std::size_t start = at_;
    if (!skip_string())
      return false;
    std::string_view key = text_.substr(start + 1, at_ - start - 2);
    if (std::memchr(key.data(), '\\', key.size()) && !unescape(key))
      return false;
    led = step(rules, depth, [&](const PointerStep& s) { return s.key == key; });
    skip_space();
    if (!take(':'))
      return false;
    skip_space();
    return true;
  }

  static bool goes(const Rule& rule) { return rule.text.empty() && !rule.replace; }

  bool replace(const Rule& rule) {
    copy_to(at_);
    const std::size_t start = at_;
    const bool is_string = is('"');
    if (!skip_value())
      return false;
    copied_ = at_;
    if (!rule.replace) {
      out_ += rule.text;
      return true;
    }
    std::string_view value = text_.substr(start, at_ - start);
    if (is_string) {
      value = value.substr(1, value.size() - 2);
      if (!unescape(value))
        return false;
    }
    return ++replaced_ <= kMostReplaced && rule.replace(value, out_);
  }

  /// `text` is what the string says from then on.
  bool unescape(std::string_view& text) {
    if (!unescape_json(text, unescaped_))
      return false;
    text = unescaped_;
    return true;
  }

  bool skip_value() {
    if (is('"'))
      return skip_string();
    if (is('{') || is('['))
      return skip_nest();
    const std::size_t start = at_;
    while (at_ < text_.size() && !ends_scalar(text_[at_]))
      ++at_;
    return at_ > start;
  }

  bool skip_nest() {
    std::size_t open = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!skip_string())
          return false;
        continue;
      }
      ++at_;
      if (c == '{' || c == '[')
        ++open;
      else if ((c == '}' || c == ']') && --open == 0)
        return true;
    }
    return false;
  }

  /// A quote ends a string unless an odd number of backslashes is before it.
  bool skip_string() {
    if (!take('"'))
      return false;
    while (true) {
      const auto quote = text_.find('"', at_);
      if (quote == std::string_view::npos)
        return false;
      const std::size_t from = std::exchange(at_, quote + 1);
      std::size_t backslashes = 0;
      while (quote - backslashes > from && text_[quote - backslashes - 1] == '\\')
        ++backslashes;
      if (backslashes % 2 == 0)
        return true;
    }
  }

  bool is(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool take(char c) {
    const bool there = is(c);
    at_ += there ? 1 : 0;
    return there;
  }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_]))
      ++at_;
  }

  void copy_to(std::size_t to) {
    out_ += text_.substr(copied_, to - copied_);
    copied_ = to;
  }

  const std::vector<Rule>& rules_;
  std::string& out_;
  std::string& unescaped_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t copied_ = 0;  ///< up to here the text is in `out_`, or gone
  std::size_t replaced_ = 0;
};

std::optional<std::string_view> Redactor::redact(std::string_view line) {
  Walk walk(*this, line);
  if (!walk.run())
    return std::nullopt;
  return walk.result();
}

}  // namespace gcstreamd
