#include "config_context.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <set>

#include "gcstreamd/core/rotation.hpp"
#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

using std::chrono::milliseconds;

bool valid_name(std::string_view name) {
  constexpr std::size_t kLongest = 32;
  const auto letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= kLongest && letter_or_digit(name[0]) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return letter_or_digit(c) || c == '-'; });
}

SinkConfig::Sync read_sync(ObjectReader& in) {
  constexpr auto kModes = std::to_array<std::string_view>({"interval", "batch", "never"});
  const std::string mode = in.choice("fsync", kModes, "interval");
  return mode == "batch"   ? SinkConfig::Sync::batch
         : mode == "never" ? SinkConfig::Sync::never
                           : SinkConfig::Sync::interval;
}

unsigned read_mode(ObjectReader& in) {
  const std::string text = in.text("mode", "0640");
  const bool octal = (text.size() == 3 || text.size() == 4) &&
                     text.find_first_not_of("01234567") == std::string::npos;
  const auto mode = octal ? static_cast<unsigned>(std::stoul(text, nullptr, 8)) : 0U;
  if ((mode & 0600U) != 0600U || mode > 0777U)
    in.fail("mode", "not a file mode",
            "a string of octal digits that lets the owner write, "
            "such as \"0640\"");
  return mode;
}

std::uint64_t read_bytes(ObjectReader& in, std::string_view key) {
  constexpr std::int64_t kMost = std::int64_t{1} << 50;
  return static_cast<std::uint64_t>(in.integer(key, 0, kMost, 0));
}

RotateConfig::Compress read_compress(ObjectReader& in) {
  constexpr auto kWays = std::to_array<std::string_view>({"none", "gzip", "zstd"});
  const std::string way = in.choice("compress", kWays, "none");
  return way == "gzip"   ? RotateConfig::Compress::gzip
         : way == "zstd" ? RotateConfig::Compress::zstd
                         : RotateConfig::Compress::none;
}

void warn_of_no_rotation(const ObjectReader& in, Context& context, const RotateConfig& rotate) {
  if (rotate.max_bytes > 0 || rotate.max_age.count() > 0)
    return;
  const std::pair<std::string_view, bool> idle[] = {
      {"keep", rotate.keep > 0},
      {"max_total_bytes", rotate.max_total_bytes > 0},
      {"compress", rotate.compress != RotateConfig::Compress::none}};
  for (const auto& [key, is_set] : idle)
    if (is_set)
      context.result.warnings.push_back(
          fmt::format("{}: nothing is ever rotated: set max_bytes or max_age_s too", in.at(key)));
}

void read_rotate(ObjectReader& in, Context& context, RotateConfig& rotate) {
  constexpr std::uint64_t kLeastBytes = 4096;
  constexpr std::int64_t kMostFiles = 1000000;
  rotate.max_bytes = read_bytes(in, "max_bytes");
  if (rotate.max_bytes > 0 && rotate.max_bytes < kLeastBytes)
    in.fail("max_bytes", "too small", fmt::format("0 (never), or {} and more", kLeastBytes));
  rotate.max_age = std::chrono::seconds(in.integer("max_age_s", 0, 3650 * kDay, 0));
  rotate.keep = static_cast<std::uint64_t>(in.integer("keep", 0, kMostFiles, 0));
  rotate.max_total_bytes = read_bytes(in, "max_total_bytes");
  if (rotate.max_total_bytes > 0 && rotate.max_total_bytes < rotate.max_bytes)
    in.fail("max_total_bytes", "smaller than max_bytes, and the live file counts too",
            "0 (no limit), or max_bytes and more");
  rotate.compress = read_compress(in);
  warn_of_no_rotation(in, context, rotate);
}

void read_file_keys(ObjectReader& in, Context& context, SinkConfig& sink) {
  sink.path = in.required_text("path");
  if (in.is_text("path") && sink.path.empty())
    in.fail("path", "empty", "the path of a file");
  if (looks_rotated(sink.path))
    in.fail("path", "the name of a rotated file", "a path without a time and number at its end");
  sink.sync = read_sync(in);
  sink.sync_interval = milliseconds(in.integer("fsync_interval_ms", 1, 3600000, 100));
  sink.mode = read_mode(in);
  in.object("rotate", [&](ObjectReader& keys) { read_rotate(keys, context, sink.rotate); });
}

