#include "gcstreamd/sinks/audit_sink.hpp"

#include "gcstreamd/core/text.hpp"
#include "gcstreamd/core/time_format.hpp"

namespace gcstreamd {
namespace {

/// While its file cannot be written, records wait in memory: up to so many bytes.
constexpr std::size_t kMaxWaiting = 4 * 1024 * 1024;

std::uint64_t records_in(std::string_view lines) {
  std::uint64_t count = 0;
  for (std::size_t at = 0; at < lines.size(); ++count) {
    const auto end = lines.find('\n', at);
    if (lines.substr(at, end - at).find(R"("type":"event_received")") != std::string_view::npos)
      --count;
    at = end + 1;
  }
  return count;
}

}  // namespace

AuditSink::AuditSink(const SinkContext& context, const SinkConfig& config, Callbacks callbacks,
                     const std::string& stream)
    : LineSink(context, config, std::move(callbacks)),
      stream_and_type_("\",\"stream\":" + json_string(stream) + ",\"type\":\""),
      chained_(config.chain) {}

std::unique_ptr<TailReader> AuditSink::make_reader(const SinkStart& start) const {
  if (!start.saved)
    return std::make_unique<AuditTailReader>(chained_, std::nullopt);
  return std::make_unique<AuditTailReader>(chained_, start.saved->head, start.saved->seal);
}

/// The file is the truth about itself; the saved head serves a file that was moved away.
void AuditSink::adopt(const TailReader& reader, const SinkStart& start, Mark& found) {
  const auto head = reader.head();
  const ChainHead saved = start.saved ? start.saved->head : ChainHead{};
  chain_.continue_from(head && head->n >= saved.n ? *head : saved);
  found.head = chain_.head();
  found.seal = reader.seal();
}

boost::system::error_code AuditSink::open(const SinkStart& start) {
  if (const std::string fault = load_key(config()); !fault.empty()) {
    explain(fault);
    return boost::system::errc::make_error_code(boost::system::errc::invalid_argument);
  }
  // An opening that came to nothing leaves records behind that nobody sends again.
  const std::uint64_t waited = records_in(log().buffer());
  const auto error = LineSink::open(start);
  if (!error)
    dropped_records_ += waited;
  return error;
}

/// Returns what is wrong with the key's file, or "". Where it is, the key of before stays.
std::string AuditSink::load_key(const SinkConfig& config) {
  if (!config.seal) {
    key_.reset();
    return {};
  }
  std::string fault;
  auto key = SealKey::load(config.seal->key_file, fault);
  if (key)
    key_ = std::move(key);
  return fault.empty() ? fault : config.seal->key_file + ": " + fault;
}

/// The first seal does not wait: it is of what a crash left unsealed, or of another key. Nothing is
/// sealed twice.
std::optional<AuditRecord> AuditSink::on_tick(const Now& now, bool last) {
  tell_of_dropped(now);
  if (!key_ || !chained_)
    return std::nullopt;
  const bool is_sealed = chain_.head().hash == log().buffered().seal.hash;
  if ((now.steady < seal_at_ && !last) || is_sealed)
    return std::nullopt;
  seal_at_ = now.steady + config().seal->interval;
  seal(now);
  const Mark& mark = log().buffered();
  return AuditRecord("audit_sealed")
      .text("sink", config().name)
      .number("sealNumber", mark.seal.number)
      .number("record", mark.head.n)
      .text("hash", mark.head.hash);
}

void AuditSink::seal(const Now& now) {
  Mark& mark = log().buffered();
  const std::size_t start = begin_line("seal", now);
  add_seal(log().buffer(), start, mark.seal, chain_.head(), *key_);
  end_line(start);
  mark.seal = {mark.seal.number + 1, chain_.head().hash};
}

void AuditSink::append(const Event& event, const Now& now) {
  const std::size_t start = begin_line("event_received", now);
  std::string& line = log().buffer();
  line += ",\"eventType\":";
  append_json_string(line, event.type);
  if (event.number != kNoNumber) {
    line += ",\"sequenceNumber\":";
    line += std::to_string(event.number);
  }
  end_line(start);
  took_event();
}

void AuditSink::record(const AuditRecord& record, const Now& now) {
  if (log().buffered().record_bytes - log().written().record_bytes >= kMaxWaiting) {
    ++dropped_records_;
    return;
  }
  tell_of_dropped(now);
  write_record(record, now);
}

void AuditSink::tell_of_dropped(const Now& now) {
  if (const auto dropped = std::exchange(dropped_records_, 0); dropped > 0)
    write_record(AuditRecord("records_dropped")
                     .number("count", dropped)
                     .text("hint", "the daemon's own log has them: the file could not be written"),
                 now);
}

void AuditSink::write_record(const AuditRecord& record, const Now& now) {
  const std::size_t before = log().buffer().size();
  write(record.type(), record.fields(), now);
  log().buffered().record_bytes += log().buffer().size() - before;
}

void AuditSink::configure(const SinkConfig& config, bool shared) {
  chained_ = config.chain;
  load_key(config);  // it was looked at before the configuration was taken
  seal_at_ = {};
  LineSink::configure(config, shared);
}

void AuditSink::write(std::string_view type, std::string_view fields, const Now& now) {
  const std::size_t start = begin_line(type, now);
  log().buffer() += fields;
  end_line(start);
}

std::size_t AuditSink::begin_line(std::string_view type, const Now& now) {
  std::string& lines = log().buffer();
  const std::size_t start = lines.size();
  lines += "{\"ts\":\"";
  lines += time_text(now.wall);
  lines += stream_and_type_;
  lines += type;
  lines += '"';
  return start;
}

void AuditSink::end_line(std::size_t start) {
  std::string& lines = log().buffer();
  if (!chained_) {
    lines += "}\n";
    return;
  }
  chain_.seal_line(lines, start);
  log().buffered().head = chain_.head();
}

/// As format_time, which is asked only once a second.
std::string_view AuditSink::time_text(WallTime time) {
  constexpr std::size_t kMicrosAt = 20;  // behind "2026-11-23T18:44:55."
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  if (time_text_.empty() || second != time_second_) {
    time_text_ = format_time(time);
    time_second_ = second;
  }
  auto micros = (time - second).count();
  for (std::size_t i = kMicrosAt + 6; i > kMicrosAt; --i, micros /= 10)
    time_text_[i - 1] = static_cast<char>('0' + micros % 10);
  return time_text_;
}

}  // namespace gcstreamd
