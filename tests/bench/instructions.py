#!/usr/bin/env python3
"""Do an event's instructions stay within their budget? Counted, not timed: noise has no part in it.

    instructions.py BENCH_COUNT [--budget N] [--bytes N]

Valgrind runs the hot path (frames sorted, decoded, verified, delivered to `file` and `audit`,
flushed) with N events and with 2 N; half the difference is free of the start. Valgrind's processor
has no instructions for SHA-256, so that the hash counts several times what it costs.
"""

import argparse
import re
import subprocess
import sys

EVENTS = 4000
BUDGET = 18500  # for an event of 700 bytes


def instructions(program, events, size):
    command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null",
               program, str(events), str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)[1].replace(",", ""))


def per_event(program, size=700):
    once, twice = (instructions(program, count, size) for count in (EVENTS, 2 * EVENTS))
    return (twice - once) / EVENTS


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--budget", type=int, default=BUDGET)
    parser.add_argument("--bytes", type=int, default=700)
    options = parser.parse_args()
    count = per_event(options.program, options.bytes)
    print(f"{count:.0f} instructions for an event of {options.bytes} bytes, "
          f"of {options.budget} that it may take")
    if count > options.budget:
        sys.exit("more than its budget: find what grew (valgrind --tool=callgrind), or raise the "
                 "budget in tests/bench/instructions.py and say why in the commit")


if __name__ == "__main__":
    main()
