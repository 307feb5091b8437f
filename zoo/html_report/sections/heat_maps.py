"""What right and wrong answers rest on, class by class, and whether the maps can be trusted."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from zoo.explanation.sanity import Sanity, check_members
from zoo.html_report.blocks import Block, Pictures, Section, Table, Text
from zoo.html_report.findings import Findings
from zoo.html_report.pictures import answered

RIGHT, WRONG = 3, 3  # images of a class
CHECKED = 12  # images


def section(findings: Findings) -> Section:
    """Show maps of the surest right and wrong answers of each class, and check them."""
    blocks: list[Block] = [
        Text(
            "What glows is what the answer rests on: the brightest place of each image matters most for its answer. "
            f"Made by {findings.method}, of all members, weighted as the rule weighs them."
        )
    ]
    for label, name in enumerate(findings.classes):
        own = findings.labels == label
        surest = _surest(findings, own & findings.right, RIGHT), _surest(findings, own & ~findings.right, WRONG)
        rows = np.concatenate(surest)
        if len(rows):
            blocks.append(Pictures(answered(findings, rows, maps=True), name))
    random = np.random.default_rng(findings.seed)
    rows = np.sort(random.permutation(len(findings.labels))[:CHECKED])
    checks = check_members(findings.state, findings.pixels(rows), method=findings.method, seed=findings.seed)
    blocks.append(_table(checks))
    for name, check in checks.items():
        blocks += [Text(f"{name}: {failure}", warns=True) for failure in check.failures]
    numbers = {
        name: {
            "similarity": check.similarity,
            "deletion": check.deletion,
            "insertion": check.insertion,
            "random_deletion": check.random_deletion,
            "random_insertion": check.random_insertion,
            "failures": list(check.failures),
        }
        for name, check in checks.items()
    }
    return Section("heat_maps", "What it looks at", blocks, {"method": findings.method, "checks": numbers})


def _surest(findings: Findings, chosen: np.ndarray, most: int) -> np.ndarray:
    rows = np.flatnonzero(chosen)
    surest: np.ndarray = rows[np.argsort(-findings.probabilities[rows].max(axis=1), kind="stable")[:most]]
    return surest


def _table(checks: Mapping[str, Sanity]) -> Table:
    caption = (
        f"Can the maps be trusted? On {CHECKED} images at most. Shuffling the weights must change the maps "
        "(a correlation near 0). Deleting the brightest pixels first must lower the answer's probability more than "
        "deleting random ones; inserting them first must raise it more."
    )
    rows = [
        [
            name,
            "" if check.similarity is None else f"{check.similarity:.2f}",
            f"{check.deletion:.3f} ({check.random_deletion:.3f})",
            f"{check.insertion:.3f} ({check.random_insertion:.3f})",
            "fails" if check.failures else "passes",
        ]
        for name, check in checks.items()
    ]
    heads = ("member", "correlation when shuffled", "deletion (random)", "insertion (random)", "")
    return Table(heads, rows, caption, sorts=False)
