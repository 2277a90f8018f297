#include "gcstreamd/app/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include "gcstreamd/app/journal_socket.hpp"
#include "gcstreamd/core/text.hpp"
#include "gcstreamd/sinks/output_descriptor.hpp"

namespace gcstreamd {
namespace {

using Line = spdlog::details::log_msg;

/// syslog(3)'s priority for a level.
char priority(spdlog::level::level_enum level) {
  return level >= spdlog::level::err    ? '3'
         : level == spdlog::level::warn ? '4'
         : level == spdlog::level::info ? '6'
                                        : '7';
}

/// systemd's priority prefix (sd-daemon(3)).
class PriorityFlag : public spdlog::custom_flag_formatter {
 public:
  void format(const Line& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const char prefix[] = {'<', priority(message.level), '>'};
    out.append(prefix, prefix + sizeof prefix);
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<PriorityFlag>();
  }
};

std::string_view view(const char* text) {
  return text ? text : std::string_view();
}

/// The journal's entry for a line; its fields are those of `about`.
JournalEntry entry_of(const Line& line) {
  const char level = priority(line.level);
  JournalEntry entry;
  entry.field("MESSAGE", {line.payload.data(), line.payload.size()})
      .field("PRIORITY", {&level, 1})
      .field("SYSLOG_IDENTIFIER", {line.logger_name.data(), line.logger_name.size()})
      .field("STREAM", view(line.source.filename))
      .field("EVENT", view(line.source.funcname));
  return entry;
}

/// The journal, or standard error that never makes the daemon wait: what its reader does not take
/// in time is dropped, whole lines only, and counted.
class LogSink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit LogSink(const std::string& journal_socket) : journal_(journal_socket) {
    static_cast<void>(out_.open(STDERR_FILENO));
  }
  void use_journal(bool use) { use_journal_ = use; }

 protected:
  void sink_it_(const Line& message) override {
    const std::string shown = for_terminal({message.payload.data(), message.payload.size()});
    Line clean = message;
    clean.payload = shown;
    if (!use_journal_ || !journal_.send(entry_of(clean)))
      to_stderr(clean);
  }
  void flush_() override {}

 private:
  void to_stderr(const Line& message) {
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

  void write() {
    std::string_view rest = waiting_;
    const auto error = out_.write(rest);
    const bool later = error == boost::system::errc::operation_would_block ||
                       error == boost::system::errc::resource_unavailable_try_again;
    waiting_.erase(0, error && !later ? waiting_.size() : waiting_.size() - rest.size());
  }

  JournalSocket journal_;
  bool use_journal_ = false;
  OutputDescriptor out_;
  std::string waiting_;
  std::uint64_t dropped_ = 0;
};

}  // namespace

std::shared_ptr<spdlog::logger> make_log(const LogConfig& config,
                                         const std::string& journal_socket) {
  auto sink = std::make_shared<LogSink>(journal_socket);
  auto log = std::make_shared<spdlog::logger>("gcstreamd", std::move(sink));
  configure_log(*log, config);
  return log;
}

void configure_log(spdlog::logger& log, const LogConfig& config) {
  for (const auto& sink : log.sinks())
    if (auto* ours = dynamic_cast<LogSink*>(sink.get()))
      ours->use_journal(config.target == "journal");
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<PriorityFlag>('Q');
  formatter->set_pattern(config.target == "journal" ? "%Q%v" : "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v");
  log.set_formatter(std::move(formatter));
  log.set_level(spdlog::level::from_str(config.level));
}

}  // namespace gcstreamd
