"""How members differ, and what each is worth."""

from __future__ import annotations

from zoo.evaluation.diversity import diversity_of
from zoo.html_report.blocks import Block, Plots, Section, Table, Text
from zoo.html_report.findings import Findings
from zoo.plots import as_svg, removal

HEADS = ("name", "accuracy", "disagreement", "error correlation", "change of accuracy without it")

SHOWN = ("accuracy", "disagreement", "error_correlation")


def section(findings: Findings) -> Section | None:
    """Draw what removing each member would change; nothing for a single one."""
    if len(findings.state.members) == 1:
        return None
    table = diversity_of(findings.state)
    rows = [[row["name"], *(_text(row[name]) for name in SHOWN), _text(row["removal"], "+")] for row in table]
    split = table.ambiguity
    blocks: list[Block] = [
        Table(HEADS, rows, f"On {table.where}"),
        Text(f"{table.note[:1].upper()}{table.note[1:]}.", warns=True)
        if table.note
        else Plots([("What removing each member would change", as_svg(removal(table)))]),
        Text(
            f"Before calibration the members have a log loss of {split.members:.4f} on average. As they differ, their "
            f"mean with equal weights has {split.ambiguity:.4f} less: {split.ensemble:.4f}."
        ),
    ]
    return Section("members", "What each member is worth", blocks, {"rows": list(table), "log_loss": vars(split)})


def _text(value: float | None, sign: str = "") -> str:
    return "" if value is None else f"{value:{sign}.4f}"
