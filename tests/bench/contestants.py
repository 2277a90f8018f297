"""The clients that are measured, each as one process that writes its events to a file."""

import json
import os
import re
import shutil
import socket

from rig import Child

PATH = "/api/v2/analytics/events/stream"
SINKS = ("file", "audit")
FIRST_NUMBER = 1000000001  # of gcstream-load's events


class Contestant:
    """A running client. `events`: the files that its events go to, one for each stream."""

    name = ""
    streams = 1

    def __init__(self, tools, load, directory):
        self.tools, self.load, self.directory = tools, load, directory
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        self.environment = {}
        self.prefix = []
        self.child = None

    @property
    def events(self):
        return [self.directory / "events.ndjson"]

    def start(self):
        """Returns once all its streams are subscribed."""
        self.load.ask("open", self.streams)
        self.child = Child([*self.prefix, *self.command()], self.directory / "log", self.environment)
        self.load.obeyed()

    def command(self):
        raise NotImplementedError

    def arrived(self):
        """Whole events in all its files."""
        size = sum(path.stat().st_size for path in self.events if path.exists())
        return size // (self.load.event_bytes + 1)

    def cpu(self):
        """Seconds, user and system, of all its threads."""
        with open(f"/proc/{self.child.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self):
        """Bytes."""
        with open(f"/proc/{self.child.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def end(self):
        if self.child:
            self.child.end()
        shutil.rmtree(self.directory, ignore_errors=True)


class Gcstreamd(Contestant):
    name = "gcstreamd"
    listen = None
    more = {}  # keys of each sink

    def __init__(self, tools, load, directory, streams=1, sinks=SINKS):
        super().__init__(tools, load, directory)
        self.streams, self.sinks = streams, sinks

    @property
    def events(self):
        return [self.directory / f"s{index}-0.file" for index in range(self.streams)]

    def command(self):
        secret = self.directory / "secret"
        secret.write_text("secret")
        secret.chmod(0o600)
        config = {"state_dir": str(self.directory / "state"),
                  "log": {"level": "warn", "target": "stderr"}, "metrics": {"listen": self.listen},
                  "streams": [self._stream(index) for index in range(self.streams)]}
        path = self.directory / "gcstreamd.json"
        path.write_text(json.dumps(config, indent=1))
        return [self.tools.binaries / "gcstreamd", "run", "--config", path]

    def _stream(self, index):
        base = f"https://localhost:{self.load.port}"
        return {"name": f"s{index}", "region": "us-east-1",
                "endpoints": {"oauth_url": base + "/oauth/token",
                              "stream_url": base.replace("https", "wss") + PATH},
                "tls": {"ca_file": self.load.ca_file},
                "oauth": {"client_id": "bench", "client_secret_file": str(self.directory / "secret")},
                "event_types": ["interaction:conversation"],
                "sinks": [{"type": kind, "name": f"{kind}{at}",
                           "path": str(self.directory / f"s{index}-{at}.{kind}"), **self.more}
                          for at, kind in enumerate(self.sinks)]}


class GcstreamdForLong(Gcstreamd):
    """On a disk that is not filled: its files are rotated, and the last few of them kept."""

    more = {"rotate": {"max_bytes": 1 << 28, "keep": 1}}

    @property
    def listen(self):
        return f"unix:{self.directory / 'admin'}"

    def arrived(self):
        """Events that all sinks hold durably, of one stream."""
        with socket.socket(socket.AF_UNIX) as way:
            way.connect(str(self.directory / "admin"))
            way.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            with way.makefile() as answer:
                held = re.findall(r"^gcstreamd_durable_sequence_number{.*} (\d+)$", answer.read(), re.M)
        return max(0, min(map(int, held)) - FIRST_NUMBER + 1) if len(held) == len(self.sinks) else 0


class Tutorial(Contestant):
    name = "tutorial (Node, ws)"

    def command(self):
        self.environment = {"BENCH_MODULES": str(self.tools.node_modules) + "/"}
        return ["node", self.tools.sources / "peers/tutorial.mjs",
                f"wss://localhost:{self.load.port}{PATH}", self.load.ca_file, self.events[0],
                self.directory / "audit.jsonl"]


class Websockets(Contestant):
    name = "libwebsockets, receive and write"

    def command(self):
        return [self.tools.binaries / "bench-libwebsockets", "localhost", self.load.port, PATH,
                self.load.ca_file, self.events[0]]


class Bare(Contestant):
    name = "bare OpenSSL loop, validating"
    options = ()

    def command(self):
        return [self.tools.binaries / "bench-bare", self.load.port, PATH, self.load.ca_file,
                self.events[0], *self.options]


class BareBlind(Bare):
    name = "bare OpenSSL loop, not validating"
    options = ("novalidate",)
