"""One simulator, one stream and one daemon in a directory: what most scenarios begin with."""

import random

import configuration
from compare import compare
from follower import Follower
from rig import Daemon, Simulator, await_that
from truth import Truth


class Run:
    def __init__(self, context, directory, sim_options, out=None, moved=None, report=None):
        self.context = context
        self.report = report or context.report
        self.random = random.Random(context.seed)
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self.state = directory / "state"
        self.simulator = Simulator(context.binaries, directory / "sim", [
            "--seed", context.seed, "--history", 5_000_000, "--heartbeat-s", 1,
            "--wait-for-client", "--most-behind", 20_000, *sim_options])
        self.children = [self.simulator]
        context.children.append(self.simulator)
        self.stream = configuration.Stream("main", self.simulator, out or directory / "out", moved)
        self.daemon = Daemon(context.binaries, directory / "config.json",
                             directory / "daemon.log", self.report)
        self.children.append(self.daemon)
        context.children.append(self.daemon)

    def write(self, listen=None):
        """Writes the configuration as it is now."""
        self.audit = Follower(self.stream.audit)
        self.children.append(self.audit)
        self.context.children.append(self.audit)
        configuration.write(self.directory / "config.json",
                            configuration.whole(self.state, [self.stream], listen=listen))

    def clean_up(self):
        for child in self.children:
            child.end()
            self.context.children.remove(child)

    def restart(self):
        """Starts it anew, and waits until its signal handlers are there."""
        before = self.audit.count("daemon_started")
        self.daemon.start()
        await_that(lambda: self.daemon.alive() or self.audit.count("daemon_started") > before,
                   "daemon_started")

    def await_events(self, when, more=500, patience=30):
        """Until the audit log tells of so many more."""
        self.audit.read()
        wanted = self.audit.newest_event + more
        await_that(lambda: self.daemon.alive() or self.audit.read() or
                   self.audit.newest_event >= wanted, f"events go on {when}", patience)

    def end(self):
        """Waits for the last event, stops all and compares."""
        newest = self.simulator.finish()
        self.stream.await_event(newest)
        self.daemon.stop()
        self.simulator.stop()
        self.report.add("events", newest)
        return self.compare()

    def compare(self):
        return compare(Truth(self.simulator.truth), self.stream.sinks, self.report)
