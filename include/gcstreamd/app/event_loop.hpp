#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>

namespace gcstreamd {

/// Runs an io_context on this thread and calls `flush` whenever nothing more is ready, and after
/// four milliseconds, at the end of a handler, while something always is: that is what "written
/// once a batch, visible at once when traffic is low" means here. Returns when the context is
/// stopped or out of work.
void run_event_loop(boost::asio::io_context& context, const std::function<void()>& flush);

}  // namespace gcstreamd
