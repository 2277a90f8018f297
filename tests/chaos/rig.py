"""The simulator and the daemon as child processes, each ended by its own pid."""

import ctypes
import json
import os
import signal
import subprocess
import time

PATIENCE = 60  # seconds, for what must happen
POLL = 0.01
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


class Stuck(Exception):
    """What was waited for did not happen."""


def await_that(condition, what, patience=PATIENCE):
    """Waits until `condition()` is true, and returns it."""
    deadline = time.monotonic() + patience
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise Stuck(f"{what}: not within {patience} s")
        time.sleep(POLL)
    return value


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def words_of(environment):
    return {name: str(value) for name, value in environment.items()}


def spawn(command, log, environment=None):
    with open(log, "ab") as out:
        return subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                stdout=out, stderr=out, preexec_fn=die_with_parent,
                                env={**os.environ, **words_of(environment or {})})


class Child:
    def __init__(self, command, log, environment=None):
        self.log = log
        self.process = spawn(command, log, environment)

    @property
    def pid(self):
        return self.process.pid

    @property
    def code(self):
        """None while it runs; negative: the signal that ended it."""
        return self.process.poll()

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, patience=PATIENCE):
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise Stuck(f"pid {self.pid} does not end, see {self.log}") from None

    def kill(self):
        self.signal(signal.SIGKILL)
        return self.wait()

    def end(self):
        """However it stands: it is gone afterwards."""
        if self.code is None:
            self.kill()


class Simulator(Child):
    """gcstream-sim in a directory of its own: `options` as on its command line."""

    def __init__(self, binaries, directory, options):
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.truth = directory / "truth.ndjson"
        self.summary = directory / "summary.json"
        super().__init__([binaries / "gcstream-sim", "--port", "0", "--directory", directory,
                          "--truth", self.truth, "--summary", self.summary, *options],
                         directory / "log")
        self.port = await_that(self._port, "the simulator listens")

    def _port(self):
        if self.code is not None:
            raise Stuck(f"the simulator ended: {self.log.read_text()[-500:]}")
        for line in self.log.read_text().splitlines():
            if "listening on 127.0.0.1:" in line:
                return int(line.split("127.0.0.1:")[1].split(",")[0])
        return None

    def created(self):
        """Whether there are events yet."""
        return self.truth.exists() and self.truth.stat().st_size > 0

    def finish(self):
        """No more events; the number of the last one."""
        size = self.truth.stat().st_size
        self.signal(signal.SIGUSR1)
        await_that(lambda: self.truth.stat().st_size > size, "the simulator's last event")
        return self._settled_newest()

    def _settled_newest(self):
        while True:
            size = self.truth.stat().st_size
            time.sleep(0.1)
            if self.truth.stat().st_size == size:
                break
        with open(self.truth, "rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait()

    def counters(self):
        """Its summary, once it has ended."""
        return json.loads(self.summary.read_text())


class Daemon:
    """gcstreamd with one configuration file, started again and again; one process at a time.

    An end that nobody asked for is a fault in the report.
    """

    def __init__(self, binaries, config_file, log, report):
        self.binary = binaries / "gcstreamd"
        self.config_file = config_file
        self.log = log
        self._report = report
        self.child = None

    def start(self, prefix=(), environment=None):
        self.child = Child([*prefix, self.binary, "run", "--config", self.config_file], self.log,
                           environment)

    @property
    def pid(self):
        return self.child.pid

    def alive(self):
        """Starts it again when it ended by itself, which it must not."""
        if self.child.code is None:
            return
        self._report.fault(f"the daemon ended by itself with {self.child.code}", self.last_words())
        if self._report.counts[f"the daemon ended by itself with {self.child.code}"] > 20:
            raise Stuck("the daemon ends by itself again and again")
        time.sleep(0.05)
        self.start()

    def last_words(self, size=300):
        """The end of its log, on one line."""
        return self.log.read_text(errors="replace")[-size:].strip().replace("\n", " | ")

    def signal(self, number):
        self.child.signal(number)

    def kill(self):
        self.child.kill()

    def stop(self, patience=PATIENCE):
        """SIGTERM; any exit code but 0 is a fault."""
        self.signal(signal.SIGTERM)
        code = self.child.wait(patience)
        if code:
            self._report.fault(f"SIGTERM ended it with {code}", self.last_words())
        return code

    def end(self):
        if self.child:
            self.child.end()

    def check(self, config_file):
        """(accepted, what it says)"""
        done = subprocess.run([self.binary, "check", "--config", config_file], text=True,
                              capture_output=True, check=False)
        return done.returncode == 0, done.stdout + done.stderr
