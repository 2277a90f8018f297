#pragma once

#include <memory>

#include "gcstreamd/core/config.hpp"
#include "gcstreamd/core/redactor.hpp"

namespace gcstreamd {

/// What a sink's `redact` does to the lines that it is given; null where it does nothing: an audit
/// sink writes no line of an event.
std::shared_ptr<Redactor> make_redactor(const SinkConfig& config);

}  // namespace gcstreamd
