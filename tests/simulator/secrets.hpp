// Random credentials. Any thread.
#pragma once

#include <cstddef>
#include <string>

namespace gcstream_sim {

// Lower-case hex of `bytes` random bytes that nobody can guess.
std::string random_hex(std::size_t bytes);

}  // namespace gcstream_sim
