"""What ``auto`` loses to equal weights at worst, and gains, over many validation sets of 50 to 1,700 rows.

python benchmarks/auto_safety.py [--logits members.npz] [--draws 200] [--seed 1]

Simulated members are scored on 20,000 fresh rows. Of real ones (``logits`` (members, samples, classes), ``labels``
(samples,), in an .npz) a fixed half of the rows is never fitted on; sets are drawn from the other half without
replacement, up to its size, and scored on all rows that were left out. Gains are points of accuracy over equal weights.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zlib import crc32

import numpy as np
from joblib import Parallel, delayed
from simulated import SIMULATIONS, Simulation

from ensembles import Auto, Soft, make_rule
from ensembles.metrics import accuracy

LEAST, MOST = 50, 1700
BUCKETS = ((LEAST, 149), (150, 499), (500, MOST))
LEARNED = ("best", "weighted", "greedy", "stacked")
BAR = 0.1  # points that auto may lose
SCORED = 20_000
TOLERANCE = 1e-9

Rows = tuple[np.ndarray, np.ndarray]
Source = Callable[[int, np.random.Generator], tuple[Rows, Rows]]
"""Draws so many rows to fit, and rows to score."""


@dataclass(frozen=True)
class Drawn:
    """What one validation set gave: its rows, what auto took, and gains by rule, NaN where it could not be fitted."""

    rows: int
    taken: str
    gains: dict[str, float]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--logits", help="an .npz of real members")
    options.add_argument("--draws", type=int, default=200, help="validation sets of each source")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--jobs", type=int, default=1, help="processes")
    options.add_argument("--source", action="append", choices=SIMULATIONS, help="by default all that are simulated")
    given = options.parse_args()
    names = given.source or ([] if given.logits else SIMULATIONS)
    sources = {name: partial(simulated, SIMULATIONS[name]) for name in names}
    if given.logits:
        sources[Path(given.logits).stem] = real(given.logits)
    print(header())
    drawn = [one for name, source in sources.items() for one in report(name, source, given)]
    worst = min(one.gains["auto"] for one in drawn)
    print(share_of_hindsight(drawn))
    print(f"worst of all: {worst:+.2f} points, allowed {-BAR:+.2f}")
    sys.exit(worst < -BAR - TOLERANCE)


def simulated(simulation: Simulation, rows: int, random: np.random.Generator) -> tuple[Rows, Rows]:
    return simulation.draw(rows, random), simulation.draw(SCORED, random)


def real(path: str) -> Source:
    """Draw from the half of a file's rows that is for fitting."""
    with np.load(path) as file:
        logits, labels = file["logits"], file["labels"]
    for_fits = np.random.default_rng(0).permutation(len(labels))[: len(labels) // 2]

    def draw(rows: int, random: np.random.Generator) -> tuple[Rows, Rows]:
        chosen = random.choice(for_fits, min(rows, len(for_fits)), replace=False)
        rest = np.setdiff1d(np.arange(len(labels)), chosen)
        return (logits[:, chosen], labels[chosen]), (logits[:, rest], labels[rest])

    return draw


def share_of_hindsight(drawn: list[Drawn]) -> str:
    """Compare what auto gained on the larger sets with what the best rule in hindsight, or equal weights, gain."""
    large = [one for one in drawn if one.rows >= BUCKETS[-1][0]]
    if not large:
        return f"no set has {BUCKETS[-1][0]} rows"
    own = np.mean([one.gains["auto"] for one in large])
    best = np.mean([max(0.0, np.nanmax([one.gains[name] for name in LEARNED])) for one in large])
    share = f"{own / best:.0%}" if best else "nothing to gain"
    sets = f"{len(large)} sets of {BUCKETS[-1][0]} rows or more"
    return f"{sets}: auto {own:+.3f}, best in hindsight {best:+.3f}: {share}"


def report(name: str, source: Source, given: argparse.Namespace) -> list[Drawn]:
    """Print a line a bucket, and what of the gain in hindsight auto has; returns what was drawn."""
    work = (delayed(draw)(source, [given.seed, number, crc32(name.encode())]) for number in range(given.draws))
    drawn = Parallel(n_jobs=given.jobs)(work)
    for least, most in BUCKETS:
        inside = [one for one in drawn if least <= one.rows <= most]
        if inside:
            print(line(name, f"{least}-{most}", inside), flush=True)
    print(f"  {share_of_hindsight(drawn)}", flush=True)
    return drawn


def draw(source: Source, seed: list[int]) -> Drawn:
    """Fit on a set of a size drawn evenly on a logarithmic scale, and score."""
    random = np.random.default_rng(seed)
    rows = round(np.exp(random.uniform(np.log(LEAST), np.log(MOST))))
    fitting, scoring = source(rows, random)
    auto = Auto().fit(*fitting)
    equal = _score(Soft().fit(*fitting), scoring)
    gains = {"auto": _score(auto, scoring) - equal}
    for name in LEARNED:
        try:
            gains[name] = _score(make_rule(name).fit(*fitting), scoring) - equal
        except ValueError:  # a stacked rule wants rows of every class
            gains[name] = np.nan
    return Drawn(len(fitting[1]), auto.rule_.name, gains)


def header() -> str:
    columns = "".join(f"{name + ' alone':>18}" for name in LEARNED)
    return f"{'':<28}{'rows':<10}{'sets':>5}{'auto learns':>13}{'gains':>8}{'worst':>8}{columns}   (mean, worst)"


def line(name: str, bucket: str, drawn: list[Drawn]) -> str:
    learns = np.mean([one.taken != "soft" for one in drawn])
    columns = "".join(f"{_spread(drawn, rule):>18}" for rule in LEARNED)
    own = [one.gains["auto"] for one in drawn]
    return f"{name:<28}{bucket:<10}{len(drawn):>5}{learns:>13.0%}{np.mean(own):>+8.2f}{min(own):>+8.2f}{columns}"


def _spread(drawn: list[Drawn], rule: str) -> str:
    gains = np.array([one.gains[rule] for one in drawn])
    return "-" if np.isnan(gains).all() else f"{np.nanmean(gains):+.2f} {np.nanmin(gains):+.2f}"


def _score(rule: object, rows: Rows) -> float:
    return 100 * accuracy(rule.combine(rows[0]), rows[1])


if __name__ == "__main__":
    main()
