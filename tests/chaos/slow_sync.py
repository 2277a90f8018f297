"""fdatasync takes 10 s: the loop answers meanwhile, events flow on; measured from outside."""

import socket
import time

from rig import POLL, await_that
from run import Run
from tracer import injecting

LONGEST_STALL_S = 1.0
LONGEST_PONG_MS = 1000


def add_options(parser):
    parser.add_argument("--delay-s", type=int, default=10, help="of each fdatasync (default: 10)")
    parser.add_argument("--seconds", type=int, default=25, help="how long (default: 25)")
    parser.add_argument("--rate", type=int, default=5000, help="events a second (default: 5,000)")


def run(context):
    SlowSync(context).run()


class SlowSync(Run):
    def __init__(self, context):
        super().__init__(context, context.directory,
                         ["--rate", context.options.rate, "--ping-s", "0.2"])
        self.options = context.options
        self.port = free_port()

    def run(self):
        self.write(listen=f"127.0.0.1:{self.port}")
        delay = self.options.delay_s * 1_000_000
        paths = [sink.path for sink in self.stream.sinks]
        self.daemon.start(injecting(self.directory / "strace", "fdatasync",
                                    f"delay_enter={delay}", paths))
        await_that(self.simulator.created, "first events")
        await_that(lambda: self.daemon.alive() or self.answers(), "an answer on /healthz")
        stalls, standstill = self.measure()
        self.tell(stalls, standstill)
        self.daemon.kill()
        self.daemon.start()
        self.end()

    def measure(self):
        """Seconds that each answer took, and the longest time without a new event in the file."""
        stalls, standstill = [], 0
        end = time.monotonic() + self.options.seconds
        grown, size = time.monotonic(), 0
        while (now := time.monotonic()) < end:
            if not self.answers():
                self.report.fault("/healthz was not answered", self.daemon.last_words())
            stalls.append(time.monotonic() - now)
            if (new := self.stream.events.path.stat().st_size) != size:
                grown, size = now, new
            standstill = max(standstill, now - grown)
            time.sleep(POLL)
        return sorted(stalls), standstill

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 15) as client:
                client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return client.recv(200).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def tell(self, stalls, standstill):
        for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1)):
            value = stalls[min(int(len(stalls) * share), len(stalls) - 1)]
            self.report.figures[f"stall {name}"] = f"{value * 1000:.1f} ms"
        self.report.figures["longest standstill of the file"] = f"{standstill:.2f} s"
        if stalls[-1] > LONGEST_STALL_S:
            self.report.fault("the loop stalled", f"{stalls[-1]:.2f} s")
        if standstill > 2 * LONGEST_STALL_S:
            self.report.fault("no event was written for a while", f"{standstill:.2f} s")

    def end(self):
        super().end()
        counts = self.simulator.counters()
        self.report.figures["slowest pong"] = f"{counts['slowestPongMs']} ms"
        if counts["slowestPongMs"] > LONGEST_PONG_MS or counts["pongs"] < self.options.seconds:
            self.report.fault("the simulator's pings were not answered in time", str(counts))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
