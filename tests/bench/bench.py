#!/usr/bin/env python3
"""What one event costs gcstreamd and its peers; run by scripts/bench, which builds first.

Every figure is a median over rounds in which the contestants take turns: what else the machine does
befalls all of them.
"""

import argparse
import json
import statistics
import sys
from dataclasses import asdict
from pathlib import Path

sys.dont_write_bytecode = True
SOURCES = Path(__file__).resolve().parent
sys.path.insert(1, str(SOURCES.parent / "chaos"))

import conditions  # noqa: E402
from contestants import Bare, BareBlind, Gcstreamd, Tutorial, Websockets  # noqa: E402
from draw import Chart  # noqa: E402
from instructions import per_event  # noqa: E402
from measure import Tools, allocations, cost, latency, median_cost, running, share  # noqa: E402

PEERS = (Gcstreamd, Tutorial, Websockets, Bare, BareBlind)
SIZES = (200, 700, 2000, 8000, 64000)
RATE = 10000
PARTS = (0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999)


class Bench:
    def __init__(self, tools, rounds, events):
        self.tools, self.rounds, self.events = tools, rounds, events
        self.results = {}

    def run(self, chapters):
        for name in chapters:
            print(f"\n## {name}", flush=True)
            self.results[name] = getattr(self, name.replace("-", "_"))()
        return self.results

    def _costs(self, contestants, **options):
        """name -> median cost; contestants: (name, class, events, options)."""
        costs = {name: [] for name, *_ in contestants}
        for _ in range(self.rounds):
            for name, contestant, events, more in contestants:
                with running(self.tools, contestant, **options, **more) as client:
                    costs[name].append(cost(client, events))
        return {name: median_cost(some) for name, some in costs.items()}

    def peers(self):
        return {"full records": self._table(16384), "one event a record": self._table(0)}

    def _table(self, record_bytes):
        contestants = [(peer.name, peer, self.events // (4 if peer is Tutorial else 1), {})
                       for peer in PEERS]
        costs = self._costs(contestants, record_bytes=record_bytes)
        ours = costs[Gcstreamd.name].cpu_us
        print(f"| {'records of 16 KiB' if record_bytes else 'one event a record'} | events/s "
              "| µs CPU an event | ÷ ours | busy |\n|---|---:|---:|---:|---:|")
        for name, one in costs.items():
            print(f"| {name} | {one.rate:,.0f} | {one.cpu_us:.2f} | {one.cpu_us / ours:.2f} "
                  f"| {100 * one.busy:.0f} % |", flush=True)
        return {name: asdict(one) for name, one in costs.items()}

    def latency(self):
        curves = {}
        print(f"| at {RATE:,} events/s, µs | p50 | p99 | p99.9 |\n|---|---:|---:|---:|")
        for peer in PEERS[:4]:
            rounds = []
            for _ in range(self.rounds):
                with running(self.tools, peer, record_bytes=0) as client:
                    times = latency(client, 10 * RATE // 2, RATE)
                    rounds.append([share(times, part) for part in PARTS])
            curves[peer.name] = [statistics.median(one) for one in zip(*rounds)]
            self._tell_latency(peer.name, curves[peer.name])
        slow = self._slow_latency()
        self._tell_latency("gcstreamd, each sync 1 s", slow)
        return {"parts": PARTS, "us": curves, "slow": slow}

    def _slow_latency(self):
        disk = conditions.slow_disk(self.tools)
        with running(self.tools, Gcstreamd, record_bytes=0, **disk) as client:
            with conditions.slow_syncs(self.tools):
                times = latency(client, 5 * RATE, RATE)
        return [share(times, part) for part in PARTS]

    @staticmethod
    def _tell_latency(name, at):
        p50, p99, p999 = (at[PARTS.index(part)] for part in (0.5, 0.99, 0.999))
        print(f"| {name} | {p50:.0f} | {p99:.0f} | {p999:.0f} |", flush=True)

    def sizes(self):
        result = {peer.name: [] for peer in (Gcstreamd, Bare)}
        print("| bytes an event | gcstreamd: µs | ns a byte | bare: µs |\n|---:|---:|---:|---:|")
        for size in SIZES:
            events = max(8000, self.events * 700 // size // 2)
            costs = self._costs([(peer.name, peer, events, {}) for peer in (Gcstreamd, Bare)],
                                event_bytes=size)
            for name, one in costs.items():
                result[name].append((size, one.cpu_us))
            ours, bare = (costs[peer.name].cpu_us for peer in (Gcstreamd, Bare))
            print(f"| {size} | {ours:.2f} | {ours / size * 1000:.2f} | {bare:.2f} |", flush=True)
        return result

    def growth(self):
        contestants = [("1 stream", Gcstreamd, self.events, {}),
                       ("8 streams", Gcstreamd, self.events // 8, {"streams": 8})]
        contestants += [(f"{files} file sinks", Gcstreamd, self.events, {"sinks": ("file",) * files})
                        for files in (1, 2, 5, 10)]
        costs = self._costs(contestants)
        for name, one in costs.items():
            print(f"{name:14} {one.cpu_us:6.2f} µs CPU an event", flush=True)
        return {name: one.cpu_us for name, one in costs.items()}

    def allocations(self):
        result = {}
        for peer in PEERS:
            result[peer.name] = [allocations(self.tools, peer, 50000, record_bytes=record)
                                 for record in (16384, 0)]
            full, single = result[peer.name]
            print(f"{peer.name:36} {full:8.3f} an event, {single:8.3f} with one event a record",
                  flush=True)
        return result

    def long_run(self):
        return conditions.long_run(self.tools, [self.events * times for times in (2, 20, 200)])

    def start(self):
        return conditions.start(self.tools, self.rounds)

    def idle(self):
        return conditions.idle(self.tools)

    def instructions(self):
        program = self.tools.binaries.parent / "tests/bench/bench-count"
        result = {size: per_event(str(program), size) for size in SIZES}
        for size, count in result.items():
            print(f"{size:6} bytes {count:9.0f} instructions an event", flush=True)
        return result


CHAPTERS = ("peers", "latency", "sizes", "growth", "allocations", "long-run", "start", "idle",
            "instructions")


def draw_latency(latency_results):
    chart = Chart(f"From the first byte at the socket to the line in the file, {RATE:,} events/s",
                  ("of the events take longer", 1e-4, 1,
                   [(1, "all"), (0.5, "half"), (0.1, "1 in 10"), (0.01, "1 in 100"),
                    (0.001, "1 in 1000"), (1e-4, "1 in 10000")]),
                  ("µs", 10, 100000, [(10 ** n, f"{10 ** n:,}") for n in range(1, 6)]))
    for name, times in latency_results["us"].items():
        chart.add(name, [(1 - part, time) for part, time in zip(latency_results["parts"], times)])
    return chart.svg()


def draw_sizes(sizes):
    chart = Chart("CPU time of an event, by its size",
                  ("bytes an event", 200, 64000, [(size, f"{size:,}") for size in SIZES]),
                  ("µs", 0.3, 300, [(value, str(value)) for value in (0.3, 1, 3, 10, 30, 100, 300)]))
    for name, points in sizes.items():
        chart.add(name, points)
    return chart.svg()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help=f"of {', '.join(CHAPTERS)}")
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--modules", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=500000)
    parser.add_argument("--docs", type=Path, help="write the drawings there")
    options = parser.parse_args()
    for name in options.chapters:
        if name not in CHAPTERS:
            parser.error(f"there is no chapter {name}")
    options.work.mkdir(parents=True, exist_ok=True)
    tools = Tools(options.bin, SOURCES, options.modules, options.work)
    results = Bench(tools, options.rounds, options.events).run(options.chapters or CHAPTERS)
    (options.work / "results.json").write_text(json.dumps(results, indent=1))
    if options.docs and "latency" in results:
        (options.docs / "latency.svg").write_text(draw_latency(results["latency"]))
    if options.docs and "sizes" in results:
        (options.docs / "cost-by-size.svg").write_text(draw_sizes(results["sizes"]))


if __name__ == "__main__":
    main()
