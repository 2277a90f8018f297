"""Disks that fill up and are freed again; a state directory and a disk that turn read-only."""

import time

import disks
from rig import await_that
from run import Run

MEGABYTES = 400


def add_options(parser):
    parser.add_argument("--fills", type=int, default=8, help="how often a disk fills (default: 8)")
    parser.add_argument("--rate", type=int, default=2000, help="events a second (default: 2,000)")
    parser.add_argument("--kills", action="store_true",
                        help="kill -9 while the disk is full, every other time")


def run(context):
    fills = Fills(context)
    fills.start()
    for number in range(context.options.fills):
        fills.fill(number)
    fills.read_only_state()
    fills.read_only_disk()
    fills.end()


class Fills(Run):
    def __init__(self, context):
        where = context.directory
        self.disks = {name: disks.tmpfs(context.undo, where / name, MEGABYTES)
                      for name in ("file", "audit", "state")}
        self.image = disks.image_file(where / "ext4.img", 256)
        disks.ext4(self.image)
        self.ext4 = disks.mount(context.undo, where / "ext4", "-o", "loop", self.image)
        context.disks += [*self.disks.values(), self.ext4]
        super().__init__(context, where, ["--rate", context.options.rate], out=self.disks["file"])
        self.state = self.disks["state"] / "d"

    def start(self):
        """The audit log and the filtered file lie on disks of their own."""
        self.stream.move_sink("audit", self.disks["audit"])
        self.stream.move_sink("filtered", self.ext4)
        self.write()
        self.daemon.start()
        self.await_events("at first")

    def fill(self, number):
        names = self.random.choice((["file"], ["audit"], ["state"], ["file", "audit"],
                                    ["file", "audit", "state"]))
        for name in names:
            disks.fill(self.disks[name] / "filler")
        self.report.add("fills")
        time.sleep(0.5 + self.random.random() * 2)
        if self.context.options.kills and number % 2:
            self.kill_and_free(names)
            return
        self.daemon.alive()
        for name in names:
            disks.free(self.disks[name] / "filler")
        self.await_events(f"after {' and '.join(names)} was full")
        self.check_told(names)

    def kill_and_free(self, names):
        self.daemon.kill()
        self.report.add("kills")
        for name in names:
            disks.free(self.disks[name] / "filler")
        self.daemon.start()
        self.await_events(f"after a kill while {' and '.join(names)} was full")

    def check_told(self, names):
        """A sink's full disk is in the audit log once that can be written again."""
        if names == ["state"]:
            return
        sink = "events" if "file" in names else "audit"
        told = self.audit.last.get("sink_failed", {})
        if "ENOSPC" not in told.get("error", ""):
            self.report.fault("no sink_failed with ENOSPC", f"{sink}: {told}")
        await_that(lambda: self.audit.count("sink_recovered"), "sink_recovered", 10)

    def read_only_state(self):
        """What is opened by its path fails with EROFS; descriptors that are open go on."""
        state = self.state
        disks.mount(self.context.undo, state, "--bind", state)
        disks.call("mount", "-o", "remount,bind,ro", state)
        self.check_loud()
        self.daemon.alive()
        disks.unmount(state)
        self.await_events("after the state directory was read-only")
        self.report.add("read-only remounts")

    def check_loud(self):
        """A position that cannot be saved stops the stream, and is told in both logs."""
        await_that(lambda: "EROFS" in self.daemon.last_words(4000),
                   "a word in the log that the position cannot be saved", 15)
        self.audit.read()
        if not any("EROFS" in str(record) for record in self.audit.last.values()):
            self.report.fault("a position that was not saved: not in the audit log")

    def read_only_disk(self):
        """ext4 gives up as after an error of the disk; a repair, then a new start."""
        disks.call("mount", "-o", "remount,abort", self.ext4)
        time.sleep(2)
        self.daemon.alive()
        self.audit.read()
        told = self.audit.last.get("sink_failed", {})
        if told.get("sink") != "filtered":
            self.report.fault("no sink_failed for a disk that became read-only", str(told))
        self.daemon.kill()
        disks.unmount(self.ext4)
        disks.call("sh", "-c", f"e2fsck -fy {self.image} >/dev/null; test $? -le 2")
        disks.mount(self.context.undo, self.ext4, "-o", "loop", self.image)
        self.daemon.start()
        self.await_events("after the disk was repaired")
        self.report.add("read-only remounts")
