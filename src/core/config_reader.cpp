#include "gcstreamd/core/config_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

using nlohmann::json;

const json& empty_object() {
  static const json empty = json::object();
  return empty;
}

std::string escape_token(std::string_view key) {
  std::string token(key);
  replace_all(token, "~", "~0");
  replace_all(token, "/", "~1");
  return token;
}

/// A string may hold a password: it is not shown.
std::string near(const std::string& token) {
  constexpr std::size_t kShown = 40;
  const std::string shown = clip(token.substr(0, token.find('"')), kShown);
  return shown.empty() ? "" : ", near " + json_string(shown);
}

std::string position_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, std::min(offset > 0 ? offset - 1 : 0, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const auto line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return fmt::format("line {}, column {}", line, before.size() - line_start + 1);
}

/// Follows nlohmann's SAX events only to learn of syntax errors and repeated keys.
class StrictScan : public nlohmann::json_sax<json> {
 public:
  StrictScan(std::string_view text, std::vector<ConfigError>& errors)
      : text_(text), errors_(errors) {}

  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool string(string_t&) override { return value(); }
  bool binary(binary_t&) override { return value(); }
  bool start_object(std::size_t) override {
    open_.push_back({false, 0, {}, {}});
    return true;
  }
  bool start_array(std::size_t) override {
    open_.push_back({true, 0, {}, {}});
    return true;
  }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }

  bool key(string_t& key) override {
    Level& level = open_.back();
    level.key = key;
    if (std::find(level.keys.begin(), level.keys.end(), key) != level.keys.end())
      errors_.push_back({pointer(), "the key is there twice", "each key once", {}});
    level.keys.push_back(key);
    return true;
  }

  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::detail::exception&) override {
    errors_.push_back(
        {"",
         fmt::format("not valid JSON at {}{}", position_of(text_, position), near(token)),
         "one JSON object; // and /* */ comments may stand in it",
         {}});
    return false;
  }

 private:
  struct Level {
    bool array;
    std::size_t index;
    std::string key;
    std::vector<std::string> keys;
  };

  bool value() {
    if (!open_.empty() && open_.back().array)
      ++open_.back().index;
    return true;
  }
  bool end() {
    open_.pop_back();
    return value();
  }
  std::string pointer() const {
    std::string text;
    for (const Level& level : open_)
      text += '/' + (level.array ? std::to_string(level.index) : escape_token(level.key));
    return text;
  }

  std::string_view text_;
  std::vector<ConfigError>& errors_;
  std::vector<Level> open_;
};

}  // namespace

std::optional<json> parse_strict_json(std::string_view text, std::vector<ConfigError>& errors) {
  StrictScan scan(text, errors);
  constexpr bool kStrict = true;
  constexpr bool kComments = true;
  if (!json::sax_parse(text, &scan, json::input_format_t::json, kStrict, kComments))
    return std::nullopt;
  return json::parse(text, nullptr, false, kComments);
}

ObjectReader::ObjectReader(const json& object, std::string pointer,
                           std::vector<ConfigError>& errors)
    : object_(&object), pointer_(std::move(pointer)), errors_(&errors) {
  if (object.is_object())
    return;
  errors.push_back({pointer_, "not an object", "a JSON object", {}});
  object_ = &empty_object();
}

std::string ObjectReader::at(std::string_view key) const {
  return pointer_ + '/' + escape_token(key);
}

bool ObjectReader::is_text(std::string_view key) const {
  const auto found = object_->find(key);
  return found != object_->end() && found->is_string();
}

void ObjectReader::fail(std::string_view key, std::string what, std::string allowed,
                        std::string_view nearest) {
  errors_->push_back({at(key), std::move(what), std::move(allowed), std::string(nearest)});
}

void ObjectReader::fail_below(std::string_view path, std::string what, std::string allowed,
                              std::string_view nearest) {
  errors_->push_back({fmt::format("{}/{}", pointer_, path), std::move(what), std::move(allowed),
                      std::string(nearest)});
}

