"""SIGKILL at every system call of the commit path once: before each, and amid each write."""

import shutil
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from findings import Report
from rig import Stuck, await_that
from run import Run
from sinkfiles import last_line_with

SHIM = Path(__file__).with_name("kill_shim.cpp")
EVENTS = 16


def add_options(parser):
    parser.add_argument("--only", default="",
                        help='only calls that hold this text, such as "fsync" or "state/"')
    parser.add_argument("--moments", type=lambda text: text.split(","), default=["before", "half"],
                        help="before,half,after (default: before,half)")
    parser.add_argument("--stride", type=int, default=1, help="every N-th occurrence (default: 1)")
    parser.add_argument("--jobs", type=int, default=6, help="runs at the same time (default: 6)")
    parser.add_argument("--rotate", action="store_true", help="files so small that they rotate")


def run(context):
    shim = context.directory / "kill_shim.so"
    subprocess.run(["c++", "-std=c++20", "-O1", "-shared", "-fPIC", "-o", shim, SHIM], check=True)
    calls = baseline(context, shim)
    context.report.figures["calls in a run without a fault"] = sum(calls.values())
    with ThreadPoolExecutor(context.options.jobs) as pool:
        waiting = [pool.submit(sweep, context, shim, call, moment)
                   for moment in context.options.moments for call in sorted(calls)
                   if context.options.only in call and (moment != "half" or "write " in call)]
        for future in waiting:
            future.result()


def baseline(context, shim):
    """What a run without a fault calls: "CALL PATH" and how often."""
    directory = context.directory / "baseline"
    trace = context.directory / "trace"
    Point(context, directory, context.report, {
        "LD_PRELOAD": shim, "CHAOS_ROOT": directory, "CHAOS_TRACE": trace}).play()
    lines = trace.read_text().splitlines() if trace.exists() else []
    calls = Counter(line for line in lines if " out" in line or " state" in line)
    if not calls:
        raise Stuck("no call of the commit path was seen: is the daemon linked statically?")
    return calls


def sweep(context, shim, call, moment):
    """Kills at the first, second, … occurrence until there is none."""
    number = 1
    while True:
        directory = context.directory / f"{call} {number} {moment}".translate(
            str.maketrans(" /#", "-.N"))
        report = Report()
        point = Point(context, directory, report, {
            "LD_PRELOAD": shim, "CHAOS_ROOT": directory,
            "CHAOS_KILL": f"{call} {number} {moment}"})
        try:
            point.play()
        except Stuck as error:
            report.fault(str(error))
        finally:
            point.clean_up()
        for kind in report.counts:
            context.report.fault(kind, f"killed {moment} {call} number {number}: {directory}")
        if not report.failed:
            shutil.rmtree(directory)
        if not point.hit:
            return
        context.report.add("kills")
        number += context.options.stride


class Point(Run):
    """A short run that is killed at one system call, started again, and compared."""

    def __init__(self, context, directory, report, environment):
        self.environment = environment
        self.hit = False
        super().__init__(context, directory, ["--rate", "12", "--count", EVENTS, "--overlap", 2,
                                              "--gap-every", 5, "--drop-every", 8],
                         report=report)

    def play(self):
        for entry in self.stream.config["sinks"]:
            entry["fsync"] = "batch" if entry["name"] != "audit" else "interval"
            entry["fsync_interval_ms"] = 10
            if self.context.options.rotate:
                entry["rotate"] = {"max_bytes": 2000, "compress": "zstd"}
        self.write()
        self.daemon.start(environment=self.environment)
        await_that(lambda: self.daemon.child.code is not None or self.complete(), "the events")
        if self.daemon.child.code is None:
            self.daemon.signal(15)
            self.daemon.child.wait()
        self.hit = self.daemon.child.code == -9
        if self.hit:
            self.restart()
        elif self.daemon.child.code:
            self.report.fault(f"it ended with {self.daemon.child.code}", self.daemon.last_words())
        self.end()

    def complete(self):
        wanted = b'"sequenceNumber":%d' % EVENTS
        return (self.stream.events.path.exists() and self.stream.audit.path.exists() and
                last_line_with(self.stream.events, wanted + b",") and
                last_line_with(self.stream.audit, wanted))

    def optional_is_done(self):
        """What it lacks comes once more, or is told as lost."""
        return (last_line_with(self.stream.sink("optional"), b'"sequenceNumber":%d,' % EVENTS) or
                b'"sink":"optional"' in self.stream.audit.path.read_bytes())

    def end(self):
        if self.hit:
            self.stream.await_event(EVENTS)
            await_that(self.optional_is_done, "the last event, or its loss, of the optional sink")
            self.daemon.stop()
        self.simulator.stop()
        self.compare()
