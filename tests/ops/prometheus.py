#!/usr/bin/env python3
"""A real Prometheus scrapes a running daemon, and the alerts of config/ fire: minutes are made seconds.

    prometheus.py FOLDER PROMETHEUS    the folder has gcstreamd and gcstream-sim
"""

import json
import re
import shutil
import socket
import sys
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ in the source tree

from running import Child, Running, await_that  # noqa: E402

CONFIG = Path(__file__).resolve().parents[2] / "config/prometheus"
BINARIES, PROMETHEUS = Path(sys.argv[1]), Path(sys.argv[2])


def seconds_for_minutes(text):
    """Durations of the rules: `for: 5m`, `[15m]`, `offset 15m`."""
    return re.sub(r"(for: |\[|offset )(\d+)m\b", r"\1\2s", text)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Prometheus:
    def __init__(self, target):
        self.directory = Path(tempfile.mkdtemp(prefix="gcstreamd-prometheus-"))
        rules = self.directory / "rules.yml"
        rules.write_text(seconds_for_minutes((CONFIG / "gcstreamd_rules.yml").read_text()))
        scrape = (CONFIG / "gcstreamd_scrape.yml").read_text()
        scrape = scrape.replace("127.0.0.1:9477", target).replace("scrape_interval: 15s", "scrape_interval: 500ms")
        scrape = re.sub(r"- /usr/share\S+", f"- {rules}", scrape)
        config = self.directory / "prometheus.yml"
        config.write_text("global: {scrape_timeout: 500ms, evaluation_interval: 500ms}\n" + scrape)
        self.address = f"127.0.0.1:{free_port()}"
        self.child = Child([PROMETHEUS, f"--config.file={config}", f"--storage.tsdb.path={self.directory}/data",
                            f"--web.listen-address={self.address}"], self.directory / "log")
        await_that(self.ready, "Prometheus is ready")

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://{self.address}{path}", timeout=5) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, ConnectionError):
            return ""

    def ready(self):
        if self.child.code is not None:
            raise RuntimeError(f"Prometheus ended: {self.child.log.read_text()[-2000:]}")
        return self.get("/-/ready")

    def query(self, expression):
        """The values by what tells them apart."""
        answer = self.get("/api/v1/query?query=" + urllib.parse.quote(expression))
        return json.loads(answer)["data"]["result"] if answer else []

    def firing(self):
        alerts = json.loads(self.get("/api/v1/alerts") or '{"data":{"alerts":[]}}')["data"]["alerts"]
        return {alert["labels"]["alertname"]: alert for alert in alerts if alert["state"] == "firing"}

    def await_alert(self, name):
        return await_that(lambda: self.firing().get(name), f"{name} fires")

    def end(self):
        self.child.end()
        shutil.rmtree(self.directory, ignore_errors=True)


class Alerts(unittest.TestCase):
    def setUp(self):
        # The first loss comes when Prometheus has long seen the daemon without one.
        self.running = Running(BINARIES, ["--rate", "20", "--lose-every", "300"])
        self.addCleanup(self.running.end)
        self.prometheus = Prometheus(self.running.serves)
        self.addCleanup(self.prometheus.end)

    def test_a_loss_a_lost_connection_and_a_daemon_that_is_gone(self):
        prometheus = self.prometheus
        await_that(lambda: prometheus.query("gcstreamd_events_lost_total == 0 and gcstreamd_connected == 1"),
                   "Prometheus sees the daemon")
        self.assertEqual(prometheus.firing(), {})

        loss = prometheus.await_alert("GcstreamdEventsLost")
        self.assertEqual(loss["labels"]["stream"], "main")
        self.assertEqual(loss["labels"]["severity"], "critical")
        self.assertEqual(loss["annotations"]["summary"], "main: events are lost")
        self.assertNotIn("GcstreamdDown", prometheus.firing())

        self.running.simulator.kill()
        self.assertEqual(prometheus.await_alert("GcstreamdDisconnected")["labels"]["stream"], "main")

        self.running.stop_daemon()
        down = prometheus.await_alert("GcstreamdDown")
        self.assertEqual(down["labels"]["instance"], self.running.serves)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
