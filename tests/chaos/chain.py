"""The audit log, verified with nothing but hashlib and the words of docs/audit-log.md."""

import hashlib
import json

ZEROS = b"0" * 64
HASH = b',"hash":'


class Chain:
    """Fed line by line; tells what is wrong with each."""

    def __init__(self):
        self.records = 0
        self._number = 0
        self._previous = ZEROS

    def faults(self, line):
        """(record or None, [(kind, words)]). Goes on after a fault with what the line says itself."""
        if not line.endswith(b"\n"):
            return None, [("torn line", repr(line[-60:]))]
        try:
            record = json.loads(line)
            keys = list(record)
        except (ValueError, TypeError) as error:
            return None, [("not JSON", f"{error}: {line[:80]!r}")]
        faults = []
        if keys[:3] != ["ts", "stream", "type"]:
            faults.append(("first keys", repr(keys[:3])))
        if keys[-2:] != ["n", "hash"]:
            return record, [*faults, ("last keys", repr(keys[-2:]))]
        faults += self._link(line, record)
        return record, faults

    def _link(self, line, record):
        faults = []
        if record["n"] != self._number + 1:
            faults.append(("n not contiguous", f"{record['n']} after {self._number}"))
        body = line[:line.rindex(HASH)]
        if hashlib.sha256(self._previous + body).hexdigest() != record["hash"]:
            faults.append(("chain broken", f"at n {record['n']}"))
        self._number = record["n"]
        self._previous = record["hash"].encode()
        self.records += 1
        return faults
