"""How every member was trained."""

from __future__ import annotations

from typing import Any

import numpy as np

from zoo.html_report.blocks import Block, Plots, Section, Text
from zoo.html_report.findings import Findings
from zoo.plots import as_svg, curves

MOST = 12  # members
CHANGED = ("augmented", "shifted")  # ways in which validation images are scored


def section(findings: Findings) -> Section | None:
    """Draw the curves of members that were trained here."""
    trained = {member.name: member.history for member in findings.state.members if member.history}
    if not trained:
        return None
    blocks: list[Block] = [
        Text("The dashed line marks the epoch whose weights were kept; dotted lines lie between phases.")
    ]
    for name, history in list(trained.items())[:MOST]:
        if len(history) < 2:
            blocks.append(Text(f"{name} was trained in one step, which has no curve."))
            continue
        kept = kept_epoch(history)
        drawn = {what: as_svg(curves(history, what, kept=kept)) for what in _known(history)}
        blocks.append(Plots([(f"{name}: {what.replace('_', ' ')}", svg) for what, svg in drawn.items()]))
        shown = [how for how in CHANGED if any(record.get(how) for record in history)]
        if shown:
            blocks.append(Text(f"{name}: validation images were {shown[0]} in training, as the recipe says."))
    if len(trained) > MOST:
        blocks.append(Text(f"The other {len(trained) - MOST} members' curves are in the JSON beside this page."))
    numbers = {name: {"kept": kept_epoch(own), "history": own} for name, own in trained.items()}
    return Section("curves", "Training", blocks, numbers)


def kept_epoch(history: list[dict[str, Any]]) -> int | None:
    """The index of the record with the least validation loss, whose weights a training keeps."""
    losses = [record.get("val_loss") for record in history]
    known = [loss if loss is not None and np.isfinite(loss) else np.inf for loss in losses]
    return int(np.argmin(known)) if np.isfinite(known).any() else None


def _known(history: list[dict[str, Any]]) -> list[str]:
    return [what for what in ("loss", "accuracy", "learning_rate") if any(record.get(what) for record in history)]
