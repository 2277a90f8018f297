"""Counts an audit log's records while it is written, across files that are moved away."""

import json
import os
from contextlib import suppress


class Follower:
    def __init__(self, sink):
        self._path = sink.path
        self._file = None
        self._rest = b""
        self.counts = {}
        self.last = {}  # the newest record of each type but event_received
        self.newest_event = 0

    def count(self, kind):
        self.read()
        return self.counts.get(kind, 0)

    def end(self):
        """Lets go of the file, which may lie on a disk that is to be unmounted."""
        if self._file:
            self._file.close()
            self._file = None

    def read(self):
        while True:
            if not self._file and not self._open():
                return
            self._follow_cut()
            self._take(self._file.read())
            if self._is_live():
                return
            self._take(self._file.read())
            self.end()

    def _follow_cut(self):
        """A torn end was cut off."""
        size = os.fstat(self._file.fileno()).st_size
        if size < self._file.tell():
            self._file.seek(size)
            self._rest = b""

    def _open(self):
        try:
            self._file = open(self._path, "rb")
        except FileNotFoundError:
            return False
        self._rest = b""
        return True

    def _is_live(self):
        try:
            live = os.stat(self._path)
        except FileNotFoundError:
            return True
        own = os.fstat(self._file.fileno())
        return (live.st_dev, live.st_ino) == (own.st_dev, own.st_ino)

    def _take(self, data):
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            with suppress(ValueError, IndexError, KeyError):  # the comparison finds damage
                self._count(line)

    def _count(self, line):
        if b'"type":"event_received"' in line:
            kind = "event_received"
            self.newest_event = int(line.split(b'"sequenceNumber":')[1].split(b",")[0])
        else:
            record = json.loads(line)
            kind = record["type"]
            self.last[kind] = record
        self.counts[kind] = self.counts.get(kind, 0) + 1
