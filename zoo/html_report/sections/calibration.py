"""Are its probabilities true, and what does it gain by leaving images to a person?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

import ensembles
from ensembles.crossval import CrossFitted
from zoo.evaluation.abstention import abstention
from zoo.html_report.blocks import Block, Plots, Section, Table, Text
from zoo.html_report.findings import Findings
from zoo.plots import as_svg, coverage_sets, reliability, risk_coverage

COVERAGE = 0.95
ERRORS = (0.05, 0.02, 0.01)  # shares of errors to allow
GOOD_ECE = 0.03  # up to which probabilities are true enough
FEW = 1000  # images below which two calibration errors can hardly be told apart
EXPLAINED = (
    "The expected calibration error (ECE) says how far stated probabilities are from how often they are right, on "
    "average: 0 is perfect, and 0.05 is five percentage points."
)
SAME = (
    "The thresholds and the sizes of the sets were chosen on these same images, so other images may have more errors "
    "than this table says. Pass a test set to see what they keep."
)


def section(findings: Findings) -> Section:
    """Draw reliability, risk against coverage, and sizes of conformal sets."""
    held_out, state = findings.state.held_out, findings.state
    before = uncalibrated(findings)
    shown = {"before calibration": ensembles.metrics.softmax(before)} if before is not None else {}
    shown["after calibration" if shown else "as it answers"] = findings.probabilities
    conformal = ensembles.Conformal(coverage=COVERAGE)
    conformal.fit(state.cross_fitted_logits(), held_out.labels, held_out.groups)
    sets = conformal.sets(findings.logits)
    covered, sizes = ensembles.coverage(sets, findings.labels), sets.sum(axis=1)
    ece = ensembles.metrics.ece(findings.logits, findings.labels)
    sure, right = findings.probabilities.max(axis=1).mean(), findings.right.mean()
    thresholds = _thresholds(findings)
    ece_before = None if before is None else ensembles.metrics.ece(before, findings.labels)
    plots = {
        "Reliability: points on the diagonal are true probabilities": reliability(shown, findings.labels),
        f"Errors among the surest answers, by {state.uncertainty}": risk_coverage(findings.uncertainty, findings.right),
        f"Sets of classes that hold the true one with {COVERAGE:.0%}": coverage_sets(sets),
    }
    blocks: list[Block] = [
        Plots([(caption, as_svg(figure)) for caption, figure in plots.items()]),
        Text(EXPLAINED),
        Text(f"{_errors(ece, ece_before)} {calibration_verdict(sure, right, len(findings.labels), ece, ece_before)}"),
        Text(
            f"Sets for {COVERAGE:.0%} hold the true class of {covered:.1%} of "
            f"the images, with {sizes.mean():.2f} classes on average."
        ),
        Table(("errors allowed", "images answered", "of these wrong"), list(map(_cells, thresholds)), sorts=False),
    ]
    if findings.held_out:
        blocks.append(Text(SAME))
    numbers = {
        "ece": ece,
        "ece_before": ece_before,
        "conformal": {
            "wanted": COVERAGE,
            "covered": covered,
            "mean_size": float(sizes.mean()),
            "images_by_size": np.bincount(sizes),
        },
        "thresholds": thresholds,
    }
    return Section("calibration", "How sure it is", blocks, numbers)


def calibration_verdict(sure: float, right: float, rows: int, ece: float, before: float | None) -> str:
    """Say in a sentence whether probabilities are true.

    Args:
        sure: the mean probability of the answers, 0 to 1.
        right: the share of them that is right.
        rows: how many images these are of.
        ece: the expected calibration error.
        before: that before the temperature; None without one.
    """
    if ece <= GOOD_ECE:
        told = "The stated probabilities are true enough to be used"
    elif 2 * abs(sure - right) < ece:  # too high for some images, too low for others
        told = f"Stated probabilities are {ece * 100:.1f} points off on average, some too high and others too low"
    else:
        told = f"Stated probabilities are {abs(sure - right) * 100:.1f} points too {'high' if sure > right else 'low'}"
        told += " on average"
    if before is not None and ece > before:
        told += "; calibration made them worse here" + (
            f", which {rows:,} images can hardly tell" if rows < FEW else ""
        )
    return f"{told}."


def _errors(ece: float, before: float | None) -> str:
    return f"Expected calibration error: {ece:.4f}" + (
        "." if before is None else f", and {before:.4f} before calibration."
    )


def uncalibrated(findings: Findings) -> np.ndarray | None:
    """The logits before the temperature of the rule, or of the copy that predicts a row; None for a rule without."""
    rule = findings.rule
    if not isinstance(rule, CrossFitted):
        own = _temperature(rule)
        return None if own is None else findings.logits * own
    copies = [_temperature(copy) for copy in rule.rules]
    return None if None in copies else findings.logits * np.array(copies, np.float32)[rule.fold, None]


def _temperature(rule: object) -> float | None:
    steps = getattr(rule, "after_", [])
    return steps[0].temperature_ if len(steps) == 1 and isinstance(steps[0], ensembles.Temperature) else None


def _thresholds(findings: Findings) -> list[dict[str, float | None]]:
    """How many images are answered for each share of errors, and how many of these answers are wrong."""
    rows = []
    for allowed in ERRORS:
        accepted = abstention(findings.state, allowed).accepts(findings.uncertainty)
        wrong = float((~findings.right[accepted]).mean()) if accepted.any() else None
        rows.append({"allowed": allowed, "answered": float(accepted.mean()), "wrong": wrong})
    return rows


def _cells(row: Mapping[str, float | None]) -> list[str]:
    wrong = "" if row["wrong"] is None else f"{row['wrong']:.2%}"
    return [f"{row['allowed']:.0%}", f"{row['answered']:.1%}", wrong]
