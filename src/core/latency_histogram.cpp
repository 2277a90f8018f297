#include "gcstreamd/core/latency_histogram.hpp"

#include <algorithm>

namespace gcstreamd {

void LatencyHistogram::observe(Micros latency) {
  latency = std::max(latency, Micros{0});
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), latency);
  ++buckets_[static_cast<std::size_t>(bound - kBounds.begin())];
  ++count_;
  sum_ += latency;
}

std::optional<LatencyHistogram::Micros> LatencyHistogram::quantile(double share) const {
  if (count_ == 0)
    return std::nullopt;
  const double rank = share * static_cast<double>(count_);
  double below = 0;
  Micros low{0};
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    const auto here = static_cast<double>(buckets_[i]);
    if (here > 0 && below + here >= rank) {
      const double part = (rank - below) / here;
      return low + Micros(static_cast<Micros::rep>(
                       part * static_cast<double>((kBounds[i] - low).count())));
    }
    below += here;
    low = kBounds[i];
  }
  return low;
}

}  // namespace gcstreamd
