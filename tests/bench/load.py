"""gcstream-load as a child process that obeys one command a line."""

import subprocess

from rig import die_with_parent


class Load:
    def __init__(self, binaries, event_bytes=700, record_bytes=16384):
        self.event_bytes = event_bytes
        self.process = subprocess.Popen(
            [str(binaries / "gcstream-load"), f"--event-bytes={event_bytes}",
             f"--record-bytes={record_bytes}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        words = self._answer().split()
        self.port = int(words[2].split(":")[1])
        self.ca_file = words[4]

    def ask(self, *words):
        """A command whose answer `obeyed` waits for."""
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()

    def obeyed(self):
        self._answer()

    def do(self, *words):
        self.ask(*words)
        self.obeyed()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"gcstream-load ended with code {self.process.wait()}")
        return line

    def end(self):
        self.process.stdin.close()
        self.process.wait()
