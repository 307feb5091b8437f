"""Section 10: how members differ, and what each is worth."""

from __future__ import annotations

from zoo.evaluation.diversity import diversity_of
from zoo.html_report.blocks import Block, Plots, Section, Table, Text
from zoo.html_report.findings import Findings
from zoo.plots import as_svg, removal

HEADS = ("name", "accuracy", "disagreement", "error correlation", "accuracy without it")


def section(findings: Findings) -> Section | None:
    """Draw what removing each member would change; nothing for a single one."""
    if len(findings.state.members) == 1:
        return None
    table = diversity_of(findings.state)
    rows = [
        [row["name"], *(_text(row[name]) for name in ("accuracy", "disagreement", "error_correlation", "removal"))]
        for row in table
    ]
    split = table.ambiguity
    blocks: list[Block] = [
        Table(HEADS, rows, f"On {table.where}"),
        Plots([("What removing each member would change", as_svg(removal(table)))]),
        Text(
            f"The members' mean log loss is {split.members:.4f}; their differences take off {split.ambiguity:.4f}, so "
            f"equal weights have {split.ensemble:.4f}."
        ),
    ]
    return Section("members", "What each member is worth", blocks, {"rows": list(table)})


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
