#!/usr/bin/env python3
"""What a running daemon says under /metrics is what its documentation, rules and dashboard name.

    metrics.py GCSTREAMD GCSTREAM_SIM    both in one folder
"""

import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ in the source tree

from integrations import CONFIG, METRICS, PROMTOOL, ROOT, dashboard, metrics_in  # noqa: E402
from running import Running, await_that  # noqa: E402

BINARIES = Path(sys.argv[1]).parent
SAMPLE = re.compile(r'gcstreamd_(\w+)(?:{(.*)})? [-+0-9.eInfNa]+$')
SEEN = ("reconnects_total", "disk_free_bytes", "last_event_timestamp_seconds", "token_expiry_timestamp_seconds")


def setUpModule():
    global RUNNING, TEXT
    RUNNING = Running(BINARIES, ["--rate", "200", "--gap-every", "40"])
    unittest.addModuleCleanup(RUNNING.end)
    TEXT = await_that(complete_metrics, "all that the daemon can say")


def complete_metrics():
    text = RUNNING.get("/metrics")
    return text if all(f"\ngcstreamd_{name}{{" in text for name in SEEN) else None


def samples():
    """(name, labels) of each sample."""
    for line in TEXT.splitlines():
        if not line.startswith("#"):
            name, labels = SAMPLE.fullmatch(line).groups(default="")
            yield name, re.findall(r'(\w+)="', labels)


class Metrics(unittest.TestCase):
    @unittest.skipUnless(PROMTOOL, "no promtool here; Debian's package prometheus has it")
    def test_prometheus_finds_no_fault(self):
        done = subprocess.run([PROMTOOL, "check", "metrics"], input=TEXT, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_every_metric_that_is_promised_is_there_with_its_labels(self):
        said = dict(samples())
        for name, label in METRICS.items():
            with self.subTest(metric=name):
                self.assertIn(name, said)
                of_stream = [] if name.startswith(("process_", "build_")) else ["stream"]
                own = ["version"] if name == "build_info" else [label] if label else []
                self.assertEqual(said[name], of_stream + own)

    def test_rules_and_dashboard_ask_for_what_is_said(self):
        said = {name for name, _ in samples()}
        rules = re.sub(r"#.*", "", (CONFIG / "prometheus/gcstreamd_rules.yml").read_text())
        for line in rules.splitlines():
            if line.strip().startswith("expr:"):
                self.assertLessEqual(metrics_in(line), said)
        for panel in dashboard()["panels"]:
            for target in panel["targets"]:
                self.assertLessEqual(metrics_in(target["expr"]), said, panel["title"])

    def test_each_has_help_a_type_and_a_place_in_the_documentation(self):
        documentation = (ROOT / "docs/status.md").read_text()
        for name in re.findall(r"^# TYPE gcstreamd_(\w+) ", TEXT, re.M):
            with self.subTest(metric=name):
                self.assertIn(f"# HELP gcstreamd_{name} ", TEXT)
                self.assertRegex(documentation, rf"`gcstreamd_{name}\b|`{name.removeprefix('process')}`")

    def test_ready_and_alive(self):
        self.assertEqual(RUNNING.get("/healthz"), "ok\n")
        await_that(lambda: RUNNING.get("/readyz") == "ready\n", "ready")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
