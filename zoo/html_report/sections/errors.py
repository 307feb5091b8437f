"""The surest errors, the least sure answers, and labels that may be wrong."""

from __future__ import annotations

import numpy as np

from zoo.cleaning.mislabels import count_and_rank
from zoo.html_report.blocks import Block, Pictures, Section, Text
from zoo.html_report.findings import Findings
from zoo.html_report.pictures import answered

MOST_ERRORS, MOST_UNSURE, MOST_LABELS = 24, 16, 16


def section(findings: Findings) -> Section:
    """Show the images that a person should look at first."""
    wrong = np.flatnonzero(~findings.right)
    sure = findings.probabilities.max(axis=1)
    worst = wrong[np.argsort(-sure[wrong], kind="stable")[:MOST_ERRORS]]
    unsure = np.argsort(-findings.uncertainty, kind="stable")[:MOST_UNSURE]
    suspects = likely_mislabels(findings)[:MOST_LABELS]
    blocks: list[Block] = []
    if len(worst):
        blocks.append(Pictures(answered(findings, worst, maps=True), f"The surest of {len(wrong):,} errors"))
    else:
        blocks.append(Text(f"None of the {len(findings.labels):,} answers is wrong."))
    blocks.append(Pictures(answered(findings, unsure, maps=True), "The least sure answers"))
    if len(suspects):
        title = "Labels that may be wrong (confident learning): look at these before the next training"
        blocks.append(Pictures(answered(findings, suspects), title))
    numbers = {
        "errors": len(wrong),
        "worst": [_row(findings, row) for row in worst],
        "least_sure": [_row(findings, row) for row in unsure],
        "suspicious_labels": [_row(findings, row) for row in suspects],
    }
    return Section("errors", "Errors and doubts", blocks, numbers)


def likely_mislabels(findings: Findings) -> np.ndarray:
    """Rows whose label the ensemble doubts, the most doubtful first (Northcutt et al., arXiv:1911.00068)."""
    own = findings.probabilities[np.arange(len(findings.labels)), findings.labels]
    chosen = np.flatnonzero(count_and_rank(findings.labels, findings.probabilities))
    ordered: np.ndarray = chosen[np.argsort(own[chosen], kind="stable")]
    return ordered


def _row(findings: Findings, row: int) -> dict[str, object]:
    return {
        "path": str(findings.images.origins[row]),
        "label": findings.classes[findings.labels[row]],
        "class": findings.classes[findings.predicted[row]],
        "probability": float(findings.probabilities[row].max()),
        "uncertainty": float(findings.uncertainty[row]),
    }
