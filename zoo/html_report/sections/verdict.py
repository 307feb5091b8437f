"""How good, for what, and what to be careful of."""

from __future__ import annotations

from zoo.evaluation.abstention import abstention
from zoo.evaluation.cautions import caution_of_labels
from zoo.html_report.blocks import Section, Text
from zoo.html_report.findings import Findings
from zoo.html_report.verdict import Evidence, verdict

ERRORS = 0.01  # share of errors that the verdict's abstention allows
UNSCORED = "How good this ensemble is cannot be told from these images, so what tells of its answers is left out here."
SHORT = 2  # sentences without a warning


def section(findings: Findings) -> Section:
    """Judge by the row that answers, or say why there is nothing to judge by."""
    if findings.unscored:
        blocks = [Text(UNSCORED, warns=True), Text(findings.unscored)]
        return Section("verdict", "In short", blocks, {"sentences": [UNSCORED, findings.unscored]})
    found = evidence(findings)
    sentences = verdict(found)
    blocks = [Text(text, warns=number >= SHORT) for number, text in enumerate(sentences)]
    return Section("verdict", "In short", blocks, {"sentences": list(sentences)})


def evidence(findings: Findings) -> Evidence:
    """Gather what the verdict rests on."""
    state = findings.state
    own = findings.board.answering
    shifted = next((row for row in findings.shift or () if row["name"] == state.method), None)
    seen, groups = _seen(findings)
    sure = abstention(state, ERRORS).accepts(findings.uncertainty)
    return Evidence(
        score=own["balanced_accuracy"] if own else float("nan"),
        low=own["balanced_low"] if own else 0.0,
        high=own["balanced_high"] if own else 1.0,
        rows=len(findings.labels),
        groups=own["groups"] if own else None,
        classes=findings.per_class,
        seen=seen,
        seen_groups=groups,
        clean=shifted["clean"] if shifted else None,
        shifted=shifted["shifted"] if shifted else None,
        worst=shifted["worst"] if shifted else None,
        worst_kind=shifted["worst_kind"] if shifted else "",
        answered=float(sure.mean()) if sure.any() else None,
        errors=float((~findings.right[sure]).mean()) if sure.any() else ERRORS,
        chosen_here=findings.held_out,
        notes=(*filter(None, [caution_of_labels(state, findings.images)]), *state.doubts.values()),
    )


def _seen(findings: Findings) -> tuple[int, int]:
    """How many images members were trained on, and how many others are of groups that they were trained on."""
    known = findings.state.provenance
    if findings.state.held_out.folds and findings.held_out:
        return 0, 0
    own = [digest in known.train for digest in findings.images.digests]
    return sum(own), known.count_of_seen_groups(findings.images, own)