void check_seal_key(ObjectReader& in, const ConfigInputs& inputs, const std::string& path) {
  std::string fault = inputs.secret_file_fault(path);
  if (fault.empty())
    fault = inputs.seal_key_fault(path);
  if (!fault.empty())
    in.fail("key_file", fmt::format("{}: {}", path, fault),
            "a file with an Ed25519 private key in it that only its owner (and group) can read");
}

void read_seal(ObjectReader& in, const Context& context, SinkConfig& sink) {
  const nlohmann::json* value = in.raw("seal");
  if (!value || value->is_null())
    return;
  if (!value->is_object())
    return in.fail("seal", "not an object", "a JSON object");
  if (!sink.chain)
    in.fail("seal", "given beside \"chain\": false",
            "either of the two: only a chain can be sealed");
  SealConfig& seal = sink.seal.emplace();
  in.object("seal", [&](ObjectReader& keys) {
    constexpr std::int64_t kMost = 365 * kDay;
    seal.interval = std::chrono::seconds(keys.integer("interval_s", 1, kMost, 3600));
    seal.key_file = keys.required_text("key_file");
    if (keys.is_text("key_file"))
      check_seal_key(keys, context.inputs, seal.key_file);
  });
}

}  // namespace

std::string read_name(ObjectReader& in, std::string fallback) {
  const bool wanted = fallback.empty();
  std::string name = wanted ? in.required_text("name") : in.text("name", std::move(fallback));
  if (in.is_text("name") && !valid_name(name))
    in.fail("name", "not a name", "a letter or digit, then up to 31 of a-z, 0-9 and -");
  return name;
}

void check_event_types(ObjectReader& in, const std::vector<std::string>& types,
                       std::span<const std::string_view> allowed) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::string key = fmt::format("event_types/{}", i);
    const bool known = std::find(allowed.begin(), allowed.end(), types[i]) != allowed.end();
    if (!known)
      in.fail_below(key, fmt::format("unknown event type {}", json_string(types[i])),
                    join(allowed, ", "), nearest(types[i], allowed));
    else if (!seen.insert(types[i]).second)
      in.fail_below(key, "the event type is there twice", "each event type once");
  }
}

SinkConfig read_sink(ObjectReader& in, Context& context, const StreamConfig& stream) {
  constexpr auto kTypes = std::to_array<std::string_view>({"stdout", "file", "audit"});
  SinkConfig sink;
  if (!in.has("type"))
    in.fail("type", "missing", join(kTypes, ", "));
  sink.type = in.choice("type", kTypes, "file");
  sink.name = read_name(in, sink.type);
  sink.required = in.boolean("required", sink.type != "stdout");
  if (sink.type == "stdout" && sink.required)
    in.fail("required", "a stdout sink cannot be required", "false");
  sink.event_types = in.texts("event_types");
  std::vector<std::string_view> allowed(stream.event_types.begin(), stream.event_types.end());
  if (stream.protocol == ProtocolKind::notifications)  // any topic's last part may be one
    allowed.assign(sink.event_types.begin(), sink.event_types.end());
  check_event_types(in, sink.event_types, allowed);
  in.object("retry", [&](ObjectReader& retry) {
    sink.retry.base = milliseconds(retry.integer("base_delay_ms", 1, kDayMs, 1000));
    sink.retry.max = milliseconds(retry.integer("max_delay_ms", 1, kDayMs, 30000));
  });
  sink.redact = read_redact(in, context);
  if (sink.type != "stdout")
    read_file_keys(in, context, sink);
  if (sink.type == "audit") {
    sink.chain = in.boolean("chain", true);
    read_seal(in, context, sink);
  }
  return sink;
}

}  // namespace gcstreamd
