#pragma once

#include <memory>
#include <vector>

#include "gcstreamd/core/protocol.hpp"

namespace gcstreamd {

/// The tutorial's protocol, `analytics-stream`.
class AnalyticsStream : public Protocol {
 public:
  AnalyticsStream(std::vector<std::string> event_types, unsigned buffer_size);
  ~AnalyticsStream() override;

  /// For the next subscription.
  void configure(std::vector<std::string> event_types, unsigned buffer_size);

  Frame decode(std::string_view message) override;
  std::string subscription(std::string_view id,
                           std::optional<SequenceNumber> position) const override;

 private:
  class Decoder;

  std::vector<std::string> event_types_;
  unsigned buffer_size_;
  std::unique_ptr<Decoder> decoder_;
};

}  // namespace gcstreamd
