#pragma once

#include <boost/system/error_code.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "gcstreamd/core/config.hpp"

namespace gcstreamd {

/// One live file whose rotated files are to be compressed, and deleted where they are too many.
struct ArchiveTask {
  std::string path;  ///< of the live file, as it is configured
  RotateConfig rotate;
  /// The name (without a directory) of the newest rotated file that is synced and closed. Later
  /// ones are not touched; "" touches none.
  std::string finished;
};

struct ArchiveNews {
  enum class Kind {
    compressed,  ///< `path` from `bytes` to `bytes_after`
    deleted,     ///< `files` rotated files of the live file `path`, from `first` to `last`
    failed,      ///< `path` is as it was, because of `error`
  };
  Kind kind = Kind::failed;
  std::string path;
  std::uint64_t bytes = 0;
  std::uint64_t bytes_after = 0;
  std::uint64_t files = 0;
  std::string first;
  std::string last;
  boost::system::error_code error;
};

/// One line for the daemon's log, and for `failed` what to do next ("" for the others).
std::string describe(const ArchiveNews& news);
std::string_view hint(const ArchiveNews& news);

/// Does what `task` asks for, in the calling thread, which waits for the disk. At every moment a
/// rotated file X is there whole, plain or compressed: X is compressed to `X.zst.tmp`, synced,
/// renamed to `X.zst`, and only then deleted; what a crash left of that is cleared and done again.
/// A failure leaves X as it was; the next call tries again. `tell` is called once for each file
/// that was compressed, for what retention deleted, and for each different failure in a row.
/// `stopped` is asked before every block and file.
void tidy_archive(const ArchiveTask& task, const std::function<bool()>& stopped,
                  const std::function<void(ArchiveNews)>& tell);

}  // namespace gcstreamd
