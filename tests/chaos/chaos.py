#!/usr/bin/env python3
"""Real faults against the real binaries; see scripts/chaos --help."""

import argparse
import importlib
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ in the source tree

from disks import ENDINGS, DiskError  # noqa: E402
from findings import Report  # noqa: E402
from rig import LIBC, PR_SET_PDEATHSIG, Stuck  # noqa: E402

SCENARIOS = ("kill", "reload", "enospc", "fsync-eio", "slow-sync", "syscall-kill", "power-cut")


class Context:
    """What a scenario is given: where the binaries are, a directory of its own, a seed, a report.

    On every way out `children` are ended, what lies on `disks` is copied where there is a fault,
    and `undo` is called in reverse order.
    """

    def __init__(self, options, directory):
        self.options = options
        self.binaries = options.bin
        self.seed = options.seed
        self.directory = directory
        self.report = Report()
        self.children = []
        self.disks = []
        self.undo = []

    def clean_up(self):
        """Not to be interrupted, either."""
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        for child in reversed(self.children):
            child.end()
        for disk in self.disks if self.report.failed else ():
            shutil.copytree(disk, self.directory / "evidence" / disk.name, dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns("filler*", "lost+found", "*.img"))
        while self.undo:
            self.undo.pop()()


def scenario(name):
    return importlib.import_module(name.replace("-", "_"))


def parse(arguments):
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    commands = parser.add_subparsers(dest="scenario", required=True, metavar="SCENARIO")
    for name in SCENARIOS:
        module = scenario(name)
        command = commands.add_parser(name, help=module.__doc__.splitlines()[0],
                                      description=module.__doc__)
        command.add_argument("--bin", type=Path, required=True,
                             help="directory of gcstreamd and gcstream-sim")
        command.add_argument("--seed", type=int, help="default: another one each time")
        command.add_argument("--work", type=Path, help="where files are written (default: /tmp)")
        command.add_argument("--keep", action="store_true", help="keep them without a fault, too")
        module.add_options(command)
    options = parser.parse_args(arguments)
    options.bin = options.bin.resolve()
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1, 1_000_000)
    return options


def end_in_order():
    """Whatever ends us, or whoever started us, lets us unmount and end our children first."""
    def leave(number, frame):
        raise SystemExit(128 + number)
    for number in ENDINGS:
        signal.signal(number, leave)
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def play(options):
    """0: no fault was found."""
    end_in_order()
    if options.work:
        options.work.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix=f"chaos-{options.scenario}-", dir=options.work))
    context = Context(options, directory)
    started = time.monotonic()
    try:
        scenario(options.scenario).run(context)
    except (Stuck, DiskError) as error:
        context.report.fault(str(error))
    except SystemExit:
        context.clean_up()
        shutil.rmtree(directory)
        raise
    finally:
        context.clean_up()
    tell(options, context.report, time.monotonic() - started)
    if context.report.failed or options.keep:
        print(f"    evidence in {directory}")
    else:
        shutil.rmtree(directory)
    return 1 if context.report.failed else 0


def tell(options, report, seconds):
    verdict = "FAILED" if report.failed else "ok"
    print(f"{options.scenario:14} {verdict}  {seconds:4.0f} s  seed {options.seed}: "
          f"{report.summary()}")
    for line in report.lines():
        print("    " + line)


if __name__ == "__main__":
    sys.exit(play(parse(sys.argv[1:])))
