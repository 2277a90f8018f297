#include <zstd.h>
#include <zstd_errors.h>

#include <new>

#include "log_sources.hpp"

namespace gcstreamd {
namespace {

class ZstdSource : public Decompressor {
 public:
  explicit ZstdSource(std::unique_ptr<PlainSource> stored)
      : Decompressor(std::move(stored)), stream_(ZSTD_createDStream()) {
    if (!stream_)
      throw std::bad_alloc();
  }

  std::size_t read(char* to, std::size_t room) override {
    ZSTD_outBuffer out{to, room, 0};
    while (out.pos < out.size && !failed())
      if (!step(out))
        break;
    return out.pos;
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };

  /// False at the end.
  bool step(ZSTD_outBuffer& out) {
    fill();
    // Also without any input: what a full output held back comes now.
    ZSTD_inBuffer in{input(), input_size(), 0};
    const std::size_t before = out.pos;
    const bool at_a_frames_end = in.size == 0 && !in_frame_;
    if (failed() || at_a_frames_end)
      return false;
    const std::size_t result = ZSTD_decompressStream(stream_.get(), &out, &in);
    used(in.pos);
    if (ZSTD_isError(result) != 0)
      tell(result);
    else if (in.size == 0 && out.pos == before)
      fail(ReadFault::Kind::damaged, "the zstd data are cut off");
    in_frame_ = result != 0;
    return !failed();
  }

  void tell(std::size_t result) {
    if (ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge)
      fail(ReadFault::Kind::unreadable,
           "its zstd window is over 128 MiB: decompress it first (zstd -d --long=31)");
    else
      fail(ReadFault::Kind::damaged,
           std::string("the zstd data are damaged: ") + ZSTD_getErrorName(result));
  }

  std::unique_ptr<ZSTD_DStream, Free> stream_;
  bool in_frame_ = true;
};

}  // namespace

std::unique_ptr<LogSource> make_zstd_source(std::unique_ptr<PlainSource> stored) {
  return std::make_unique<ZstdSource>(std::move(stored));
}

}  // namespace gcstreamd
