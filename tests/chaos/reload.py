"""SIGHUP under full load: sinks, types, levels, reconnects and a second stream come, change and go."""

import copy
import random
import signal
import time

import configuration
from compare import compare
from configuration import TYPES
from follower import Follower
from rig import Daemon, Simulator, await_that
from sinkfiles import Sink
from truth import Truth

LEVELS = ("error", "warn", "info", "debug")
ALWAYS = frozenset({"interaction:conversation"})
BREAKS = (lambda config: config.update(unknown_key=1),
          lambda config: config["streams"][0].pop("event_types"),
          lambda config: config["streams"][0]["sinks"][0].update(path="/nowhere/at/all.ndjson"),
          lambda config: config["streams"][0].update(buffer_size="many"))


def add_options(parser):
    parser.add_argument("--reloads", type=int, default=100, help="SIGHUPs (default: 100)")
    parser.add_argument("--rate", type=int, default=8000, help="events a second (default: 8,000)")


def run(context):
    Reloads(context).run()


class Reloads:
    def __init__(self, context):
        self.context = context
        self.report = context.report
        self.random = random.Random(context.seed)
        self.directory = context.directory
        self.moved = self.directory / "moved"
        (self.moved / "main").mkdir(parents=True)
        (self.moved / "second").mkdir()
        self.moves = 0
        self.level = "info"
        self.has_second = False

    def run(self):
        self.main = self.stream("main", self.context.options.rate)
        self.second = self.stream("second", self.context.options.rate // 4)
        out = self.main[1].out
        self.varied = Sink("varied", out / "varied.ndjson", moved=self.moved / "main",
                           types=frozenset(TYPES), holds="some", always=ALWAYS)
        self.guest = Sink("guest", out / "guest.ndjson", moved=self.moved / "main", holds="some")
        self.main[1].config["sinks"].append(self.main[1].sink_config(self.varied))
        self.write()
        self.daemon = Daemon(self.context.binaries, self.directory / "config.json",
                             self.directory / "daemon.log", self.report)
        self.context.children.append(self.daemon)
        self.audit = Follower(self.main[1].audit)
        self.context.children.append(self.audit)
        self.daemon.start()
        await_that(lambda: self.daemon.alive() or self.audit.count("event_received"), "first event")
        for _ in range(self.context.options.reloads):
            self.step()
        self.end()

    def stream(self, name, rate):
        simulator = Simulator(self.context.binaries, self.directory / f"sim-{name}",
                              ["--seed", self.context.seed, "--rate", rate, "--wait-for-client",
                               "--most-behind", rate, "--history", 5_000_000, "--heartbeat-s", 1])
        self.context.children.append(simulator)
        return simulator, configuration.Stream(name, simulator, self.directory / name,
                                               self.moved / name)

    def write(self, break_it=None):
        streams = [self.main[1]] + ([self.second[1]] if self.has_second else [])
        config = configuration.whole(self.directory / "state", streams, self.level)
        if break_it:
            config = copy.deepcopy(config)
            break_it(config)
        configuration.write(self.directory / "config.json", config)

    def step(self):
        time.sleep(self.random.random() * 0.1)
        self.daemon.alive()
        if self.random.random() < 0.15:
            self.reject()
            return
        self.random.choice((self.change_level, self.change_reconnect, self.change_types,
                            self.change_guest, self.change_fsync, self.change_second,
                            self.change_second, self.move_away, self.burst))()
        self.write()
        self.hang_up("config_reloaded")

    def hang_up(self, record):
        """SIGHUP; returns when the main stream's audit log tells its outcome."""
        before = self.audit.count(record)
        self.daemon.signal(signal.SIGHUP)
        self.report.add("reloads")
        await_that(lambda: self.audit.count(record) > before, f"{record} after SIGHUP")

    def reject(self):
        self.write(self.random.choice(BREAKS))
        self.hang_up("config_rejected")
        self.report.add("rejected")

    def change_level(self):
        self.level = self.random.choice(LEVELS)

    def change_reconnect(self):
        self.main[1].config["reconnect"]["max_delay_ms"] = self.random.randrange(200, 60000)

    def change_types(self):
        entry = next(e for e in self.main[1].config["sinks"] if e["name"] == "varied")
        more = self.random.sample(sorted(set(TYPES) - ALWAYS), self.random.randrange(4))
        entry["event_types"] = sorted(ALWAYS | set(more))

    def change_guest(self):
        sinks = self.main[1].config["sinks"]
        if sinks[-1]["name"] == "guest":
            sinks.pop()
            return
        sinks.append(self.main[1].sink_config(self.guest))
        sinks[-1]["required"] = self.random.random() < 0.5

    def change_fsync(self):
        for entry in self.main[1].config["sinks"]:
            entry["fsync"] = self.random.choice(("batch", "interval"))
            entry["fsync_interval_ms"] = self.random.choice((1, 50, 500))

    def change_second(self):
        """Comes, goes, or is connected anew."""
        dice = self.random.random()
        if self.has_second and dice < 0.4:
            self.second[1].config["buffer_size"] = self.random.randrange(1, 500)
        else:
            self.has_second = not self.has_second

    def burst(self):
        for _ in range(self.random.randrange(1, 5)):
            self.daemon.signal(signal.SIGHUP)

    def move_away(self):
        """The SIGHUP that follows opens them anew."""
        self.moves += 1
        streams = [self.main[1]] + ([self.second[1]] if self.has_second else [])
        for stream in streams:
            for path in stream.out.iterdir():
                if path.suffix in (".ndjson", ".jsonl"):
                    path.rename(stream.moved / f"{path.name}.{self.moves:06}")
        self.report.add("moves")

    def end(self):
        self.has_second = True
        self.write()
        self.hang_up("config_reloaded")
        for simulator, stream in (self.main, self.second):
            await_that(simulator.created, "events of the second stream")
            stream.await_event(simulator.finish())
        self.daemon.stop()
        for simulator, stream in (self.main, self.second):
            simulator.stop()
            more = [self.varied, self.guest] if stream is self.main[1] else []
            truth = Truth(simulator.truth)
            audit = compare(truth, [*stream.sinks, *more], self.report)
            self.report.add("events", truth.newest)
            if stream is self.main[1]:
                self.check_main(audit)

    def check_main(self, audit):
        opened = audit.counts.get("connection_open", 0)
        if opened != 1:
            self.report.fault("a reload that does not concern the connection reconnected", count=opened - 1)
        told = audit.counts.get("config_rejected", 0)
        if told < self.report.figures.get("rejected", 0):
            self.report.fault("config_rejected without a record", f"{told} records")
