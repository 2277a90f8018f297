#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <functional>

#include "gcstreamd/core/config.hpp"

namespace gcstreamd {

struct Compressed {
  std::uint64_t before = 0;  ///< bytes read
  std::uint64_t after = 0;   ///< bytes written
};

/// Reads the `size` bytes that `in` has and writes them to `out`, zstd at level 3 with a checksum
/// or gzip at level 6, through two buffers of a fixed size. `stopped` is asked before each block;
/// where it says so, the call ends with operation_canceled; where there are more or fewer bytes
/// than `size`, with device_or_resource_busy.
boost::system::result<Compressed> compress(int in, std::uint64_t size, int out,
                                           RotateConfig::Compress way,
                                           const std::function<bool()>& stopped);

}  // namespace gcstreamd
