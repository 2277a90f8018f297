#!/usr/bin/env python3
"""What comes along for Prometheus, Grafana and log shippers names only what the daemon has.

    integrations.py
"""

import json
import re
import shutil
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config"
# scripts/test puts it there: the whole package would start a server.
PROMTOOL = shutil.which("promtool", path=f"{ROOT}/build/tools/usr/bin") or shutil.which("promtool")

# The metrics that every stream has, with their labels beside `stream`.
METRICS = {
    "connected": "", "events_total": "event_type", "event_bytes_total": "", "heartbeats_total": "",
    "last_event_timestamp_seconds": "", "last_frame_timestamp_seconds": "", "last_sequence_number": "",
    "durable_sequence_number": "sink", "sink_lag_events": "sink", "sink_failures_total": "sink",
    "sequence_gaps_total": "", "events_lost_total": "", "duplicates_total": "", "frame_errors_total": "kind",
    "reconnects_total": "cause", "token_expiry_timestamp_seconds": "", "event_latency_seconds_bucket": "le",
    "disk_free_bytes": "sink", "build_info": "",
    "coverage_gaps_total": "", "coverage_gaps_lost_total": "",
    "process_cpu_seconds_total": "", "process_resident_memory_bytes": "", "process_start_time_seconds": "",
}


def metrics_in(expression):
    return set(re.findall(r"\bgcstreamd_([a-z_]+)", expression)) - {""}


def dashboard():
    return json.loads((CONFIG / "grafana/gcstreamd.json").read_text())


class Integrations(unittest.TestCase):
    def test_the_dashboard_asks_for_metrics_and_labels_that_there_are(self):
        for panel in dashboard()["panels"]:
            for target in panel["targets"]:
                with self.subTest(panel=panel["title"]):
                    asked = metrics_in(target["expr"])
                    self.assertLessEqual(asked, set(METRICS))
                    labels = set(re.findall(r"{{(\w+)}}", target["legendFormat"])) - {"stream", "instance"}
                    self.assertLessEqual(labels, {METRICS[name] for name in asked})

    def test_the_dashboard_shows_every_metric_that_a_stream_has(self):
        shown = set().union(*(metrics_in(target["expr"]) for panel in dashboard()["panels"]
                              for target in panel["targets"]))
        self.assertEqual(set(METRICS) - shown,
                         {"build_info", "process_start_time_seconds", "last_frame_timestamp_seconds",
                          "coverage_gaps_total", "coverage_gaps_lost_total"})

    def test_its_panels_do_not_overlap(self):
        places = set()
        for panel in dashboard()["panels"]:
            grid = panel["gridPos"]
            here = {(x, y) for x in range(grid["x"], grid["x"] + grid["w"])
                    for y in range(grid["y"], grid["y"] + grid["h"])}
            self.assertFalse(places & here, panel["title"])
            self.assertLessEqual(grid["x"] + grid["w"], 24)
            places |= here

    def test_the_rules_ask_for_metrics_that_there_are(self):
        for line in (CONFIG / "prometheus/gcstreamd_rules.yml").read_text().splitlines():
            if line.strip().startswith("expr:"):
                self.assertLessEqual(metrics_in(line), set(METRICS), line)

    def test_every_alert_has_a_test(self):
        rules = (CONFIG / "prometheus/gcstreamd_rules.yml").read_text()
        tests = (CONFIG / "prometheus/gcstreamd_rules_test.yml").read_text()
        for alert in re.findall(r"- alert: (\w+)", rules):
            self.assertRegex(tests, rf"alertname: {alert}\n\s+exp_alerts:")

    @unittest.skipUnless(PROMTOOL, "no promtool here; Debian's package prometheus has it")
    def test_the_alerts_fire_when_they_should(self):
        done = subprocess.run([PROMTOOL, "test", "rules", "gcstreamd_rules_test.yml"], text=True, check=False,
                              cwd=CONFIG / "prometheus", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main()
