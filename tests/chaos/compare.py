"""Every sink's files against the simulator's truth."""

from dataclasses import dataclass, field

from chain import Chain
from findings import ranges
from sinkfiles import files_of, lines_of, strangers_of, torn_of
from truth import NUMBER


@dataclass
class Losses:
    """The `events_lost` records of a stream."""

    spans: list = field(default_factory=list)  # (from, to, sink or None)

    def add(self, record):
        self.spans.append((record["from"], record["to"], record.get("sink")))

    def marks(self, newest, of_sink):
        """One byte a number: 1 where it is declared lost by all (of_sink None) or by this sink."""
        marks = bytearray(newest + 2)
        for first, last, sink in self.spans:
            last = newest if last is None else min(last, newest)
            if sink == of_sink and first <= last:
                marks[first:last + 1] = b"\1" * (last + 1 - first)
        return marks


@dataclass
class Audit:
    losses: Losses = field(default_factory=Losses)
    counts: dict = field(default_factory=dict)  # records by type
    torn: set = field(default_factory=set)  # names of files, from torn_tail_repaired


class Tally:
    """Which numbers a sink holds, how often, in which order."""

    def __init__(self, truth, sink, report):
        self.truth = truth
        self.sink = sink
        self.report = report
        self.seen = bytearray(truth.newest + 2)
        self.last = 0
        self._wanted = truth.wanted(sink.types)

    def fault(self, kind, text="", count=1):
        self.report.fault(f"{self.sink.name}: {kind}", text, count)

    def take(self, number, place):
        """False: the truth knows no such event."""
        if number > self.truth.newest or number < 1 or self.truth.never_sent(number):
            self.fault("never sent", f"{number} at {place}")
            return False
        if not self._wanted(number):
            self.fault("of a type that is filtered", f"{number} at {place}")
        if self.seen[number]:
            self.fault("doubled", f"{number} at {place}")
        elif number < self.last:
            self.fault("out of order", f"{number} after {self.last} at {place}")
        self.seen[number] = 1
        self.last = max(self.last, number)
        return True

    def finish(self, losses, upto):
        """What is missing, and what is said to be although it is there."""
        newest = self.truth.newest
        by_all = losses.marks(newest, None)
        by_sink = losses.marks(newest, self.sink.name)
        held = [number for number in range(1, newest + 1) if self.seen[number]]
        false = [number for number in held if by_all[number] or by_sink[number]]
        if false:
            self.fault("declared lost, but there", ranges(false), len(false))
        missing = [number for number in self._due(upto)
                   if not (self.seen[number] or by_all[number] or by_sink[number])]
        if missing:
            self.fault("missing", ranges(missing), len(missing))
        return len(held)

    def _due(self, upto):
        """Numbers that must be there or be declared lost: those never sent, too."""
        wanted = self._wanted
        if self.sink.holds == "some":
            wanted = self.truth.wanted(self.sink.always)
        never = self.truth.never_sent if self.sink.types is None else lambda number: False
        return (number for number in range(1, upto + 1) if wanted(number) or never(number))


def read_audit(truth, sink, report):
    """Checks every record; returns the tally of its events and what else it tells."""
    chain, audit, tally = Chain(), Audit(), Tally(truth, sink, report)
    for path in _in_order(sink, b'"n":', report):
        for index, line in enumerate(lines_of(path), 1):
            place = f"{path.name}:{index}"
            record, faults = chain.faults(line)
            for kind, words in faults:
                report.fault(f"{sink.name}: {kind}", f"{place}: {words}")
            if record is not None:
                _take(record, audit, tally, place)
    report.add("audit records", chain.records)
    return tally, audit


def _take(record, audit, tally, place):
    kind = record["type"]
    audit.counts[kind] = audit.counts.get(kind, 0) + 1
    if kind == "event_received":
        tally.take(record["sequenceNumber"], place)
    elif kind == "events_lost":
        audit.losses.add(record)
    elif kind == "torn_tail_repaired":
        audit.torn.add(record["movedTo"].rpartition("/")[2])


def read_events(truth, sink, report):
    tally = Tally(truth, sink, report)
    for path in _in_order(sink, b'"sequenceNumber":', report):
        for index, line in enumerate(lines_of(path), 1):
            _take_line(truth, tally, line, f"{path.name}:{index}")
    return tally


def _take_line(truth, tally, line, place):
    guess = tally.last + 1
    if guess <= truth.newest and truth.line(guess) == line:
        tally.take(guess, place)
        return
    if not line.endswith(b"\n"):
        tally.fault("torn line", f"{place}: {line[-60:]!r}")
        return
    found = NUMBER.search(line)
    if not found:
        tally.fault("not an event", f"{place}: {line[:80]!r}")
    elif tally.take(int(found[1]), place) and truth.line(int(found[1])) != line:
        tally.fault("not the bytes that were sent", f"{place}: {line[:80]!r}")


def _in_order(sink, marker, report):
    """The sink's files by their first line's number; names must sort in the same order."""
    numbered = []
    for path in files_of(sink):
        first = next((line for line in lines_of(path) if marker in line), None)
        if first is not None:
            numbered.append((_number_in(first, marker), path))
    in_time = [path for _, path in sorted(numbered)]
    rotated = [path.name for path in in_time if path.parent == sink.path.parent and path != sink.path]
    if rotated != sorted(rotated):
        report.fault(f"{sink.name}: rotated files do not sort", ", ".join(rotated[:6]))
    return in_time


def _number_in(line, marker):
    digits = line[line.index(marker) + len(marker):]
    end = next((i for i, c in enumerate(digits) if not chr(c).isdigit()), len(digits))
    return int(digits[:end] or 0)


def compare(truth, sinks, report, upto=None):
    """The sinks of one stream, one of which is the audit log. Returns what that tells."""
    upto = truth.newest if upto is None else upto
    audit_sink = next(sink for sink in sinks if sink.is_audit)
    tally, audit = read_audit(truth, audit_sink, report)
    _check_declared(truth, audit.losses, upto, report)
    tally.finish(audit.losses, upto)
    for sink in sinks:
        if not sink.is_audit:
            held = read_events(truth, sink, report).finish(audit.losses, upto)
            report.add(f"in {sink.name}", held)
    for sink in sinks:
        _check_company(sink, audit, report)
    return audit


def _check_declared(truth, losses, upto, report):
    """The simulator's history held all that was sent: nothing of it may be lost to all sinks."""
    marks = losses.marks(truth.newest, None)
    sent = [n for n in range(1, upto + 1) if marks[n] and not truth.never_sent(n)]
    if sent:
        report.fault("declared lost, but sent", ranges(sent), len(sent))


def _check_company(sink, audit, report):
    for path in torn_of(sink):
        if path.name not in audit.torn:
            report.remark(f"{sink.name}: no record of {path.name}, as after a kill amid the repair")
    for path in strangers_of(sink):
        report.remark(f"{sink.name}: unknown file {path.name}")
