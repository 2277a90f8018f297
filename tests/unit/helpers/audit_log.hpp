#pragma once

#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "gcstreamd/sinks/audit_chain.hpp"
#include "gcstreamd/sinks/seal.hpp"
#include "helpers/temp_dir.hpp"

namespace gcstreamd {

/// The key of docs/audit-log.md's worked example: the bytes 0 to 31.
inline constexpr std::string_view kSealPem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"
    "-----END PRIVATE KEY-----\n";
inline constexpr std::string_view kSealPublicPem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=\n"
    "-----END PUBLIC KEY-----\n";
/// Another one: the bytes 1 to 32.
inline constexpr std::string_view kOtherSealPem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g\n"
    "-----END PRIVATE KEY-----\n";
inline constexpr std::string_view kOtherSealPublicPem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAebVWLo/mVPlAeLES6KmLp5AfhTrmlb7X4OORC60ElmQ=\n"
    "-----END PUBLIC KEY-----\n";

inline std::string write_private(const TempDir& dir, std::string_view name, std::string_view text) {
  const std::string path = dir.write(name, text);
  std::filesystem::permissions(
      path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return path;
}

inline std::unique_ptr<SealKey> seal_key(const TempDir& dir, std::string_view pem = kSealPem) {
  std::string fault;
  auto key = SealKey::load(write_private(dir, "seal.pem", pem), fault);
  if (!key)
    throw std::runtime_error(fault);
  return key;
}

inline SealPublicKeys public_keys(const TempDir& dir, std::string_view pem = kSealPublicPem) {
  std::string fault;
  auto keys = SealPublicKeys::load(dir.write("seal.pub", pem), fault);
  if (!keys)
    throw std::runtime_error(fault);
  return *std::move(keys);
}

/// Writes an audit log's lines, as an audit sink does.
class LogMaker {
 public:
  explicit LogMaker(std::string stream = "main", bool chained = true)
      : stream_(std::move(stream)), chained_(chained) {}

  void add(std::string_view type, std::string_view fields = {}) {
    begin(type);
    line_ += fields;
    end();
  }
  void event(std::uint64_t number) {
    add("event_received", R"(,"eventType":"a","sequenceNumber":)" + std::to_string(number));
  }
  void events(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t number = from; number <= to; ++number)
      event(number);
  }
  void seal(const SealKey& key) {
    begin("seal");
    add_seal(line_, 0, seal_, chain_.head(), key);
    end();
    seal_ = {seal_.number + 1, chain_.head().hash};
  }

  /// Without their line breaks.
  const std::vector<std::string>& lines() const { return lines_; }
  /// Lines `from` up to and without `to`, with their line breaks.
  std::string text(std::size_t from = 0, std::size_t to = SIZE_MAX) const {
    std::string all;
    for (std::size_t i = from; i < std::min(to, lines_.size()); ++i)
      all += lines_[i] + '\n';
    return all;
  }
  const SealHead& last_seal() const { return seal_; }
  const ChainHead& head() const { return chain_.head(); }

 private:
  void begin(std::string_view type) {
    const std::string count = std::to_string(100000 + lines_.size());
    line_ = R"({"ts":"2026-11-23T18:44:55.)" + count + R"(Z","stream":")" + stream_ +
            R"(","type":")" + std::string(type) + '"';
  }
  void end() {
    if (chained_)
      chain_.seal_line(line_, 0);
    else
      line_ += "}\n";
    line_.pop_back();
    lines_.push_back(line_);
  }

  std::string stream_;
  bool chained_;
  AuditChain chain_;
  SealHead seal_;
  std::string line_;
  std::vector<std::string> lines_;
};

inline std::string gzipped(std::string_view text) {
  constexpr int kGzip = 16;
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzip, 8,
               Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// With a checksum at its end, as the zstd command makes it.
inline std::string zstd_compressed(std::string_view text) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return out;
}

}  // namespace gcstreamd
