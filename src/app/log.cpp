#include "gcstreamd/app/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include "gcstreamd/sinks/output_descriptor.hpp"

namespace gcstreamd {
namespace {

/// systemd's priority prefix (sd-daemon(3)) for a level.
class PriorityFlag : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const char digit = message.level >= spdlog::level::err    ? '3'
                       : message.level == spdlog::level::warn ? '4'
                       : message.level == spdlog::level::info ? '6'
                                                              : '7';
    const char prefix[] = {'<', digit, '>'};
    out.append(prefix, prefix + sizeof prefix);
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<PriorityFlag>();
  }
};

/// Standard error that never makes the daemon wait: what its reader does not take in time is
/// dropped, whole lines only, and counted.
class StderrSink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  StderrSink() { static_cast<void>(out_.open(STDERR_FILENO)); }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    constexpr std::size_t kMaxWaiting = 65536;
    if (waiting_.size() > kMaxWaiting)
      write();
    if (waiting_.size() > kMaxWaiting) {
      ++dropped_;
      return;
    }
    if (dropped_ > 0)
      waiting_ += fmt::format("({} lines of this log were dropped: its reader was slow)\n",
                              std::exchange(dropped_, 0));
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    waiting_.append(line.data(), line.size());
    write();
  }
  void flush_() override {}

 private:
  void write() {
    std::string_view rest = waiting_;
    const auto error = out_.write(rest);
    const bool later = error == boost::system::errc::operation_would_block ||
                       error == boost::system::errc::resource_unavailable_try_again;
    waiting_.erase(0, error && !later ? waiting_.size() : waiting_.size() - rest.size());
  }

  OutputDescriptor out_;
  std::string waiting_;
  std::uint64_t dropped_ = 0;
};

}  // namespace

std::shared_ptr<spdlog::logger> make_log(const LogConfig& config) {
  auto sink = std::make_shared<StderrSink>();
  auto log = std::make_shared<spdlog::logger>("gcstreamd", std::move(sink));
  configure_log(*log, config);
  return log;
}

void configure_log(spdlog::logger& log, const LogConfig& config) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<PriorityFlag>('Q');
  formatter->set_pattern(config.target == "journal" ? "%Q%v" : "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v");
  log.set_formatter(std::move(formatter));
  log.set_level(spdlog::level::from_str(config.level));
}

}  // namespace gcstreamd
