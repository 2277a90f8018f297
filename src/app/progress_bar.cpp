#include "gcstreamd/app/progress_bar.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace gcstreamd {
namespace {

constexpr std::chrono::milliseconds kBetween{100};

}  // namespace

ProgressBar::ProgressBar(std::uint64_t total, SteadyTime start)
    : total_(total),
      start_(start),
      next_(start + kBetween),
      terminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  if (shown_)
    std::cerr << "\r\033[K" << std::flush;
}

void ProgressBar::show(std::uint64_t bytes, SteadyTime now) {
  if (!terminal_ || now < next_)
    return;
  next_ = now + kBetween;
  shown_ = true;
  const std::chrono::duration<double> passed = now - start_;
  std::cerr << '\r' << text(bytes, total_, passed.count()) << "\033[K" << std::flush;
}

std::string ProgressBar::text(std::uint64_t bytes, std::uint64_t total, double seconds) {
  constexpr std::size_t kWidth = 30;
  constexpr double kMega = 1e6;
  // A live log may grow while it is read.
  const double part =
      total == 0 ? 1.0 : std::min(1.0, static_cast<double>(bytes) / static_cast<double>(total));
  const auto filled = static_cast<std::size_t>(part * static_cast<double>(kWidth));
  const double speed = seconds > 0 ? static_cast<double>(bytes) / kMega / seconds : 0;
  return fmt::format("[{}{}] {:3.0f} %  {:.0f} MB/s", std::string(filled, '#'),
                     std::string(kWidth - filled, ' '), part * 100, speed);
}

}  // namespace gcstreamd