const json* ObjectReader::find(std::string_view key) {
  known_.push_back(key);
  const auto found = object_->find(key);
  return found == object_->end() ? nullptr : &*found;
}

const json* ObjectReader::raw(std::string_view key) {
  return find(key);
}

std::string ObjectReader::text(std::string_view key, std::string fallback) {
  const json* value = find(key);
  if (!value)
    return fallback;
  if (const auto* string = value->get_ptr<const std::string*>())
    return *string;
  fail(key, "not a string", "a string");
  return fallback;
}

std::string ObjectReader::required_text(std::string_view key) {
  const bool present = has(key);
  std::string value = text(key);
  if (!present)
    fail(key, "missing", "a string");
  return value;
}

std::string ObjectReader::choice(std::string_view key, std::span<const std::string_view> allowed,
                                 std::string_view fallback) {
  std::string value = text(key, std::string(fallback));
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end())
    return value;
  fail(key, fmt::format("unknown value {}", json_string(value)), join(allowed, ", "),
       nearest(value, allowed));
  return std::string(fallback);
}

std::int64_t ObjectReader::integer(std::string_view key, std::int64_t low, std::int64_t high,
                                   std::int64_t fallback) {
  const json* value = find(key);
  if (!value)
    return fallback;
  const bool fits = value->is_number_integer() &&
                    (!value->is_number_unsigned() ||
                     value->get<std::uint64_t>() <= static_cast<std::uint64_t>(high));
  if (fits && value->get<std::int64_t>() >= low && value->get<std::int64_t>() <= high)
    return value->get<std::int64_t>();
  fail(key, value->is_number() ? "number out of range" : "not a number",
       fmt::format("an integer from {} to {}", low, high));
  return fallback;
}

bool ObjectReader::boolean(std::string_view key, bool fallback) {
  const json* value = find(key);
  if (!value)
    return fallback;
  if (value->is_boolean())
    return value->get<bool>();
  fail(key, "not a boolean", "true, false");
  return fallback;
}

std::vector<std::string> ObjectReader::texts(std::string_view key) {
  std::vector<std::string> values;
  const json* value = find(key);
  if (!value)
    return values;
  if (!value->is_array()) {
    fail(key, "not an array", "an array of strings");
    return values;
  }
  for (std::size_t i = 0; i < value->size(); ++i) {
    if (const auto* string = value->at(i).get_ptr<const std::string*>())
      values.push_back(*string);
    else
      errors_->push_back({fmt::format("{}/{}", at(key), i), "not a string", "a string", {}});
  }
  return values;
}

void ObjectReader::object(std::string_view key, const std::function<void(ObjectReader&)>& read) {
  const json* value = find(key);
  ObjectReader nested(value ? *value : empty_object(), at(key), *errors_);
  read(nested);
  nested.finish();
}

void ObjectReader::objects(std::string_view key, const std::function<void(ObjectReader&)>& read) {
  const json* value = find(key);
  if (!value || !value->is_array() || value->empty()) {
    fail(key,
         !value              ? "missing"
         : value->is_array() ? "empty"
                             : "not an array",
         "an array of one or more objects");
    return;
  }
  for (std::size_t i = 0; i < value->size(); ++i) {
    ObjectReader nested(value->at(i), fmt::format("{}/{}", at(key), i), *errors_);
    read(nested);
    nested.finish();
  }
}

void ObjectReader::unsupported(std::string_view key) {
  const json* value = find(key);
  const bool asks_for_nothing = !value || value->is_null() || value->empty();
  if (!asks_for_nothing)
    fail(key, "this version of gcstreamd does not serve this key yet", "leave it out");
}

void ObjectReader::finish() {
  for (const auto& [key, value] : object_->items()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end())
      continue;
    std::vector<std::string_view> known(known_);
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    fail(key, "unknown key", join(known, ", "), nearest(key, known));
  }
}

}  // namespace gcstreamd
