#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gcstreamd/core/config.hpp"

namespace gcstreamd {

/// Reads one JSON object key by key, reports what is wrong with a value where it stands, and at the
/// end what is unknown. Lives no longer than the JSON, the errors and the pointer's owner.
class ObjectReader {
 public:
  ObjectReader(const nlohmann::json& object, std::string pointer, std::vector<ConfigError>& errors);

  std::string text(std::string_view key, std::string fallback = {});
  /// A string that must be there.
  std::string required_text(std::string_view key);
  std::string choice(std::string_view key, std::span<const std::string_view> allowed,
                     std::string_view fallback);
  std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high,
                       std::int64_t fallback);
  bool boolean(std::string_view key, bool fallback);
  std::vector<std::string> texts(std::string_view key);
  /// The value, marked as read; null where the key is absent.
  const nlohmann::json* raw(std::string_view key);
  /// Calls `read` with a reader for a nested object, an empty one where the key is absent.
  void object(std::string_view key, const std::function<void(ObjectReader&)>& read);
  /// Calls `read` for each member of an array of objects; absent, empty or another type: an error.
  void objects(std::string_view key, const std::function<void(ObjectReader&)>& read);
  /// Names a key of the contract that this version cannot serve: an error unless it is null or
  /// empty.
  void unsupported(std::string_view key);

  bool has(std::string_view key) const { return object_->contains(key); }
  /// Whether the key is there and holds a string: what else it holds is told when it is read.
  bool is_text(std::string_view key) const;
  std::string at(std::string_view key) const;
  const std::string& pointer() const { return pointer_; }
  void fail(std::string_view key, std::string what, std::string allowed = {},
            std::string_view nearest = {});
  /// As `fail`, for a place further down: `event_types/3`.
  void fail_below(std::string_view path, std::string what, std::string allowed,
                  std::string_view nearest = {});
  /// Reports keys that nobody asked for. Call once, when all are read.
  void finish();

 private:
  const nlohmann::json* find(std::string_view key);

  const nlohmann::json* object_;
  std::string pointer_;
  std::vector<ConfigError>* errors_;
  std::vector<std::string_view> known_;
};

/// Parses JSON with comments; syntax errors and repeated keys are reported with line and column.
std::optional<nlohmann::json> parse_strict_json(std::string_view text,
                                                std::vector<ConfigError>& errors);

}  // namespace gcstreamd
