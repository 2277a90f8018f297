"""Power cuts: a reflink copy of the live disk's image is mounted, checked, and run on.

The daemon writes to a file system in an image that lies on an XFS with reflink. A copy of the image
holds, as of one instant, what that file system had submitted to its disk; what was only in the page
cache of its files is gone. That is a cut of a disk that keeps what it took (write-through). Nothing
is frozen or synced for it.
"""

import json
import random
import subprocess
import time

import configuration
import disks
from compare import compare
from findings import ranges
from follower import Follower
from rig import Daemon, Stuck, await_that
from run import Run
from sinkfiles import files_of, last_line_with, lines_of
from truth import NUMBER, Truth

IMAGE_MEGABYTES = 512
HOST_MEGABYTES = 8192
INSIDE = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'


def add_options(parser):
    parser.add_argument("--cuts", type=int, default=200, help="over all rounds (default: 200)")
    parser.add_argument("--cuts-per-round", type=int, default=10,
                        help="each round has new files (default: 10)")
    parser.add_argument("--filesystem", choices=("ext4", "xfs", "both"), default="both",
                        help="of the disk that is cut off (default: both, in turn)")
    parser.add_argument("--rate", type=int, default=800, help="events a second (default: 800)")


def run(context):
    host = disks.image_file(context.directory / "host.img", HOST_MEGABYTES)
    disks.call("mkfs.xfs", "-q", "-m", "reflink=1", host)
    xfs = disks.mount(context.undo, context.directory / "host", "-o", "loop", host)
    kinds = ("ext4", "xfs") if context.options.filesystem == "both" else (context.options.filesystem,)
    done = 0
    while done < context.options.cuts:
        number = done // context.options.cuts_per_round
        cuts = min(context.options.cuts_per_round, context.options.cuts - done)
        undo = []
        context.undo.append(lambda undo=undo: undo_all(undo))
        play = Round(context, number, xfs, kinds[number % len(kinds)], undo)
        play.run(cuts)
        play.clean_up()
        undo_all(undo)
        done += cuts


def undo_all(undo):
    while undo:
        undo.pop()()


class Round(Run):
    def __init__(self, context, number, host, filesystem, undo):
        self.where = context.directory / f"round-{number}"
        self.disk = self.where / "disk"
        self.cut_disk = self.where / "cut"
        self.host = host
        self.filesystem = filesystem
        self.undo = undo
        self.image = disks.image_file(host / f"disk-{number}.img", IMAGE_MEGABYTES)
        self.make_disk()
        super().__init__(context, self.where,
                         ["--rate", context.options.rate, "--drop-about", context.options.rate * 2,
                          "--gap-every", context.options.rate + 1, "--overlap", 30],
                         out=self.disk / "out")
        self.random = random.Random(context.seed + number)
        self.state = self.disk / "state"
        self.position = 0

    def make_disk(self):
        if self.filesystem == "ext4":
            disks.ext4(self.image)
        else:
            disks.call("mkfs.xfs", "-q", self.image)
        disks.mount(self.undo, self.disk, "-o", "loop", self.image)

    def run(self, cuts):
        for entry in self.stream.config["sinks"]:
            entry["fsync"] = self.random.choice(("batch", "interval"))
            entry["fsync_interval_ms"] = self.random.choice((1, 20, 100))
        self.write()
        self.daemon.start()
        self.await_events("at first", more=1)
        for number in range(cuts):
            time.sleep(self.random.random() * 0.2)
            self.daemon.alive()
            self.cut(number)
        self.end()

    def cut(self, number):
        copy = self.host / f"cut-{number}.img"
        disks.call("cp", "--reflink=always", self.image, copy)
        options = "loop" if self.filesystem == "ext4" else "loop,nouuid"
        undo = []
        self.undo.append(lambda: undo_all(undo))
        disks.mount(undo, self.cut_disk, "-o", options, copy)
        self.report.add(f"cuts of {self.filesystem}")
        failed = self.report.failed
        try:
            Copy(self).run()
        finally:
            undo_all(undo)
            self.undo.pop()
            if self.report.failed and not failed:
                self.keep(copy)
            copy.unlink()

    def keep(self, copy):
        """The first copy that was found faulty, as the cut left it."""
        disks.call("cp", "--sparse=always", copy, self.where / f"{copy.name}.faulty")


class Copy:
    """What a cut left: checked as it is, then run on until it has caught up."""

    def __init__(self, live):
        self.live = live
        self.report = live.report
        self.stream = configuration.Stream("main", live.simulator, live.cut_disk / "out")
        self.config = live.where / "cut.json"
        configuration.write(self.config,
                            configuration.whole(live.cut_disk / "state", [self.stream]))

    def run(self):
        self.check_position()
        # At the same paths as before the cut, in a mount namespace of its own.
        daemon = Daemon(self.live.context.binaries, self.live.directory / "config.json",
                        self.live.where / "cut.log", self.report)
        audit = Follower(self.stream.audit)
        before = audit.count("daemon_started")
        daemon.start(["unshare", "--mount", "--propagation", "private", "sh", "-c", INSIDE, "sh",
                      self.live.cut_disk, self.live.disk])
        self.live.context.children.append(daemon)
        try:
            self.catch_up(daemon, audit, before)
        finally:
            audit.end()
            daemon.end()
            self.live.context.children.remove(daemon)
        self.compare()

    def catch_up(self, daemon, audit, before):
        """Past all that the live daemon had when the copy was started."""
        self.live.audit.read()
        goal = self.live.audit.newest_event
        await_that(lambda: daemon.child.code is not None or
                   (audit.count("daemon_started") > before and audit.newest_event >= goal),
                   "the copy catches up", 20)
        if daemon.child.code is not None:
            raise Stuck(f"the daemon on the copy ended with {daemon.child.code}: "
                        f"{daemon.last_words()}")
        daemon.stop()

    def check_position(self):
        """What the saved position says is durable is on the disk, and it never goes back."""
        saved = self.saved_position()
        if saved < self.live.position:
            self.report.fault("the saved position went back", f"{self.live.position} to {saved}")
        self.live.position = saved
        truth = Truth(self.live.simulator.truth)
        for sink in self.stream.sinks:
            if sink.holds == "all":
                self.check_held(sink, truth, saved)

    def saved_position(self):
        done = subprocess.run([self.live.context.binaries / "gcstreamd", "position", "show",
                               "--stream", "main", "--config", self.config], text=True,
                              capture_output=True, check=False)
        if done.returncode:
            self.report.fault("the saved position cannot be read after a cut", done.stderr.strip())
            return 0
        return json.loads(done.stdout)["sequenceNumber"] or 0

    def check_held(self, sink, truth, saved):
        marker = b'"event_received"' if sink.is_audit else b'"sequenceNumber"'
        held = set()
        for path in files_of(sink):
            for line in lines_of(path):
                found = NUMBER.search(line) if marker in line and line.endswith(b"\n") else None
                if found:
                    held.add(int(found[1]))
        wanted = truth.wanted(sink.types)
        missing = [n for n in range(1, min(saved, truth.newest) + 1) if wanted(n) and n not in held]
        if missing:
            self.report.fault(f"{sink.name}: under the saved position {saved}, not on the disk",
                              ranges(missing), len(missing))

    def compare(self):
        truth = Truth(self.live.simulator.truth)
        upto = max(configuration.number_in(last_line_with(sink, marker)) for sink, marker in
                   ((self.stream.events, b'"sequenceNumber"'),
                    (self.stream.audit, b'"event_received"')))
        compare(truth, self.stream.sinks, self.report, upto)
