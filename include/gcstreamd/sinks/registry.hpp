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

/// Whether the sink's path can be opened for appending: creates the file where there is none. Asked
/// before a configuration is applied, so that a misspelt path is rejected with it.
boost::system::error_code probe_sink(const SinkContext& context, const SinkConfig& config);

}  // namespace gcstreamd
