#include "gcstreamd/sinks/file_sink.hpp"

namespace gcstreamd {

boost::system::error_code LineSink::open(const SinkStart& start) {
  const auto tail = log_.open(start.time);
  if (!tail)
    return tail.error();
  log_.buffered().place = start.place;
  adopt(tail->last_line, start);
  if (tail->torn_bytes > 0)
    repair_ = SinkRepair{path_, tail->torn_bytes, tail->moved_to};
  return log_.flush();
}

boost::system::error_code LineSink::recover() {
  const auto error = log_.recover();
  if (!error)
    unwritten_ = 0;
  return error;
}

boost::system::error_code LineSink::flush() {
  const auto error = log_.flush();
  if (!error)
    unwritten_ = 0;
  return error;
}

std::uint64_t LineSink::unwritten(Hole& range) const {
  range = {log_.flushed().place.number + 1, log_.buffered().place.number};
  return unwritten_;
}

void FileSink::append(const Event& event, const Now&) {
  std::string& buffer = log().buffer();
  buffer += event.line;
  buffer += '\n';
  took_event();
}

}  // namespace gcstreamd
