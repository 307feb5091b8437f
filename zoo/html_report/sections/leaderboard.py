"""Every member and every rule, with intervals, and what they cost."""

from __future__ import annotations

from typing import Any

from zoo.evaluation.cautions import explain_choice
from zoo.html_report.blocks import Block, Plots, Section, Table, Text
from zoo.html_report.findings import Findings
from zoo.plots import as_svg, leaderboard, score_speed
from zoo.report.tables import FITTED

CALIBRATED = (
    "Rules are calibrated after they combine the members. So the log loss and ECE of a rule differ from those of a "
    "member even where all their answers are the same."
)
COLUMNS = ("name", "kind", "balanced", "95 %", "accuracy", "log loss", "ECE", "weight", "images/s", "parameters")


def section(findings: Findings) -> Section:
    """Draw the leaderboard, the answering row marked."""
    board = findings.board
    scored = [row for row in board if row["status"] == FITTED]
    marked = next((number for number, row in enumerate(scored) if row["answers"]), None)
    plots = [("Balanced accuracy; * answers", as_svg(leaderboard(scored)))]
    if len({f"{row['images_per_second']:.2g}" for row in scored if row["images_per_second"]}) > 1:
        plots.append(("Score against speed", as_svg(score_speed(scored))))
    chosen = explain_choice(findings.state.rule())  # why rows above the marked one do not answer
    blocks: list[Block] = [
        Table(COLUMNS, [_cells(row) for row in scored], f"Scores on {board.where}", marked),
        Plots(plots),
        *([Text(CALIBRATED)] if getattr(findings.state.rule(), "after_", None) else []),
        *([Text(f"{chosen[:1].upper()}{chosen[1:]}.")] if chosen else []),
        *(Text(note, warns=True) for note in board.notes),
        *(Text(f"{row['name']}: {row['status']}", warns=True) for row in board if row["status"] != FITTED),
    ]
    return Section("leaderboard", "Members and rules", blocks, {"where": board.where, "rows": list(board)})


def _cells(row: dict[str, Any]) -> list[str]:
    speed, weight = row["images_per_second"], row["weight"]
    return [
        row["name"] + (" *" if row["answers"] else ""),
        row["kind"],
        f"{row['balanced_accuracy']:.4f}",
        f"{row['balanced_low']:.3f}-{row['balanced_high']:.3f}",
        f"{row['accuracy']:.4f}",
        f"{row['log_loss']:.4f}",
        f"{row['ece']:.4f}",
        "" if weight is None else f"{weight:.3f}",
        "" if speed is None else f"{speed:.0f}",
        "" if row["parameters"] is None else f"{row['parameters']:,}",
    ]
