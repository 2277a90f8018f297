#!/usr/bin/env python3
"""The units are what systemd takes, and as closed as their comment says.

    units.py GCSTREAMD INSTANCE-UNIT     INSTANCE-UNIT: gcstreamd@.service as it was built
"""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SYSTEMD = Path(__file__).resolve().parents[2] / "systemd"
GCSTREAMD, INSTANCE_UNIT = Path(sys.argv.pop(1)), Path(sys.argv.pop(1))
MOST_EXPOSURE = 1.1


def analyze(*arguments):
    done = subprocess.run(["systemd-analyze", *arguments], text=True, capture_output=True, check=False)
    return done.returncode, done.stdout + done.stderr


class Units(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.units = []
        for source, name in ((SYSTEMD / "gcstreamd.service", "gcstreamd.service"),
                             (INSTANCE_UNIT, "gcstreamd@eu.service")):
            unit = Path(directory.name) / name
            unit.write_text(source.read_text().replace("ExecStart=gcstreamd", f"ExecStart={GCSTREAMD}"))
            self.units.append(unit)

    def test_systemd_verifies_them_without_a_word(self):
        for unit in self.units:
            code, said = analyze("verify", "--man=no", unit)
            self.assertEqual((code, said), (0, ""))

    def test_they_are_closed_and_every_point_that_is_left_is_explained(self):
        for unit in self.units:
            _, said = analyze("security", "--offline=true", "--no-pager", unit)
            exposure = float(re.search(r"Overall exposure level.*: ([0-9.]+)", said).group(1))
            self.assertLessEqual(exposure, MOST_EXPOSURE)
            points = sorted(re.findall(r"([0-9.]+) *$", "\n".join(re.findall(r"^✗ .*$", said, re.M)), re.M))
            explained = sorted(re.findall(r"^#   (0\.[0-9])  \S", unit.read_text(), re.M))
            self.assertEqual(explained, points)

    def test_both_have_one_sandbox(self):
        one, each = (self.sandbox(unit.read_text()) for unit in self.units)
        self.assertEqual(one, each)

    @staticmethod
    def sandbox(text):
        return text[text.index("NoNewPrivileges="):text.index("[Install]")]


if __name__ == "__main__":
    unittest.main()
