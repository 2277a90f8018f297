#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gcstreamd/core/config.hpp"
#include "gcstreamd/core/config_reader.hpp"

namespace gcstreamd {

inline constexpr std::int64_t kDay = 86400;
inline constexpr std::int64_t kDayMs = kDay * 1000;

/// What reading a configuration needs besides the JSON, and what it yields besides the values.
struct Context {
  const ConfigInputs& inputs;
  ConfigResult& result;

  std::string variable(std::string_view name) const {
    const auto found = inputs.environment.find(name);
    return found == inputs.environment.end() ? std::string() : found->second;
  }
};

/// A stream's or sink's name; without a fallback it must be given.
std::string read_name(ObjectReader& in, std::string fallback);
/// Reports each of `event_types` that is not allowed or there twice.
void check_event_types(ObjectReader& in, const std::vector<std::string>& types,
                       std::span<const std::string_view> allowed);

/// A sink's `redact`, with the keys that it needs.
std::vector<RedactRule> read_redact(ObjectReader& in, const Context& context);
/// `stream`: as far as it was read, its event types included.
SinkConfig read_sink(ObjectReader& in, Context& context, const StreamConfig& stream);
/// The key `proxy`, else $HTTPS_PROXY and $NO_PROXY; after the endpoints were read.
void read_proxy(ObjectReader& in, Context& context, StreamConfig& stream);
void read_oauth(ObjectReader& in, const Context& context, StreamConfig& stream);
StreamConfig read_stream(ObjectReader& in, Context& context);
/// What the protocol `notifications` has, or that it has no place here.
void read_notifications(ObjectReader& in, StreamConfig& stream);
/// Whether the channels of all streams fit in what the service allows one client.
void check_channels(ObjectReader& in, Context& context);

}  // namespace gcstreamd
