#!/usr/bin/env python3
"""What is shipped was built hardened.

    hardening.py BINARY...
"""

import re
import subprocess
import sys
import unittest

BINARIES = sys.argv[1:]
del sys.argv[1:]


def output(*command):
    return subprocess.run(command, text=True, capture_output=True, check=True).stdout


class Hardening(unittest.TestCase):
    def each(self):
        for binary in BINARIES:
            with self.subTest(binary=binary):
                yield binary

    def test_position_independent(self):
        for binary in self.each():
            self.assertRegex(output("readelf", "-hW", binary), r"Type:\s+DYN")
            self.assertRegex(output("readelf", "-dW", binary), r"FLAGS_1.*\bPIE\b")

    def test_relocations_are_read_only_and_bound_at_once(self):
        for binary in self.each():
            self.assertIn("GNU_RELRO", output("readelf", "-lW", binary))
            self.assertRegex(output("readelf", "-dW", binary), r"FLAGS_1.*\bNOW\b")

    def test_the_stack_is_guarded_and_not_executable(self):
        for binary in self.each():
            self.assertIn("__stack_chk_fail", output("readelf", "--dyn-syms", "-W", binary))
            self.assertRegex(output("readelf", "-lW", binary), r"GNU_STACK .* RW +0x")

    def test_calls_of_the_c_library_are_checked(self):
        for binary in self.each():
            self.assertRegex(output("readelf", "--dyn-syms", "-W", binary), r"__(memcpy|read|vsnprintf|recv|poll)_chk@")

    def test_indirect_branches_land_on_marks(self):
        """Debian 12's start-up objects are not marked, so the whole's property is not set: code is looked at."""
        for binary in self.each():
            if "X86-64" not in output("readelf", "-hW", binary):
                self.skipTest("another processor")
            marks = len(re.findall(r"\bendbr64\b", output("objdump", "-d", "--no-show-raw-insn", "-j", ".text", binary)))
            self.assertGreater(marks, 500)


if __name__ == "__main__":
    unittest.main()
