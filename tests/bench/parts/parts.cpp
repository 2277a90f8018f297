// The parts of an event's way, one by one, and the whole of it.
#include <benchmark/benchmark.h>

#include "bench/parts/pipeline.hpp"
#include "gcstreamd/core/content_hash.hpp"
#include "gcstreamd/core/time_format.hpp"
#include "gcstreamd/sinks/audit_chain.hpp"

namespace gcstreamd::bench {
namespace {

constexpr std::uint64_t kBatch = 256;

std::string padded_event(std::size_t bytes) {
  std::string event = make_event(kFirstNumber, bytes);
  event.reserve(event.size() + Protocol::kPadding);
  return event;
}

void per_event(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void sort(benchmark::State& state) {
  EventBlock block(static_cast<std::size_t>(state.range(0)), 0);
  const std::string_view frame = block.frames(kFirstNumber, 1);
  FrameSorter sorter(1 << 20);
  sorter.begin_frames();
  for (auto _ : state)
    benchmark::DoNotOptimize(sorter.sort(frame));
  per_event(state);
}

void decode(benchmark::State& state) {
  const std::string event = padded_event(static_cast<std::size_t>(state.range(0)));
  AnalyticsStream protocol({}, 1);
  for (auto _ : state)
    benchmark::DoNotOptimize(protocol.decode(event));
  per_event(state);
}

void hash(benchmark::State& state) {
  const std::string event = padded_event(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state)
    benchmark::DoNotOptimize(content_hash(event));
  per_event(state);
}

void verify(benchmark::State& state) {
  const std::string line = padded_event(static_cast<std::size_t>(state.range(0)));
  SequenceVerifier verifier(0);
  Event event{line, "interaction:conversation", 0, {}};
  for (auto _ : state) {
    ++event.number;
    benchmark::DoNotOptimize(verifier.check(event));
    verifier.delivered(event);
  }
  per_event(state);
}

/// An event through a sink of the type, with its share of a flush.
void append(benchmark::State& state, const std::string& type) {
  SinkBed bed({type});
  const std::string line = padded_event(static_cast<std::size_t>(state.range(0)));
  Event event{line, "interaction:conversation", kFirstNumber, {}};
  for (auto _ : state) {
    bed.delivery().deliver(event, {});
    if (++event.number % kBatch == 0)
      bed.delivery().flush();
  }
  per_event(state);
}

void chain(benchmark::State& state) {
  AuditChain chain;
  std::string line;
  const std::string fields(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    line = fields;
    chain.seal_line(line, 0);
    benchmark::DoNotOptimize(line);
  }
  per_event(state);
}

void whole(benchmark::State& state) {
  Pipeline pipeline(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state)
    pipeline.run(kBatch);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
  state.SetBytesProcessed(state.items_processed() * state.range(0));
}

BENCHMARK(sort)->Arg(700)->Arg(64000);
BENCHMARK(decode)->Arg(200)->Arg(700)->Arg(64000);
BENCHMARK(hash)->Arg(700)->Arg(64000);
BENCHMARK(verify)->Arg(700);
BENCHMARK_CAPTURE(append, file, "file")->Arg(700);
BENCHMARK_CAPTURE(append, audit_line, "audit")->Arg(700);
BENCHMARK(chain)->Arg(150);
BENCHMARK(whole)->Arg(200)->Arg(700)->Arg(8000)->Arg(64000);

}  // namespace
}  // namespace gcstreamd::bench

BENCHMARK_MAIN();
