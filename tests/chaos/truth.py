"""The simulator's truth: what was created, in order. A line's number is its event's number."""

import mmap
import re
from array import array

TYPE = re.compile(rb'"eventType":"([^"]*)"')
NUMBER = re.compile(rb'"sequenceNumber":(\d+)')
NEVER_SENT = b'{"neverSent":true,'


class Truth:
    """Holds the whole lines that were in the file when it was read; whoever needs more reads anew.

    A truth with a `reset` in it is refused: numbers would mean two things.
    """

    def __init__(self, path):
        self._starts = array("Q", [0])
        self._types = bytearray(1)
        self.type_names = []
        with open(path, "rb") as file:
            size = file.seek(0, 2)
            self._bytes = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) if size else b""
        self._index()

    def _index(self):
        codes = {}
        start = 0
        while (end := self._bytes.find(b"\n", start)) >= 0:
            head = self._bytes[start:start + 80]
            self._starts.append(start)
            self._types.append(0 if head.startswith(NEVER_SENT) else self._code(head, codes))
            start = end + 1
        self._starts.append(start)
        last = self.newest
        if last and int(NUMBER.search(self._bytes[self._starts[last]:start])[1]) != last:
            raise ValueError("the truth's lines are not numbered from 1 without a hole")

    def _code(self, head, codes):
        name = TYPE.search(head)[1]
        if name not in codes:
            self.type_names.append(name.decode())
            codes[name] = len(self.type_names)
        return codes[name]

    @property
    def newest(self):
        return len(self._starts) - 2

    def line(self, number):
        return self._bytes[self._starts[number]:self._starts[number + 1]]

    def never_sent(self, number):
        return self._types[number] == 0

    def wanted(self, types):
        """A predicate: is this number of an event that a sink of these types (None: all) gets?"""
        codes = bytes(code for code, name in enumerate(self.type_names, 1)
                      if types is None or name in types)
        own = self._types
        return lambda number: own[number] in codes
