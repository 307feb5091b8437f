"""Kinds of images that it gets wrong more often."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo.evaluation.segments import LEAST_ROWS, Segment, group_segments, surely_weak, weak_segments
from zoo.html_report.blocks import Block, Pictures, Section, Table, Text
from zoo.html_report.findings import Findings
from zoo.html_report.pictures import answered

HEADS = ("images", "wrong", "95 %", "how many")
MOST_PICTURES = 8  # of a segment
LEAST_GROUPS = 10
EXPLAINED = (
    "Brightness, contrast and saturation go from 0 to 1; sharpness is the mean step between neighbouring pixels, "
    "divided by the contrast."
)


def section(findings: Findings) -> Section | None:
    """List segments that a shallow tree found, show the errors of those that are surely weak, and list weak groups."""
    if len(findings.labels) < LEAST_ROWS:
        text = f"With fewer than {LEAST_ROWS} images no kind of image can be told to be worse than others."
        return Section("segments", "Weak segments", [Text(text)])
    if findings.groups is not None and len(np.unique(findings.groups)) < LEAST_GROUPS:
        text = f"With fewer than {LEAST_GROUPS} groups no kind of image can be told to be worse than others."
        return Section("segments", "Weak segments", [Text(text)])
    pixels = findings.pixels(range(len(findings.labels)))
    found = weak_segments(pixels, ~findings.right, sides=findings.sides, groups=findings.groups, seed=findings.seed)
    weak = surely_weak(found)
    blocks: list[Block] = [Text(verdict(found, weak)), Table(HEADS, _rows(found), _caption(findings)), Text(EXPLAINED)]
    blocks += [_errors(findings, one) for one in weak]
    groups = group_segments(findings.groups, ~findings.right) if findings.groups is not None else []
    if groups:
        blocks.append(Table(("group", *HEADS[1:]), _rows(groups), "The groups with the most errors"))
    numbers = {"segments": [_numbers(one) for one in found], "groups": [_numbers(one) for one in groups]}
    return Section("segments", "Weak segments", blocks, numbers)


def verdict(found: Sequence[Segment], weak: Sequence[Segment]) -> str:
    """Say in a sentence or two whether a kind of image is surely worse than all."""
    if len(found) == 1:
        return "Nothing tells the wrong answers from the right ones."
    if not weak:
        return "No kind of image is surely worse than the others."
    told = [f"Of images with {one.where}, {one.wrong:.1%} are wrong, surely more than of all." for one in weak]
    return " ".join([*told, "Look at these below, and add such images to the training set."])


def _caption(findings: Findings) -> str:
    size = "colour" if findings.sides is None else "colour and the files' size"
    of_what = "images" if findings.groups is None else "groups"
    return (
        f"A shallow tree looked for segments by brightness, contrast, sharpness, {size} on one half of the {of_what}; "
        "these are its segments on the other half."
    )


def _errors(findings: Findings, segment: Segment) -> Pictures:
    wrong = [row for row in segment.indices if not findings.right[row]]
    worst = sorted(wrong, key=lambda row: -findings.probabilities[row].max())[:MOST_PICTURES]
    return Pictures(answered(findings, np.array(worst)), f"The surest errors with {segment.where}")


def _rows(segments: Sequence[Segment]) -> list[list[str]]:
    return [[one.where, f"{one.wrong:.1%}", f"{one.low:.1%}-{one.high:.1%}", f"{one.rows:,}"] for one in segments]


def _numbers(segment: Segment) -> dict[str, Any]:
    return {name: value for name, value in vars(segment).items() if name != "indices"}
