// Runs so many events of so many bytes through the pipeline, for whoever counts its instructions.
//   bench-count EVENTS [BYTES]
#include <cstdlib>

#include "bench/parts/pipeline.hpp"

int main(int argc, char** argv) {
  const auto events = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1000;
  const auto bytes = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 700;
  gcstreamd::bench::Pipeline pipeline(bytes);
  pipeline.run(events);
  return 0;
}
