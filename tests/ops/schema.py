#!/usr/bin/env python3
"""The JSON Schema of the configuration says what `gcstreamd check` says: the same keys, right and wrong.

    schema.py GCSTREAMD
"""

import copy
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "config/gcstreamd.schema.json").read_text())
GCSTREAMD = sys.argv.pop(1)

# Read only to say where a secret belongs.
NOT_FOR_USE = {"client_secret", "secret", "token", "access_token"}


def without_comments(text):
    string_or_comment = r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/'
    return re.sub(string_or_comment, lambda match: match.group(1) or " ", text, flags=re.S)


def check(configuration):
    """What `gcstreamd check` finds wrong: lines."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "gcstreamd.json"
        path.write_text(json.dumps(configuration))
        environment = {"GENESYS_CLIENT_ID": "id", "GENESYS_CLIENT_SECRET": "secret", "PATH": os.environ["PATH"]}
        done = subprocess.run([GCSTREAMD, "check", "--config", path], env=environment, text=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    return done.stderr.splitlines() if done.returncode else []


def schema_faults(configuration):
    return [error.message for error in jsonschema.Draft7Validator(SCHEMA).iter_errors(configuration)]


def full():
    """Every object that a configuration can hold."""
    rotate = {"max_bytes": 4096, "max_age_s": 60, "keep": 3, "max_total_bytes": 1048576, "compress": "zstd"}
    return {
        "state_dir": "/tmp/state", "shutdown_timeout_s": 5, "max_connections_per_org": 2,
        "max_requests_per_minute": 200,
        "log": {"level": "debug", "target": "stderr"},
        "metrics": {"interval_s": 5, "listen": "unix:/tmp/status"},
        "streams": [{
            "name": "main", "region": "eu-central-1", "protocol": "analytics-stream",
            "endpoints": {"oauth_url": "https://login.example.com/oauth/token",
                          "stream_url": "ws://localhost:1/stream", "api_url": "https://api.example.com"},
            "oauth": {"client_id": "id", "client_auth": "basic", "scopes": [], "refresh_margin_s": 0},
            "token_in": "header", "event_types": ["interaction:media", "interaction:conversation"],
            "buffer_size": 1000, "start_at": 17,
            "tls": {"min_version": "1.3"}, "proxy": "http://proxy:3128", "connect_timeout_s": 3, "liveness": {"idle_timeout_s": 20},
            "reconnect": {"base_delay_ms": 1, "max_delay_ms": 2, "max_attempts": 0, "jitter": "none",
                          "stable_after_s": 1},
            "integrity": {"on_gap": "record", "gap_threshold": 2, "max_resumes_per_minute": 0,
                          "on_stale_position": "restart_at_tip"},
            "limits": {"max_frame_bytes": 65536},
            "sinks": [
                {"type": "stdout", "required": False},
                {"type": "file", "path": "/tmp/events.ndjson", "name": "all", "event_types": ["interaction:media"],
                 "fsync": "batch", "fsync_interval_ms": 5, "mode": "0600", "rotate": rotate,
                 "redact": [{"pointer": "/participants/*/name", "action": "mask"}],
                 "retry": {"base_delay_ms": 1, "max_delay_ms": 2}},
                {"type": "audit", "path": "/tmp/audit.jsonl", "chain": True, "seal": None},
            ]}]}


def full_of_notifications():
    """The same with the other protocol."""
    configuration = full()
    stream = configuration["streams"][0]
    for key in ("token_in", "event_types", "buffer_size", "start_at", "integrity"):
        del stream[key]
    del stream["endpoints"]["stream_url"]
    stream["sinks"][1]["event_types"] = ["conversations", "recovered"]
    del stream["sinks"][1]["redact"]
    return configuration | {"streams": [stream | {
        "protocol": "notifications", "topics": ["v2.users.1.presence"], "queues": ["*"], "users": ["A*"],
        "discovery_interval_s": 60, "channels": {"max_age_s": 60, "renew_margin_s": 30, "overlap_ms": 0},
        "backfill": {"enabled": False, "delays_s": [0, 60], "give_up_after_s": 60, "overlap_s": 0, "lookback_s": 0}}]}


def changed(pointer, value, of=full):
    configuration = of()
    *way, last = [int(part) if part.isdigit() else part for part in pointer.split("/")[1:]]
    place = configuration
    for part in way:
        place = place[part]
    if value is KeyError:
        del place[last]
    else:
        place[last] = value
    return configuration


WRONG = [
    ("/streams", []), ("/streams", KeyError), ("/log/level", "loud"), ("/log/target", "syslog"),
    ("/shutdown_timeout_s", 0), ("/shutdown_timeout_s", "5"), ("/metrics/interval_s", 0),
    ("/metrics/listen", 9477), ("/metrics/listen", "nowhere"), ("/max_connections_per_org", 0),
    ("/state_dir", ""), ("/streams/0/name", "Main"), ("/streams/0/name", KeyError),
    ("/streams/0/region", "nowhere-1"), ("/streams/0/region", KeyError), ("/streams/0/protocol", "carrier-pigeon"),
    ("/streams/0/endpoints/oauth_url", "http://login.example.com/oauth/token"),
    ("/streams/0/endpoints/stream_url", "https://api.example.com/"),
    ("/streams/0/oauth/client_auth", "digest"), ("/streams/0/oauth/scopes", "all"),
    ("/streams/0/oauth/refresh_margin_s", -1), ("/streams/0/oauth/client_id_file", "/etc/hostname"),
    ("/streams/0/oauth/client_secret", "oh"),
    ("/streams/0/token_in", "cookie"), ("/streams/0/event_types", []),
    ("/streams/0/event_types", ["interaction:media", "interaction:media"]),
    ("/streams/0/event_types/0", "interaction:mood"), ("/streams/0/event_types", KeyError),
    ("/streams/0/buffer_size", 1.5), ("/streams/0/start_at", -1), ("/streams/0/start_at", "yesterday"),
    ("/streams/0/tls/min_version", "1.1"), ("/streams/0/proxy", "https://proxy:3128"), ("/streams/0/proxy", "proxy:3128"),
    ("/streams/0/proxy", "http://proxy"), ("/streams/0/proxy", "http://u:p@ss@proxy:1"), ("/streams/0/proxy", 3128),
    ("/streams/0/proxy", "http://proxy:3128/path"), ("/streams/0/tls/client_key_file", "/etc/hostname"),
    ("/streams/0/reconnect/jitter", "full"), ("/streams/0/reconnect/max_attempts", -1),
    ("/streams/0/connect_timeout_s", 0), ("/streams/0/liveness/idle_timeout_s", 0),
    ("/streams/0/integrity/on_gap", "ignore"), ("/streams/0/integrity/gap_threshold", 0),
    ("/streams/0/integrity/on_stale_position", "go_on"), ("/streams/0/limits/max_frame_bytes", 1),
    ("/streams/0/sinks", []), ("/streams/0/sinks/0/required", True), ("/streams/0/sinks/0/path", "/tmp/x"),
    ("/streams/0/sinks/1/path", KeyError), ("/streams/0/sinks/1/path", ""), ("/streams/0/sinks/1/type", "pipe"),
    ("/streams/0/sinks/1/type", KeyError), ("/streams/0/sinks/1/chain", True), ("/streams/0/sinks/1/name", "A B"),
    ("/streams/0/sinks/1/fsync", "always"), ("/streams/0/sinks/1/fsync_interval_ms", 0),
    ("/streams/0/sinks/1/mode", "0444"), ("/streams/0/sinks/1/mode", 640), ("/streams/0/sinks/1/mode", "1640"),
    ("/streams/0/sinks/1/rotate/max_bytes", 5), ("/streams/0/sinks/1/rotate/compress", "xz"),
    ("/streams/0/sinks/1/rotate/keep", -1), ("/streams/0/sinks/1/retry/base_delay_ms", 0),
    ("/streams/0/sinks/2/chain", "yes"), ("/streams/0/sinks/2/seal", {}),
    ("/streams/0/sinks/1/redact", {}), ("/streams/0/sinks/1/redact/0", 5),
    ("/streams/0/sinks/1/redact/0/pointer", "ani"), ("/streams/0/sinks/1/redact/0/pointer", ""),
    ("/streams/0/sinks/1/redact/0/pointer", "/a~2"), ("/streams/0/sinks/1/redact/0/pointer", "/*/name"),
    ("/streams/0/sinks/1/redact/0/pointer", "/eventType"), ("/streams/0/sinks/1/redact/0/pointer", "/a" * 33),
    ("/streams/0/sinks/1/redact/0/pointer", "/sequenceNumber"), ("/streams/0/sinks/1/redact/0/pointer", KeyError),
    ("/streams/0/sinks/1/redact/0/action", "drop"), ("/streams/0/sinks/1/redact/0/action", "hmac"),
    ("/streams/0/sinks/1/redact/0/action", KeyError), ("/streams/0/sinks/1/redact/0/key_file", "/etc/hostname"),
    ("/streams/0/sinks/1/redact", [{"pointer": f"/{i}", "action": "mask"} for i in range(65)]),
]

RIGHT = [
    ("/metrics/listen", None), ("/metrics/listen", "[::1]:9477"), ("/metrics/listen", "localhost:0"),
    ("/streams/0/region", "mypurecloud.de"), ("/streams/0/region", "example.com:8443"),
    ("/streams/0/start_at", "tip"), ("/streams/0/start_at", 0), ("/streams/0/buffer_size", -4),
    ("/streams/0/endpoints", {}), ("/streams/0/sinks/1/rotate/max_bytes", 0),
    ("/streams/0/sinks/1/mode", "640"), ("/streams/0/sinks/1/redact", []), ("/streams/0/proxy", None),
    ("/streams/0/sinks/1/redact", None), ("/streams/0/sinks/0/redact", [{"pointer": "/a", "action": "mask"}]),
    ("/streams/0/sinks/2/redact", [{"pointer": "/a", "action": "mask"}]),
    ("/streams/0/sinks/1/redact/0/pointer", "/a~1b/~0/*/0/"), ("/streams/0/sinks/1/redact/0/action", "remove"),
    ("/streams/0/sinks/1/redact", [{"pointer": f"/{i}", "action": "mask"} for i in range(64)]),
    ("/streams/0/proxy", ""), ("/streams/0/proxy", "http://ops:p%40ss@proxy.corp:3128"), ("/streams/0/proxy", "http://[::1]:3128/"),
]


WRONG_OF_NOTIFICATIONS = [
    ("/streams/0/sinks/1/redact", [{"pointer": "/a", "action": "mask"}]),
    ("/streams/0/topics/0", ""), ("/streams/0/topics/0", "v2.users.*.presence"), ("/streams/0/topics/0", "v" * 200),
    ("/streams/0/topics", "v2.users.1.presence"), ("/streams/0/queues/0", 5), ("/streams/0/users/0", ""),
    ("/streams/0/discovery_interval_s", 0), ("/streams/0/channels/max_age_s", 0),
    ("/streams/0/channels/overlap_ms", -1), ("/streams/0/backfill/enabled", "no"),
    ("/streams/0/backfill/delays_s", []), ("/streams/0/backfill/delays_s/0", -1),
    ("/streams/0/backfill/give_up_after_s", 0), ("/streams/0/event_types", ["interaction:media"]),
    ("/streams/0/buffer_size", 5), ("/streams/0/start_at", "tip"), ("/streams/0/token_in", "query"),
    ("/streams/0/integrity", {}), ("/streams/0/endpoints/stream_url", "wss://api.example.com/"),
    ("/streams/0/protocol", "analytics-stream"), ("/max_requests_per_minute", 0),
]

RIGHT_OF_NOTIFICATIONS = [
    ("/streams/0/topics", KeyError), ("/streams/0/queues", []), ("/streams/0/backfill", {}),
    ("/streams/0/endpoints", {}), ("/streams/0/sinks/1/event_types", ["anything"]),
]


def objects(value, pointer=""):
    if isinstance(value, dict):
        yield pointer
        for key, member in value.items():
            yield from objects(member, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from objects(member, f"{pointer}/{index}")


def properties_at(pointer):
    """The schema's keys for an object of `full()`."""
    place, kind = SCHEMA, None
    for part in pointer.split("/")[1:]:
        place = place["items"] if part.isdigit() else place["properties"][part]
        if "$ref" in place:
            kind = place["$ref"].split("/")[-1]
            place = SCHEMA["definitions"][kind]
    return place, kind


