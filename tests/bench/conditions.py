"""The daemon at other times than under full load: starting, idle, long in use, on a slow disk."""

import fcntl
import statistics
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from contestants import Gcstreamd, GcstreamdForLong
from load import Load
from measure import cost, feed, running
from rig import await_that

IDLE_S = 20


def slow_disk(tools):
    """Options of `running`: syncs wait as long as the lock file is locked."""
    shim = tools.binaries.parent / "tests/support/libgcstreamd_disk_shim.so"
    lock = lock_file(tools)

    def prepare(client):
        client.prefix = ["env", f"LD_PRELOAD={shim}", f"GCSTREAMD_DISK_FILE={lock}"]
    return {"prepare": prepare}


def lock_file(tools):
    path = tools.work / "disk"
    path.write_text("0")
    return path


@contextmanager
def slow_syncs(tools, seconds=1.0):
    """Meanwhile every sync takes about that long."""
    end = threading.Event()

    def hold():
        with open(tools.work / "disk", "rb") as file:
            while not end.is_set():
                fcntl.flock(file, fcntl.LOCK_EX)
                end.wait(seconds)
                fcntl.flock(file, fcntl.LOCK_UN)
                end.wait(0.01)
    thread = threading.Thread(target=hold)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def long_run(tools, marks):
    """Of three sinks, at each of these numbers of events: resident bytes, and an event's CPU time
    since the one before."""
    result = []
    print("| events | resident, MB | µs CPU an event |\n|---:|---:|---:|", flush=True)
    with running(tools, GcstreamdForLong, event_bytes=200, sinks=("file", "file", "audit")) as client:
        begin = client.arrived()
        for mark in marks:
            one = cost(client, mark - (client.arrived() - begin))
            result.append((mark, client.resident(), one.cpu_us))
            print(f"| {mark:,} | {client.resident() / 1e6:.1f} | {one.cpu_us:.2f} |", flush=True)
    return result


def start(tools, rounds):
    """Milliseconds from the process's start to the first event in the file, all in all."""
    times = []
    for _ in range(rounds):
        load = Load(tools.binaries)
        client = Gcstreamd(tools, load, tools.work / "client")
        begin = time.monotonic()
        client.start()
        opened = time.monotonic()
        load.do("send", 1)
        while client.arrived() < 1:
            pass
        times.append(((opened - begin) * 1000, (time.monotonic() - begin) * 1000))
        client.end()
        load.end()
    subscribed, written = (statistics.median(column) for column in zip(*times))
    print(f"{subscribed:.1f} ms to the subscription, {written:.1f} ms to the first event's line",
          flush=True)
    return {"subscribed_ms": subscribed, "written_ms": written}


def idle(tools):
    """Percent of one CPU, with a heartbeat every ten seconds."""
    with running(tools, Gcstreamd) as client:
        await_that(lambda: settled(client), "the last sync")
        before = run_time(client)
        begin = time.monotonic()
        while (passed := time.monotonic() - begin) < IDLE_S:
            client.load.do("heartbeat")
            time.sleep(min(10, IDLE_S - passed))
        percent = (run_time(client) - before) / (time.monotonic() - begin) * 100
    print(f"{percent:.4f} % of a CPU", flush=True)
    return {"percent": percent}


def settled(client):
    before = run_time(client)
    time.sleep(0.5)
    return run_time(client) - before < 0.001


def run_time(client):
    """Seconds on a CPU, of all threads, to the nanosecond."""
    tasks = Path(f"/proc/{client.child.pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
