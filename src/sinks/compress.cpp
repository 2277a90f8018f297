#include "compress.hpp"

#define ZLIB_CONST
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <memory>
#include <string_view>
#include <vector>

#include "posix.hpp"

namespace gcstreamd {
namespace {

using boost::system::error_code;
namespace errc = boost::system::errc;

constexpr std::size_t kBlock = 256 * 1024;

/// Takes blocks and writes them compressed.
class Compressor {
 public:
  explicit Compressor(int out) : out_(out), buffer_(kBlock) {}
  virtual ~Compressor() = default;
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  virtual bool ready() const = 0;
  /// `last`: nothing follows.
  virtual error_code add(std::string_view block, bool last) = 0;
  std::uint64_t written() const { return written_; }

 protected:
  char* buffer() { return buffer_.data(); }
  error_code write(std::size_t size) {
    if (const auto error = write_all(out_, {buffer_.data(), size}))
      return error;
    written_ += size;
    return {};
  }

 private:
  int out_;
  std::uint64_t written_ = 0;
  std::vector<char> buffer_;
};

class Zstd : public Compressor {
 public:
  explicit Zstd(int out) : Compressor(out), context_(ZSTD_createCCtx(), ZSTD_freeCCtx) {
    constexpr int kLevel = 3;
    ready_ = context_ && set(ZSTD_c_compressionLevel, kLevel) && set(ZSTD_c_checksumFlag, 1);
  }

  bool ready() const override { return ready_; }
  error_code add(std::string_view block, bool last) override {
    ZSTD_inBuffer in{block.data(), block.size(), 0};
    while (true) {
      ZSTD_outBuffer out{buffer(), kBlock, 0};
      const std::size_t left =
          ZSTD_compressStream2(context_.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left) != 0)
        return errc::make_error_code(errc::not_enough_memory);
      if (const auto error = write(out.pos))
        return error;
      if (last ? left == 0 : in.pos == in.size)
        return {};
    }
  }

 private:
  bool set(ZSTD_cParameter key, int value) {
    return ZSTD_isError(ZSTD_CCtx_setParameter(context_.get(), key, value)) == 0;
  }

  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context_;
  bool ready_ = false;
};

class Gzip : public Compressor {
 public:
  explicit Gzip(int out) : Compressor(out) {
    constexpr int kLevel = 6;
    constexpr int kGzipWindow = 15 + 16;
    constexpr int kMemory = 8;
    ready_ = deflateInit2(&stream_, kLevel, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY) ==
             Z_OK;
  }
  ~Gzip() override {
    if (ready_)
      deflateEnd(&stream_);
  }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  bool ready() const override { return ready_; }
  error_code add(std::string_view block, bool last) override {
    stream_.next_in = reinterpret_cast<z_const Bytef*>(block.data());
    stream_.avail_in = static_cast<uInt>(block.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer());
      stream_.avail_out = kBlock;
      deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
      if (const auto error = write(kBlock - stream_.avail_out))
        return error;
    } while (stream_.avail_out == 0);
    return {};
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

std::unique_ptr<Compressor> make_compressor(RotateConfig::Compress way, int out) {
  if (way == RotateConfig::Compress::gzip)
    return std::make_unique<Gzip>(out);
  return std::make_unique<Zstd>(out);
}

boost::system::result<std::size_t> read_block(int fd, std::vector<char>& block) {
  while (true) {
    const ssize_t got = ::read(fd, block.data(), block.size());
    if (got >= 0)
      return static_cast<std::size_t>(got);
    if (errno != EINTR)
      return last_error();
  }
}

}  // namespace

boost::system::result<Compressed> compress(int in, std::uint64_t size, int out,
                                           RotateConfig::Compress way,
                                           const std::function<bool()>& stopped) {
  const auto compressor = make_compressor(way, out);
  if (!compressor->ready())
    return errc::make_error_code(errc::not_enough_memory);
  std::vector<char> block(kBlock);
  Compressed result;
  while (!stopped()) {
    const auto got = read_block(in, block);
    if (!got)
      return got.error();
    result.before += *got;
    if (result.before > size || (*got == 0 && result.before < size))
      return errc::make_error_code(errc::device_or_resource_busy);
    if (const auto error = compressor->add({block.data(), *got}, *got == 0))
      return error;
    result.after = compressor->written();
    if (*got == 0)
      return result;
  }
  return errc::make_error_code(errc::operation_canceled);
}

}  // namespace gcstreamd
