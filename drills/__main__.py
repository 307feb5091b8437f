"""Run the drills: ``python -m drills [NAME ...] [--short]``; exit status 1 if anything was lost."""

from __future__ import annotations

import argparse
import os
import sys
import time

from drills.outcome import summary

FULL = {"mutations": 1000, "kills": 100, "resources": 9}
SHORT = {"mutations": 66, "kills": 3, "resources": 1}


def main() -> None:
    """Run what was named, and print the table."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    options = argparse.ArgumentParser(prog="python -m drills", description=__doc__)
    options.add_argument("names", nargs="*", help=f"of {', '.join(FULL)}; by default all")
    options.add_argument("--short", action="store_true", help="a few rounds of each")
    options.add_argument("--rounds", type=int, help="of each drill")
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    outcomes = []
    for name in given.names or FULL:
        started = time.perf_counter()
        rounds = given.rounds or (SHORT if given.short else FULL)[name]
        print(f"{name}: {rounds} rounds, seed {given.seed}", flush=True)
        drill = __import__(f"drills.{name}", fromlist=["drill"]).drill
        outcomes.append(drill(rounds, given.seed))
        outcomes[-1].notes.append(f"{time.perf_counter() - started:.0f} s")
    print(f"\n{summary(outcomes)}")
    sys.exit(any(outcome.lost for outcome in outcomes))


if __name__ == "__main__":
    main()
