#include "gcstreamd/app/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

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

}  // namespace

std::shared_ptr<spdlog::logger> make_log(const LogConfig& config) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
  auto log = std::make_shared<spdlog::logger>("gcstreamd", std::move(sink));
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<PriorityFlag>('Q');
  formatter->set_pattern(config.target == "journal" ? "%Q%v" : "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v");
  log->set_formatter(std::move(formatter));
  log->set_level(spdlog::level::from_str(config.level));
  log->flush_on(spdlog::level::trace);
  return log;
}

}  // namespace gcstreamd
