#pragma once

#include <zlib.h>
#include <zstd.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "helpers/temp_dir.hpp"

namespace gcstreamd {

/// What a whole zstd file holds; its checksum is checked.
inline std::string unzstd(const std::string& path) {
  const std::string packed = TempDir::read(path);
  const auto close = [](ZSTD_DCtx* context) { ZSTD_freeDCtx(context); };
  const std::unique_ptr<ZSTD_DCtx, decltype(close)> context(ZSTD_createDCtx(), close);
  std::string text;
  std::string block(1U << 20U, '\0');
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  std::size_t left = 1;
  while (left != 0) {
    ZSTD_outBuffer out{block.data(), block.size(), 0};
    left = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(left) != 0 || (out.pos == 0 && in.pos == in.size && left != 0))
      throw std::runtime_error(path + ": not a whole zstd frame");
    text.append(block, 0, out.pos);
  }
  return text;
}

/// What a whole gzip file holds; its checksum is checked.
inline std::string gunzip(const std::string& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  std::string text;
  std::string block(1U << 20U, '\0');
  int got = 0;
  while ((got = gzread(file, block.data(), static_cast<unsigned>(block.size()))) > 0)
    text.append(block, 0, static_cast<std::size_t>(got));
  const bool whole = got == 0 && gzdirect(file) == 0;
  if (gzclose(file) != Z_OK || !whole)
    throw std::runtime_error(path + ": not a whole gzip file");
  return text;
}

}  // namespace gcstreamd
