#include "gcstreamd/sinks/file_sink.hpp"

namespace gcstreamd {

boost::system::error_code LineSink::open(const SinkStart& start) {
  const auto tail = log_.open(start.time);
  if (!tail)
    return tail.error();
  log_.buffered().place = start.place;
  adopt(tail->last_line, start);
  note(*tail);
  return log_.flush();
}

void LineSink::note(const Tail& tail) {
  if (tail.torn_bytes > 0)
    repair_ = SinkRepair{path_, tail.torn_bytes, tail.moved_to};
}

boost::system::error_code LineSink::recover(const std::string& time) {
  Tail tail;
  const auto error = log_.recover(time, tail);
  note(tail);
  return error;
}

boost::system::error_code LineSink::enter(const std::string& time) {
  Tail tail;
  const auto error = log_.enter(time, tail);
  note(tail);
  return error;
}

void LineSink::configure(const SinkConfig& config, bool shared) {
  path_ = config.path;
  log_.configure(config, shared);
}

std::uint64_t LineSink::unwritten(Hole& range) const {
  const Mark& written = log_.written();
  const Mark& taken = log_.buffered();
  const bool same_epoch = written.place.epoch == taken.place.epoch;
  range = {same_epoch ? written.place.number + 1 : 1, taken.place.number};
  return taken.events - written.events;
}

void FileSink::append(const Event& event, const Now&) {
  std::string& buffer = log().buffer();
  buffer += event.line;
  buffer += '\n';
  took_event();
}

}  // namespace gcstreamd
