#pragma once

#include <memory>
#include <string>

#include "gcstreamd/sinks/log_file.hpp"
#include "gcstreamd/sinks/sink.hpp"

namespace gcstreamd {

/// Makes a sink of the configured type from the table of types. A type that the configuration let
/// through and the table lacks is a bug: throws std::logic_error.
std::unique_ptr<Sink> make_sink(const SinkContext& context, const SinkConfig& config,
                                const std::string& stream, Sink::Callbacks callbacks);

}  // namespace gcstreamd
