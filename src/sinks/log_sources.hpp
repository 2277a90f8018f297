#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gcstreamd/sinks/log_source.hpp"
#include "posix.hpp"

namespace gcstreamd {

/// A file as it is stored.
class PlainSource : public LogSource {
 public:
  explicit PlainSource(int fd) : file_(fd) {}

  std::size_t read(char* to, std::size_t room) override;
  ReadFault fault() const override { return fault_; }
  std::uint64_t consumed() const override { return consumed_; }
  int descriptor() const { return file_.get(); }

 private:
  Descriptor file_;
  ReadFault fault_;
  std::uint64_t consumed_ = 0;
};

/// What decompressors have in common: stored bytes in blocks, and a fault that ends all.
class Decompressor : public LogSource {
 public:
  explicit Decompressor(std::unique_ptr<PlainSource> stored);

  ReadFault fault() const override { return fault_; }
  std::uint64_t consumed() const override { return stored_->consumed() - (end_ - at_); }

 protected:
  /// Makes sure that there are stored bytes to use. False at their end, or at a fault.
  bool fill();
  const unsigned char* input() const { return block_.data() + at_; }
  std::size_t input_size() const { return end_ - at_; }
  void used(std::size_t bytes) { at_ += bytes; }
  /// Sets the fault. Returns 0, for read.
  std::size_t fail(ReadFault::Kind kind, std::string what);
  bool failed() const { return fault_.kind != ReadFault::Kind::none; }

 private:
  std::unique_ptr<PlainSource> stored_;
  std::vector<unsigned char> block_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  ReadFault fault_;
};

/// gzip members and zstd frames, one or several behind each other.
std::unique_ptr<LogSource> make_gzip_source(std::unique_ptr<PlainSource> stored);
std::unique_ptr<LogSource> make_zstd_source(std::unique_ptr<PlainSource> stored);

}  // namespace gcstreamd
