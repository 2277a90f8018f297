#!/usr/bin/env python3
"""The runbook has every audit record and every exit code that there is, and no other.

    runbook.py GCSTREAMD
"""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(sys.argv.pop(1)).read_bytes()
RUNBOOK = (ROOT / "docs/runbook.md").read_text()
MANUAL = (ROOT / "docs/man/gcstreamd.8").read_text()
SOURCES = {path: path.read_text() for path in sorted((ROOT / "src").rglob("*.cpp"))}


def section(heading):
    return RUNBOOK.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def first_cells(text):
    return [cell for row in re.findall(r"^\| ([^|]+) \|", text, re.M) for cell in row.split(", ")
            if cell not in ("code", "record", "line", "symptom")]


def names(text):
    return [cell.strip("`") for cell in first_cells(text)]


MADE = re.compile(r'\b(?:AuditRecord(?: \w+)?|window_record|channel_record)\(\s*(?:[^";?]*\? )?"([a-z_]+)"(?: : "([a-z_]+)")?')
BY_A_TABLE = "AuditRecord(name(rejection.kind))"
BY_A_CALLER = "AuditRecord record(type);"  # window_record's


def record_types():
    """What the sources give a record as its type: in its constructor, as a line's beginning, or by a table of names."""
    types = set()
    for text in SOURCES.values():
        for made in MADE.findall(text):
            types.update(filter(None, made))
        types.update(re.findall(r'begin_line\("([a-z_]+)"', text))
        for body in re.findall(r"name\(Rejection::Kind kind\) \{(.*?)^\}", text, re.M | re.S):
            types.update(re.findall(r'return "([a-z_]+)"', body))
    return types


def exit_codes():
    codes = {0}
    for path, text in SOURCES.items():
        if path.parent.name == "app" or path.name == "main.cpp":
            codes.update(int(code) for code in re.findall(r"constexpr int k[A-Z]\w* = (1|6\d|7\d);", text))
    enumerated = re.search(r"enum class ExitCode : int \{(.*?)\}", header("core/stream_machine.hpp"), re.S).group(1)
    codes.update(int(code) for code in re.findall(r"= (\d+),", enumerated))
    return codes


def header(name):
    return (ROOT / "include/gcstreamd" / name).read_text()


class Runbook(unittest.TestCase):
    maxDiff = None

    def test_every_way_to_make_a_record_is_known_here(self):
        for path, text in SOURCES.items():
            made = re.findall(r"\b(?:AuditRecord(?: \w+)?|window_record|channel_record)"
                              r"\((?!const |std::string_view|\)).*", text)
            declared = [line for line in made if re.match(r"AuditRecord \w+\(.*(&|\{$)", line)]
            known = len(MADE.findall(text)) + text.count(BY_A_TABLE) + text.count(BY_A_CALLER)
            self.assertEqual(len(made) - len(declared), known, f"{path}: {made}")

    def test_has_every_record_once_and_no_other(self):
        told = names(section("Audit records")) + names(section("Only in the daemon's own log"))
        self.assertEqual(sorted(told), sorted(record_types()))

    def test_the_binary_knows_these_records(self):
        for record in names(section("Audit records")):
            self.assertTrue(record.encode() in BINARY, record)

    def test_the_other_manual_of_the_audit_log_has_them_too(self):
        page = (ROOT / "docs/audit-log.md").read_text()
        for record in names(section("Audit records")):
            self.assertTrue(f"`{record}`" in page, record)

    def test_has_every_exit_code_and_no_other(self):
        told = {int(code) for code in first_cells(section("Exit codes"))}
        by_signals = {130, 143}
        self.assertEqual(told, exit_codes() | by_signals)

    def test_the_manual_has_the_same_exit_codes(self):
        manual = MANUAL.partition(".Sh EXIT STATUS")[2].partition(".Sh ")[0]
        self.assertEqual({int(code) for code in re.findall(r"^\.It (\d+)$", manual, re.M)}, exit_codes())

    def test_every_row_says_what_to_do_or_that_there_is_nothing(self):
        for line in RUNBOOK.splitlines():
            if line.startswith("|"):
                self.assertTrue(all(cell.strip() for cell in line.strip("|").split("|")), line)

    def test_every_file_that_it_points_to_is_there(self):
        for target in re.findall(r"\]\(([^)#]+)", RUNBOOK):
            self.assertTrue((ROOT / "docs" / target).exists(), target)

    def test_the_readme_points_to_it(self):
        self.assertTrue("](docs/runbook.md)" in (ROOT / "README.md").read_text())


if __name__ == "__main__":
    unittest.main()
