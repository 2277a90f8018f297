#!/usr/bin/env python3
"""Does the comparison find what it must, and nothing else?"""

import gzip
import hashlib
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ in the source tree

from compare import compare  # noqa: E402
from findings import Report, ranges  # noqa: E402
from follower import Follower  # noqa: E402
from sinkfiles import Sink, last_line_with  # noqa: E402
from truth import Truth  # noqa: E402

TYPES = ("routing:queue:member", "interaction:conversation")
NEVER = 7  # never sent by the server
NEWEST = 10


def event(number):
    return json.dumps({"eventType": TYPES[number % 2], "sequenceNumber": number, "x": "é"},
                      separators=(",", ":")).encode() + b"\n"


def record(kind, **fields):
    return {"ts": "2026-11-23T18:44:55.000000Z", "stream": "main", "type": kind, **fields}


def received(number):
    return record("event_received", eventType=TYPES[number % 2], sequenceNumber=number)


def lost(first, last, **more):
    return record("events_lost", **{"from": first, "to": last}, count=last - first + 1,
                  cause="never_sent", **more)


def sealed(records):
    """The lines of an audit log, chained as docs/audit-log.md says."""
    previous, lines = "0" * 64, []
    for number, fields in enumerate(records, 1):
        body = json.dumps({**fields, "n": number}, separators=(",", ":"))[:-1]
        previous = hashlib.sha256((previous + body).encode()).hexdigest()
        lines.append(f'{body},"hash":"{previous}"}}\n'.encode())
    return lines


