#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "gcstreamd/sinks/mark.hpp"

namespace gcstreamd {

/// A file that only grows. All calls but `sync` are made by the loop's thread; `sync` by a pool's.
class AppendFile {
 public:
  virtual ~AppendFile() = default;

  /// Writes all of `bytes`, or leaves the file as it was.
  virtual boost::system::error_code append(std::string_view bytes) = 0;
  /// Makes what was appended or cut durable. After a failure the object may be read and cut, and
  /// nothing else.
  virtual boost::system::error_code sync() = 0;
  /// Cuts the file back to `size` bytes.
  virtual boost::system::error_code truncate(std::uint64_t size) = 0;
  virtual std::uint64_t size() const = 0;
  /// The bytes from `from` up to `to`; fewer where the file is shorter.
  virtual boost::system::result<std::string> read(std::uint64_t from, std::uint64_t to) = 0;
  virtual FileId id() const = 0;
  /// False for pipes and devices, which have no content to go back to.
  virtual bool regular() const = 0;
  /// Permission bits.
  virtual unsigned mode() const = 0;
};

}  // namespace gcstreamd
