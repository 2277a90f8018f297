"""A sink's files as a reader finds them: moved away, rotated, compressed, live."""

import gzip
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROTATED = re.compile(r"\.\d{8}T\d{6}Z-\d{6}(\.gz|\.zst)?$")
TORN = re.compile(r"\.torn-[^/]*$")
TAIL = 256 * 1024


@dataclass(frozen=True)
class Sink:
    """`holds`: "all" of its types exactly once (a required sink), what is not "declared" lost (an
    optional one), or "some" (it came and went; of `always` all)."""

    name: str
    path: Path
    types: frozenset = None
    holds: str = "all"
    always: frozenset = frozenset()
    moved: Path = None  # a directory where its files were moved to

    @property
    def is_audit(self):
        return self.path.suffix == ".jsonl"


def siblings(sink):
    """Paths beside the live file whose names begin with its name, in order."""
    return sorted(sink.path.parent.glob(sink.path.name + ".*"))


def files_of(sink):
    """In the order of names, which is that of time; torn ends are none."""
    moved = sorted(sink.moved.glob(sink.path.name + ".*")) if sink.moved else []
    rotated = [path for path in siblings(sink) if ROTATED.search(path.name)]
    live = [sink.path] if sink.path.exists() else []
    return [path for path in moved if not TORN.search(path.name)] + rotated + live


def torn_of(sink):
    return [path for path in siblings(sink) if TORN.search(path.name)]


def strangers_of(sink):
    return [path for path in siblings(sink)
            if not ROTATED.search(path.name) and not TORN.search(path.name)]


def lines_of(path):
    """The bytes of each line with its line break; the last may lack it."""
    if path.suffix == ".gz":
        with gzip.open(path) as file:
            yield from file
    elif path.suffix == ".zst":
        with subprocess.Popen(["zstd", "-dcq", path], stdout=subprocess.PIPE) as zstd:
            yield from zstd.stdout
        if zstd.returncode:
            raise ValueError(f"{path}: zstd cannot read it")
    else:
        with open(path, "rb", buffering=1024 * 1024) as file:
            yield from file


def last_line_with(sink, marker):
    """The newest whole line that holds `marker`, looking at the ends of the newest files; None."""
    for path in reversed(files_of(sink)):
        if path.suffix in (".gz", ".zst"):
            lines = list(lines_of(path))
        else:
            with open(path, "rb") as file:
                file.seek(max(file.seek(0, 2) - TAIL, 0))
                lines = file.read().splitlines(keepends=True)
        for line in reversed(lines):
            if line.endswith(b"\n") and marker in line:
                return line
        if lines:
            break
    return None
