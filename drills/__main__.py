"""Run the drills: ``python -m drills [NAME ...] [--short]``; exit status 1 if anything was lost."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from importlib import import_module

from drills.outcome import summary

FULL = {"mutations": 1000, "kills": 100, "resources": 9, "service": 10_000}
SHORT = {"mutations": 66, "kills": 3, "resources": 1, "service": 300}


def main() -> None:
    """Run what was named, and print the table."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.disable()  # what drills fit themselves is not what they are about
    options = argparse.ArgumentParser(prog="python -m drills", description=__doc__)
    options.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(FULL)}; by default all")
    options.add_argument("--short", action="store_true", help="a few rounds of each")
    options.add_argument("--rounds", type=int, help="of each drill, 1 or more")
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    unknown = [name for name in given.names if name not in FULL]
    if unknown or given.rounds == 0:
        options.error(f"expected names of {', '.join(FULL)} and 1 or more rounds; received {' '.join(sys.argv[1:])}")
    outcomes = []
    for name in given.names or FULL:
        started = time.perf_counter()
        rounds = given.rounds or (SHORT if given.short else FULL)[name]
        print(f"{name}: {rounds} rounds, seed {given.seed}", flush=True)
        outcomes.append(import_module(f"drills.{name}").drill(rounds, given.seed))
        outcomes[-1].notes.append(f"{time.perf_counter() - started:.0f} s")
    print(f"\n{summary(outcomes)}")
    sys.exit(any(outcome.lost for outcome in outcomes))


if __name__ == "__main__":
    main()
