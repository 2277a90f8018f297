"""What is measured of a contestant."""

import mmap
import statistics
import struct
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from load import Load
from rig import await_that

WARM_UP = 20000
PATIENCE = 900


@dataclass
class Tools:
    binaries: Path
    sources: Path
    node_modules: Path
    work: Path

    @property
    def alloc_shim(self):
        return self.binaries.parent / "tests/bench/libgcstreamd_alloc_shim.so"


@contextmanager
def running(tools, contestant, event_bytes=700, record_bytes=16384, prepare=None, **options):
    """A contestant at its load, warm: caches filled and buffers grown."""
    load = Load(tools.binaries, event_bytes, record_bytes)
    client = contestant(tools, load, tools.work / "client", **options)
    try:
        if prepare:
            prepare(client)
        client.start()
        feed(client, max(200, WARM_UP * 700 // event_bytes // client.streams))
        yield client
    finally:
        client.end()
        load.end()


def feed(client, count):
    """So many events on each stream, until all are in the files."""
    goal = client.arrived() + count * client.streams
    client.load.do("send", count)
    await_that(lambda: client.arrived() >= goal, f"{count} events of {client.name}", PATIENCE)


@dataclass
class Cost:
    """Of one event."""
    rate: float  # events a second
    cpu_us: float

    @property
    def busy(self):
        """The part of the time that it ran; well under 1, it waited for the load now and then."""
        return self.rate * self.cpu_us / 1e6


def cost(client, count):
    begin, cpu = time.monotonic(), client.cpu()
    feed(client, count)
    events = count * client.streams
    seconds = time.monotonic() - begin
    return Cost(events / seconds, (client.cpu() - cpu) / events * 1e6)


def median_cost(costs):
    return Cost(statistics.median(c.rate for c in costs), statistics.median(c.cpu_us for c in costs))


def latency(client, count, rate):
    """Microseconds of each event, sorted."""
    times = client.directory / "times"
    client.load.do("pace", count, rate, client.events[0], times)
    return sorted(int(line) / 1000 for line in times.read_text().splitlines())


def share(times, part):
    return times[min(len(times) - 1, int(len(times) * part))]


class Allocations:
    """Counts a client's allocations: prepare it before it starts."""

    def __init__(self, tools):
        self._file = tools.work / "allocations"
        self._shim = tools.alloc_shim

    def prepare(self, client):
        self._file.write_bytes(bytes(8))
        client.prefix = ["env", f"LD_PRELOAD={self._shim}", f"GCSTREAMD_ALLOC_FILE={self._file}"]

    def count(self):
        with open(self._file, "rb") as file, mmap.mmap(file.fileno(), 8, prot=mmap.PROT_READ) as at:
            return struct.unpack("<Q", at[:8])[0]


def allocations(tools, contestant, count, **options):
    """An event's, in the steady state."""
    counter = Allocations(tools)
    with running(tools, contestant, prepare=counter.prepare, **options) as client:
        feed(client, count)
        before = counter.count()
        feed(client, count)
        return (counter.count() - before) / (count * client.streams)
