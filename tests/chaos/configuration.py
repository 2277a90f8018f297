"""Configurations of the daemon for the simulator, and the sinks that they write."""

import json
from dataclasses import replace

from rig import Daemon, await_that
from sinkfiles import Sink, last_line_with
from truth import NUMBER

TYPES = ("routing:queue:member", "interaction:conversation", "interaction:media",
         "interaction:participant", "interaction:annotation")
FILTER = frozenset({"interaction:conversation", "routing:queue:member"})


class Stream:
    """One stream with a required file, an audit log, a filtered file and an optional one."""

    def __init__(self, name, simulator, out, moved=None, filtered=True, optional=True):
        self.out = out
        self.moved = moved
        out.mkdir(parents=True, exist_ok=True)
        self.sinks = [self._sink("events", "ndjson"), self._sink("audit", "jsonl")]
        if filtered:
            self.sinks.append(self._sink("filtered", "ndjson", types=FILTER))
        if optional:
            self.sinks.append(self._sink("optional", "ndjson", holds="declared"))
        self.config = {
            "name": name,
            "region": "us-east-1",
            "endpoints": {
                "oauth_url": f"https://localhost:{simulator.port}/oauth/token",
                "stream_url": f"wss://localhost:{simulator.port}/api/v2/analytics/events/stream",
            },
            "tls": {"ca_file": str(simulator.directory / "ca.pem")},
            "oauth": {"client_id": "demo-client",
                      "client_secret_file": str(simulator.directory / "client_secret")},
            "event_types": list(TYPES),
            "start_at": 0,
            "reconnect": {"base_delay_ms": 10, "max_delay_ms": 200, "max_attempts": 0},
            "integrity": {"max_resumes_per_minute": 600},
            "sinks": [self.sink_config(sink) for sink in self.sinks],
        }

    def _sink(self, name, suffix, **more):
        return Sink(name, self.out / f"{name}.{suffix}", moved=self.moved, **more)

    @staticmethod
    def sink_config(sink):
        entry = {"type": "audit" if sink.is_audit else "file", "name": sink.name,
                 "path": str(sink.path), "retry": {"base_delay_ms": 50, "max_delay_ms": 500}}
        if sink.holds == "declared":
            entry["required"] = False
        if sink.types is not None:
            entry["event_types"] = sorted(sink.types)
        return entry

    def move_sink(self, name, directory):
        """To another directory, before the daemon was started."""
        for index, sink in enumerate(self.sinks):
            if sink.name == name:
                self.sinks[index] = replace(sink, path=directory / sink.path.name)
                self.config["sinks"][index]["path"] = str(self.sinks[index].path)

    def sink(self, name):
        return next(sink for sink in self.sinks if sink.name == name)

    @property
    def audit(self):
        return self.sinks[1]

    @property
    def events(self):
        return self.sinks[0]

    def await_event(self, newest):
        """Until the required file and the audit log end with this number."""
        for sink, marker in ((self.events, b'"sequenceNumber"'), (self.audit, b'"event_received"')):
            await_that(lambda s=sink, m=marker: number_in(last_line_with(s, m)) >= newest,
                       f"event {newest} in {self.config['name']}/{sink.name}")


def number_in(line):
    return int(NUMBER.search(line)[1]) if line else 0


def whole(state_dir, streams, level="warn", listen=None):
    return {"state_dir": str(state_dir), "log": {"level": level, "target": "stderr"},
            "metrics": {"interval_s": 3600, "listen": listen},
            "shutdown_timeout_s": 20, "streams": [stream.config for stream in streams]}


def write(path, config):
    """Replaced as a whole, so that a reload never reads half of it."""
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(config, indent=1))
    draft.rename(path)


def accepts_rotation(binaries, directory, simulator, report):
    """Whether this daemon knows the `rotate` keys."""
    stream = Stream("main", simulator, directory)
    for entry in stream.config["sinks"]:
        entry["rotate"] = {"max_bytes": 1 << 20, "compress": "zstd"}
    path = directory / "rotate.json"
    write(path, whole(directory / "state", [stream]))
    accepted, _ = Daemon(binaries, path, directory / "check.log", report).check(path)
    return accepted
