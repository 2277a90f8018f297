// Writes bytes in small pieces over some time.
//
// Ownership: borrows the stream, which `done` must keep alive. When the socket is closed meanwhile,
// the next piece fails. Threads: the io_context's one thread.
#pragma once

#include <boost/system/error_code.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "simulator/tls_stream.hpp"

namespace gcstream_sim {

void drip(TlsStream& stream, std::string bytes, std::chrono::milliseconds over,
          std::function<void(boost::system::error_code)> done);

}  // namespace gcstream_sim
