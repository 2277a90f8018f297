#pragma once

#include <memory>

#include "gcstreamd/sinks/audit_chain.hpp"
#include "gcstreamd/sinks/file_sink.hpp"
#include "gcstreamd/sinks/seal.hpp"

namespace gcstreamd {

/// The audit log: one JSON record a line, chained by hashes unless configured otherwise.
class AuditSink : public LineSink {
 public:
  AuditSink(const SinkContext& context, const SinkConfig& config, Callbacks callbacks,
            const std::string& stream);

  void append(const Event& event, const Now& now) override;
  void record(const AuditRecord& record, const Now& now) override;
  void configure(const SinkConfig& config, bool shared) override;
  boost::system::error_code open(const SinkStart& start) override;
  std::optional<AuditRecord> on_tick(const Now& now, bool last) override;

 protected:
  std::unique_ptr<TailReader> make_reader(const SinkStart& start) const override;
  void adopt(const TailReader& reader, const SinkStart& start, Mark& found) override;
  void on_rewound() override { chain_.continue_from(log().buffered().head); }

 private:
  std::string load_key(const SinkConfig& config);
  void tell_of_dropped(const Now& now);
  void write_record(const AuditRecord& record, const Now& now);
  void seal(const Now& now);
  std::size_t begin_line(std::string_view type, const Now& now);
  void end_line(std::size_t start);
  void write(std::string_view type, std::string_view fields, const Now& now);
  std::string_view time_text(WallTime time);

  std::string stream_and_type_;  ///< of a line: what stands between its time and its type
  bool chained_;
  AuditChain chain_;
  std::unique_ptr<SealKey> key_;  ///< null: no seals
  SteadyTime seal_at_{};
  std::uint64_t dropped_records_ = 0;  ///< for which there was no room
  std::string time_text_;
  std::chrono::sys_seconds time_second_{};
};

}  // namespace gcstreamd