class Comparison(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.moved = self.directory / "moved"
        self.moved.mkdir()
        self.events = [event(n) for n in range(1, NEWEST + 1) if n != NEVER]
        self.records = [received(n) if n != NEVER else lost(n, n) for n in range(1, NEWEST + 1)]
        self.sinks = [self.sink("events.ndjson"), self.sink("audit.jsonl")]

    def sink(self, name, **more):
        return Sink(name.split(".")[0], self.directory / name, moved=self.moved, **more)

    def write(self, name, lines):
        (self.directory / name).write_bytes(b"".join(lines))

    def kinds(self, lines=None):
        """The faults that are found, with their counts."""
        truth = b"".join(event(n) if n != NEVER else
                         b'{"neverSent":true,"sequenceNumber":%d}\n' % n
                         for n in range(1, NEWEST + 1))
        self.write("truth", [truth])
        if lines is None:
            lines = self.events
        if lines:
            self.write("events.ndjson", lines)
        if not (self.directory / "audit.jsonl").exists():
            self.write("audit.jsonl", sealed(self.records))
        self.report = Report()
        compare(Truth(self.directory / "truth"), self.sinks, self.report)
        return self.report.counts

    def test_what_is_whole_has_no_fault(self):
        self.assertEqual(self.kinds(), {})

    def test_an_event_too_few(self):
        self.assertEqual(self.kinds(self.events[:-1]), {"events: missing": 1})

    def test_an_event_twice(self):
        self.assertEqual(self.kinds(self.events + self.events[-2:]), {"events: doubled": 2})

    def test_two_events_in_wrong_order(self):
        self.events[2:4] = reversed(self.events[2:4])
        self.assertEqual(self.kinds(), {"events: out of order": 1})

    def test_a_changed_byte(self):
        self.events[3] = self.events[3].replace(b'"x"', b'"y"')
        self.assertEqual(self.kinds(), {"events: not the bytes that were sent": 1})

    def test_a_torn_end_and_a_line_that_is_no_event(self):
        self.events[3] = b"\0\0\0\n"
        self.events[-1] = self.events[-1][:-1]
        self.assertEqual(self.kinds(), {"events: not an event": 1, "events: torn line": 1,
                                        "events: missing": 2})

    def test_an_event_that_nobody_sent(self):
        self.assertEqual(self.kinds([*self.events, event(NEVER), event(NEWEST + 1)]),
                         {"events: never sent": 2})

    def test_a_loss_without_a_record(self):
        del self.records[NEVER - 1]
        self.assertEqual(self.kinds(), {"events: missing": 1, "audit: missing": 1})

    def test_a_record_of_a_loss_that_was_none(self):
        self.records.append(lost(2, 3))
        self.assertEqual(self.kinds(), {"declared lost, but sent": 2,
                                        "events: declared lost, but there": 2,
                                        "audit: declared lost, but there": 2})

    def test_an_optional_sink_s_loss_is_declared_by_its_name(self):
        self.sinks.append(self.sink("optional.ndjson", holds="declared"))
        self.write("optional.ndjson", self.events[3:])
        self.records.append(lost(1, 2, sink="optional"))
        self.assertEqual(self.kinds(), {"optional: missing": 1})

    def test_a_filtered_sink_holds_its_types_and_no_others(self):
        self.sinks.append(self.sink("filtered.ndjson", types=frozenset(TYPES[:1])))
        self.write("filtered.ndjson", [event(2), event(3), event(6), event(8), event(10)])
        self.assertEqual(self.kinds(), {"filtered: of a type that is filtered": 1,
                                        "filtered: missing": 1})

    def test_a_sink_that_came_and_went_holds_what_it_always_wanted(self):
        self.sinks.append(self.sink("guest.ndjson", holds="some", always=frozenset(TYPES[:1])))
        self.write("guest.ndjson", [event(n) for n in (2, 3, 4, 8, 10)])
        self.assertEqual(self.kinds(), {"guest: missing": 1})

    def test_files_moved_away_rotated_and_compressed_are_one_after_the_other(self):
        (self.moved / "events.ndjson.000001").write_bytes(b"".join(self.events[:2]))
        with gzip.open(self.directory / "events.ndjson.20261123T184455Z-000001.gz", "wb") as file:
            file.write(b"".join(self.events[2:4]))
        self.write("events.ndjson.20261123T184456Z-000002", self.events[4:5])
        self.assertEqual(self.kinds(self.events[5:]), {})

    def test_rotated_files_whose_names_do_not_sort(self):
        self.write("events.ndjson.20261123T184455Z-000001", self.events[2:4])
        self.write("events.ndjson.20261123T184455Z-000002", self.events[:2])
        self.assertEqual(self.kinds(self.events[4:]), {"events: rotated files do not sort": 1})

    def test_a_torn_end_without_a_record_is_remarked(self):
        self.write("events.ndjson.torn-1", [b"{"])
        self.write("events.ndjson.torn-2", [b"{"])
        self.records.append(record("torn_tail_repaired", path="…/events.ndjson", bytes=1,
                                   movedTo="/elsewhere/events.ndjson.torn-2"))
        self.assertEqual(self.kinds(), {})
        self.assertEqual(self.report.remarks, [
            "events: no record of events.ndjson.torn-1, as after a kill amid the repair"])

    def test_a_chain_that_was_tampered_with(self):
        lines = sealed(self.records)
        lines[3] = lines[3].replace(b"routing", b"Routing")
        self.write("audit.jsonl", lines)
        self.assertEqual(self.kinds(), {"audit: chain broken": 1})

    def test_a_record_was_taken_out_of_the_chain(self):
        lines = sealed(self.records)
        del lines[4]
        self.write("audit.jsonl", lines)
        self.assertEqual(self.kinds(), {"audit: chain broken": 1, "audit: n not contiguous": 1,
                                        "audit: missing": 1})


class Helpers(unittest.TestCase):
    def test_ranges(self):
        self.assertEqual(ranges([1, 3, 4, 5, 9]), "1, 3-5, 9")

    def test_the_worked_example_of_the_documentation(self):
        text = (Path(__file__).parents[2] / "docs/audit-log.md").read_text()
        lines = [line for line in text.splitlines() if line.startswith('{"ts"')][:2]
        self.assertEqual([json.loads(line)["hash"] for line in lines],
                         [json.loads(line)["hash"] for line in
                          sealed([without_chain(json.loads(line)) for line in lines])])

    def test_a_follower_goes_on_in_the_next_file_and_after_a_cut(self):
        directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        sink = Sink("audit", directory / "audit.jsonl")
        lines = sealed([received(n) for n in range(1, 7)])
        sink.path.write_bytes(b"".join(lines[:2]) + b'{"torn')
        follower = Follower(sink)
        self.assertEqual(follower.count("event_received"), 2)
        with open(sink.path, "r+b") as file:
            file.truncate(len(lines[0] + lines[1]))
        self.assertEqual(follower.count("event_received"), 2)
        with open(sink.path, "ab") as file:
            file.write(lines[2])
        sink.path.rename(directory / "moved")
        sink.path.write_bytes(lines[3])
        self.assertEqual(follower.count("event_received"), 4)
        self.assertEqual(follower.newest_event, 4)

    def test_the_last_line_may_be_in_the_file_before(self):
        directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        sink = Sink("events", directory / "events.ndjson")
        (directory / "events.ndjson.20261123T184455Z-000001").write_bytes(event(1) + event(2))
        sink.path.write_bytes(b"")
        self.assertEqual(last_line_with(sink, b'"sequenceNumber"'), event(2))


def without_chain(fields):
    return {key: value for key, value in fields.items() if key not in ("n", "hash")}


if __name__ == "__main__":
    unittest.main(warnings="ignore")
