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

void FileSink::append(const Event& event, const Now&) {
  std::string& buffer = log().buffer();
  buffer += event.line;
  buffer += '\n';
}

}  // namespace gcstreamd
