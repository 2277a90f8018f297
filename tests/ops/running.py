"""The daemon and the simulator at work, for tests that ask over HTTP."""

import json
import shutil
import signal
import sys
import tempfile
import urllib.request
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ in the source tree
sys.path.append(str(Path(__file__).resolve().parents[1] / "chaos"))

from configuration import Stream  # noqa: E402
from rig import Child, Simulator, await_that  # noqa: E402


class Running:
    """A stream "main" from a simulator with these options; `serves` is where the daemon answers, `binaries` a folder."""

    def __init__(self, binaries, options=()):
        self.directory = Path(tempfile.mkdtemp(prefix="gcstreamd-ops-"))
        self.simulator = Simulator(binaries, self.directory / "simulator", options)
        self.daemon = None
        try:
            self.daemon = self._start(binaries)
            self.serves = await_that(self._address, "the daemon serves status and metrics")
        except BaseException:
            self.end()
            raise

    def _start(self, binaries):
        stream = Stream("main", self.simulator, self.directory / "sinks")
        config = {"state_dir": str(self.directory / "state"), "metrics": {"listen": "127.0.0.1:0"},
                  "streams": [stream.config]}
        file = self.directory / "gcstreamd.json"
        file.write_text(json.dumps(config))
        return Child([binaries / "gcstreamd", "run", "--config", file], self.directory / "daemon.log")

    def _address(self):
        _, found, rest = self.daemon.log.read_text().partition("status and metrics on http://")
        return rest.split("/")[0] if found and "/" in rest else None

    def get(self, path):
        with urllib.request.urlopen(f"http://{self.serves}{path}", timeout=10) as answer:
            return answer.read().decode()

    def stop_daemon(self):
        self.daemon.signal(signal.SIGTERM)
        return self.daemon.wait()

    def end(self):
        for child in (self.daemon, self.simulator):
            if child:
                child.end()
        shutil.rmtree(self.directory, ignore_errors=True)