class Schema(unittest.TestCase):
    def test_is_a_schema(self):
        jsonschema.Draft7Validator.check_schema(SCHEMA)

    def test_what_is_right_is_right_for_both(self):
        for pointer, value in [("/shutdown_timeout_s", 10)] + RIGHT:
            with self.subTest(pointer=pointer, value=value):
                configuration = changed(pointer, value)
                self.assertEqual(check(configuration), [])
                self.assertEqual(schema_faults(configuration), [])

    def test_what_is_wrong_is_wrong_for_both(self):
        for pointer, value in WRONG:
            with self.subTest(pointer=pointer, value=value):
                configuration = changed(pointer, value)
                self.assertNotEqual(check(configuration), [])
                self.assertNotEqual(schema_faults(configuration), [])

    def test_what_is_right_and_wrong_of_notifications_is_so_for_both(self):
        for right, cases in ((True, RIGHT_OF_NOTIFICATIONS), (False, WRONG_OF_NOTIFICATIONS)):
            for pointer, value in cases:
                with self.subTest(pointer=pointer, value=value):
                    configuration = changed(pointer, value, of=full_of_notifications)
                    self.assertEqual(check(configuration) == [], right)
                    self.assertEqual(schema_faults(configuration) == [], right)

    def test_every_key_that_the_reader_knows_is_in_the_schema_and_no_other(self):
        for of in (full, full_of_notifications):
            self.compare_keys(changed("/streams/0/sinks/2/seal", {"interval_s": 1, "key_file": "/nowhere"}, of=of))

    def compare_keys(self, configuration):
        for pointer in objects(configuration):
            with self.subTest(object=pointer):
                self.assertEqual(self.known_keys(configuration, pointer), self.schema_keys(configuration, pointer))

    def known_keys(self, configuration, pointer):
        asked = copy.deepcopy(configuration)
        place = asked
        for part in pointer.split("/")[1:]:
            place = place[int(part) if part.isdigit() else part]
        place["zzzzzzzz"] = 1
        line = next(line for line in check(asked) if line.startswith(f"{pointer}/zzzzzzzz: unknown key"))
        allowed = re.search(r"allowed: ([a-z_, ]+)", line).group(1).split(", ")
        return set(allowed) - NOT_FOR_USE

    def schema_keys(self, configuration, pointer):
        place, kind = properties_at(pointer)
        keys = set(place["properties"])
        if kind == "sink" and pointer.count("/") == 4:
            member = configuration["streams"][0]["sinks"][int(pointer[-1])]
            for rule in place["allOf"]:
                names = rule["then"].get("propertyNames")
                if names and rule["if"]["properties"]["type"]["const"] == member["type"]:
                    keys &= set(names["enum"])
        return keys

    def test_the_configurations_that_come_along_are_right(self):
        for name in ("config/gcstreamd.json", "config/packaged.json"):
            with self.subTest(file=name):
                self.assertEqual(schema_faults(json.loads(without_comments((ROOT / name).read_text()))), [])

    def test_the_packaged_configuration_lacks_only_what_the_operator_knows(self):
        configuration = json.loads(without_comments((ROOT / "config/packaged.json").read_text()))
        self.assertEqual(check(configuration), [])
        self.assertEqual(configuration["streams"][0]["reconnect"]["max_attempts"], 0)

    def test_every_key_is_described_and_named_in_the_manual(self):
        manual = (ROOT / "docs/man/gcstreamd.json.5").read_text()
        seal = {"interval_s": 1, "key_file": "/x"}
        both = [changed("/streams/0/sinks/2/seal", seal, of=of) for of in (full, full_of_notifications)]
        for pointer in sorted({pointer for one in both for pointer in objects(one)}):
            place, _ = properties_at(pointer)
            for key, value in place["properties"].items():
                with self.subTest(key=f"{pointer}/{key}"):
                    self.assertTrue("description" in value or "$ref" in value)
                    self.assertRegex(manual, rf"\b{key}\b")


if __name__ == "__main__":
    unittest.main()
