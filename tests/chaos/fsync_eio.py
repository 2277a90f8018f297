"""fsync that fails: on a disk whose backing is full, and injected; writes that fail by injection."""

import time

import disks
from rig import await_that
from run import Run
from tracer import injecting

BACKING_MEGABYTES = 64
DISK_MEGABYTES = 127  # one block group: all tables at its head
INJECTIONS = (("fdatasync,fsync", "error=EIO:when={}"), ("fdatasync,fsync", "error=EIO:when={}+7"),
              ("write", "error=ENOSPC:when={}+"), ("write", "error=ENOSPC:when={}+5"),
              ("fdatasync", "error=EDQUOT:when={}+3"), ("ftruncate", "error=EIO:when=1+"))


def add_options(parser):
    parser.add_argument("--fills", type=int, default=4,
                        help="how often the backing of the disk is full (default: 4)")
    parser.add_argument("--injected", type=int, default=12,
                        help="runs under strace (default: 12)")
    parser.add_argument("--rate", type=int, default=2000, help="events a second (default: 2,000)")


def run(context):
    if context.options.fills:
        RealDisk(context).run()
    if context.options.injected:
        Injected(context).run()


def options_of(context):
    return ["--rate", context.options.rate]


class RealDisk(Run):
    """ext4 without a journal in a sparse file on a tmpfs: when that is full, a write goes to the
    page cache and succeeds, and the fsync behind it fails. Each file sink in turn lies there."""

    def __init__(self, context):
        super().__init__(context, context.directory / "disk", options_of(context))
        self.backing = disks.tmpfs(context.undo, self.directory / "backing", BACKING_MEGABYTES)
        image = disks.image_file(self.backing / "ext4.img", DISK_MEGABYTES)
        disks.ext4(image, "-O", "^has_journal", "-N", "64", "-b", "4096")
        disks.materialize(image, 4)
        # Else ext4 loses a page and tells nobody: "failed to convert unwritten extents".
        self.disk = disks.mount(context.undo, self.directory / "ext4", "-o",
                                "loop,nodioread_nolock", image)
        context.disks.append(self.disk)

    def run(self):
        self.stream.move_sink("events", self.disk)
        self.write()
        self.daemon.start()
        self.await_events("at first")
        for _ in range(self.context.options.fills):
            self.fill()
        self.end()

    def fill(self):
        filler = self.backing / "filler"
        disks.fill(filler)
        self.report.add("fills of the backing")
        before = self.audit.count("sink_failed")
        await_that(lambda: "sink_failed" in self.daemon.last_words(4000) or
                   self.audit.count("sink_failed") > before, "sink_failed after a failed fsync", 20)
        time.sleep(self.random.random() * 2)
        self.daemon.alive()
        disks.free(filler)
        self.await_events("after fsync failed")
        told = self.audit.last.get("sink_failed", {})
        if not any(word in told.get("error", "") for word in ("EIO", "ENOSPC")):
            self.report.fault("no sink_failed with EIO or ENOSPC", str(told))
        self.report.add(f"sink_failed with {told.get('error', '').rpartition(' ')[2]}")


class Injected(Run):
    """The daemon is started under strace, gets a fault, recovers, is ended and started again."""

    def __init__(self, context):
        super().__init__(context, context.directory / "injected", options_of(context))

    def run(self):
        self.write()
        for number in range(self.context.options.injected):
            self.one(number)
        self.restart()
        self.end()

    def one(self, number):
        calls, what = INJECTIONS[number % len(INJECTIONS)]
        sink = self.random.choice(self.stream.sinks)
        what = what.format(self.random.randrange(1, 12))
        self.daemon.start(injecting(self.directory / f"strace-{number}", calls, what, [sink.path]))
        self.report.add("injections")
        time.sleep(2.5)
        if self.daemon.child.code not in (None, 74):
            self.report.fault(f"{calls}:{what} on {sink.name} ended it with "
                              f"{self.daemon.child.code}", self.daemon.last_words())
        if self.daemon.child.code is None:
            self.stop()

    def stop(self):
        """It may end with 74, while its disk still fails; then nothing may be lost all the same."""
        self.daemon.signal(15)
        code = self.daemon.child.wait(40)
        if code not in (0, 74):
            self.report.fault(f"SIGTERM under a fault ended it with {code}", self.daemon.last_words())
