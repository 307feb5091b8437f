"""Section 11: kinds of images that it gets wrong more often."""

from __future__ import annotations

from zoo.evaluation.segments import LEAST_ROWS, group_segments, weak_segments
from zoo.html_report.blocks import Block, Section, Table, Text
from zoo.html_report.findings import Findings

HEADS = ("images", "wrong", "95 %", "how many")


def section(findings: Findings) -> Section | None:
    """List the segments that a shallow tree found, and the weakest groups."""
    if len(findings.labels) < LEAST_ROWS:
        text = f"With fewer than {LEAST_ROWS} images no kind of image can be told to be worse than others."
        return Section("segments", "Weak segments", [Text(text)])
    pixels = findings.pixels(range(len(findings.labels)))
    found = weak_segments(pixels, ~findings.right, sides=findings.sides, seed=findings.seed)
    rows = [[one.where, f"{one.wrong:.1%}", f"{one.low:.1%}-{one.high:.1%}", f"{one.rows:,}"] for one in found]
    caption = (
        "A shallow tree looked for segments by brightness, contrast, sharpness, colour and the files' size on one half "
        "of the images; these are its segments on the other half."
    )
    blocks: list[Block] = [Table(HEADS, rows, caption)]
    groups = group_segments(findings.groups, ~findings.right) if findings.groups is not None else []
    if groups:
        rows = [[one.where, f"{one.wrong:.1%}", f"{one.low:.1%}-{one.high:.1%}", f"{one.rows:,}"] for one in groups]
        blocks.append(Table(("group", *HEADS[1:]), rows, "The groups with the most errors"))
    numbers = {"segments": [vars(one) for one in found], "groups": [vars(one) for one in groups]}
    return Section("segments", "Weak segments", blocks, numbers)
