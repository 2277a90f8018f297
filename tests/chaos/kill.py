"""SIGKILL at random moments under load; in between SIGTERM, SIGHUP and files moved away."""

import random
import signal
import time
from contextlib import suppress

import configuration
from compare import compare
from rig import Daemon, Simulator, await_that
from truth import Truth

FSYNC = (("batch", None), ("interval", 1), ("interval", 20), ("interval", 100), ("interval", 500))


def add_options(parser):
    parser.add_argument("--kills", type=int, default=200, help="over all rounds (default: 200)")
    parser.add_argument("--rounds", type=int, default=4,
                        help="each with new files and another seed (default: 4)")
    parser.add_argument("--rate", type=int, default=0,
                        help="events a second (default: 5,000 to 20,000, by the seed)")
    parser.add_argument("--kill-while-moving", action="store_true",
                        help="kill also between mv and the reopening, which the contract leaves open")


def run(context):
    for number in range(context.options.rounds):
        Round(context, context.seed + number).run()


class Round:
    def __init__(self, context, seed):
        self.context = context
        self.options = context.options
        self.report = context.report
        self.random = random.Random(seed)
        self.seed = seed
        self.directory = context.directory / f"round-{seed}"
        self.moved = self.directory / "moved"
        self.moved.mkdir(parents=True)
        self.moves = 0
        self.kills = 0

    def run(self):
        wanted = -(-self.options.kills // self.options.rounds)
        simulator = Simulator(self.context.binaries, self.directory / "sim", self.sim_options())
        self.context.children.append(simulator)
        self.stream = configuration.Stream("main", simulator, self.directory / "out", self.moved)
        self.can_rotate = configuration.accepts_rotation(
            self.context.binaries, self.directory, simulator, self.report)
        self.write_config()
        self.daemon = Daemon(self.context.binaries, self.directory / "config.json",
                             self.directory / "daemon.log", self.report)
        self.context.children.append(self.daemon)
        self.daemon.start()
        await_that(lambda: self.daemon.alive() or simulator.created(), "first events")
        while self.kills < wanted:
            self.step()
        self.end(simulator)

    def sim_options(self):
        chance = self.random
        rate = self.options.rate or chance.choice((5000, 8000, 12000, 20000))
        return ["--seed", self.seed, "--rate", rate, "--history", 5_000_000,
                "--wait-for-client", "--most-behind", rate,
                "--drop-about", chance.choice((rate // 4, rate, rate * 5)),
                "--gap-every", chance.choice((rate // 3, rate * 3)) + 1,
                "--lose-every", chance.choice((rate // 2, rate * 4)) + 7,
                "--overlap", chance.choice((0, 1, 20, 500)), "--heartbeat-s", "0.5"]

    def write_config(self):
        """Another fsync and rotation at every start; what is promised does not depend on it."""
        for entry in self.stream.config["sinks"]:
            mode, interval = self.random.choice(FSYNC)
            entry["fsync"] = mode
            entry.pop("fsync_interval_ms", None)
            if interval:
                entry["fsync_interval_ms"] = interval
            if self.can_rotate and self.seed % 2:
                entry["rotate"] = {"max_bytes": self.random.choice((0, 300_000, 3_000_000)),
                                   "compress": self.random.choice(("none", "gzip", "zstd"))}
        configuration.write(self.directory / "config.json",
                            configuration.whole(self.directory / "state", [self.stream]))

    def step(self):
        self.pause()
        self.daemon.alive()
        dice = self.random.random()
        if dice < 0.80:
            self.kill()
        elif not self.ready():
            return  # it ended: the next step tells of it
        elif dice < 0.87:
            self.daemon.stop()
            self.report.add("stops")
            self.write_config()
            self.daemon.start()
        elif dice < 0.93:
            self.write_config()
            self.daemon.signal(signal.SIGHUP)
            self.report.add("reloads")
        else:
            self.move_away()

    def pause(self):
        """A quarter hits the start, the rest a stream that flows: an event must come first."""
        if self.random.random() < 0.75:
            before = self.size(self.stream.events)
            await_that(lambda: self.daemon.child.code is not None or
                       self.size(self.stream.events) != before, "an event after a start")
        time.sleep(self.random.choice((0.0, 0.05, 0.2, 0.5, 1.2)) * self.random.random())

    @staticmethod
    def size(sink):
        with suppress(FileNotFoundError):  # it may be rotated just now
            return sink.path.stat().st_size
        return 0

    def kill(self):
        self.daemon.kill()
        self.kills += 1
        self.report.add("kills")
        self.write_config()
        self.daemon.start()

    def move_away(self):
        """As logrotate: mv, then SIGHUP or SIGUSR1, while events come."""
        paths = [sink.path for sink in self.stream.sinks]
        self.moves += 1
        for path in paths:
            path.rename(self.moved / f"{path.name}.{self.moves:06}")
        self.daemon.signal(self.random.choice((signal.SIGHUP, signal.SIGUSR1)))
        self.report.add("moves")
        if not self.options.kill_while_moving:
            await_that(lambda: self.daemon.child.code is not None or
                       all(path.exists() for path in paths), "files opened anew after SIGHUP")

    def ready(self):
        """A signal before its handlers are there ends the process: wait for a record of its own."""
        before = self.size(self.stream.audit)
        await_that(lambda: self.daemon.child.code is not None or
                   self.size(self.stream.audit) != before, "a record")
        return self.daemon.child.code is None

    def end(self, simulator):
        self.daemon.alive()
        newest = simulator.finish()
        self.stream.await_event(newest)
        self.daemon.stop()
        simulator.stop()
        compare(Truth(simulator.truth), self.stream.sinks, self.report)
        self.report.add("events", newest)
