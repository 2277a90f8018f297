#include <zlib.h>

#include <new>

#include "log_sources.hpp"

namespace gcstreamd {
namespace {

class GzipSource : public Decompressor {
 public:
  explicit GzipSource(std::unique_ptr<PlainSource> stored) : Decompressor(std::move(stored)) {
    constexpr int kGzipOnly = 16;
    if (inflateInit2(&stream_, MAX_WBITS + kGzipOnly) != Z_OK)
      throw std::bad_alloc();
  }
  ~GzipSource() override { inflateEnd(&stream_); }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  std::size_t read(char* to, std::size_t room) override {
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(room);
    while (stream_.avail_out > 0 && !failed())
      if (!step())
        break;
    return room - stream_.avail_out;
  }

 private:
  /// False at the end.
  bool step() {
    if (!fill()) {
      if (in_member_)
        fail(ReadFault::Kind::damaged, "the gzip data are cut off");
      return false;
    }
    in_member_ = true;
    stream_.next_in = const_cast<Bytef*>(input());
    stream_.avail_in = static_cast<uInt>(input_size());
    const int result = inflate(&stream_, Z_NO_FLUSH);
    used(input_size() - stream_.avail_in);
    if (result == Z_STREAM_END) {
      in_member_ = false;
      inflateReset(&stream_);
    } else if (result != Z_OK) {
      fail(ReadFault::Kind::damaged, std::string("the gzip data are damaged: ") +
                                         (stream_.msg ? stream_.msg : "no such data"));
    }
    return true;
  }

  z_stream stream_{};
  bool in_member_ = true;
};

}  // namespace

std::unique_ptr<LogSource> make_gzip_source(std::unique_ptr<PlainSource> stored) {
  return std::make_unique<GzipSource>(std::move(stored));
}

}  // namespace gcstreamd
