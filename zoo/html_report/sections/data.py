"""What the images are, and who saw which."""

from __future__ import annotations

import numpy as np

from zoo.html_report.blocks import Block, Picture, Pictures, Plots, Section, Table, Text
from zoo.html_report.findings import Findings
from zoo.html_report.pictures import data_uri
from zoo.plots import as_svg, counts
from zoo.utils.text import count_of

EXAMPLES = 6  # of a class


def section(findings: Findings) -> Section:
    """Count, show, and say who saw what."""
    images, run = findings.images, findings.run
    height, width = images.image_size
    by_split = {split: list(known.values()) for split, known in run.counts.items()} if run else {}
    shown = by_split or {findings.split: images.counts.tolist()}
    classes = list(next(iter(run.counts.values()))) if run and run.counts else list(findings.classes)
    blocks: list[Block] = [
        Text(f"Scored: {findings.state.describe(images, findings.split)}."),
        Text(f"Images are {width} pixels wide and {height} high, 8-bit RGB, as the networks are given them."),
        *_files(findings),
        Plots([("Images of each class" + (", by split" if by_split else ""), as_svg(counts(shown, classes)))]),
        Pictures(_examples(findings), "Some of each class"),
    ]
    if findings.groups is not None:
        blocks.insert(2, Text(f"They are of {count_of(len(np.unique(findings.groups)), 'group')}."))
    numbers = {
        "scored": len(images),
        "seen": findings.state.describe(images, findings.split),
        "image_size": [height, width],
        "counts": {split: dict(zip(classes, map(int, own), strict=True)) for split, own in shown.items()},
        "groups": None if findings.groups is None else len(np.unique(findings.groups)),
        "left_out": dict(run.left_out) if run else {},
        "preparation": list(run.preparation) if run else [],
    }
    return Section("data", "Data", blocks, numbers)


def _files(findings: Findings) -> list[Block]:
    run = findings.run
    if run is None:
        return []
    rows = [[reason, f"{count:,}"] for reason, count in run.left_out.items()]
    table = [Table(("left out", "files"), rows, sorts=False)] if rows else []
    told = f"The run's images are from {run.source}" + (f": {run.files}." if run.files else ".")
    return [Text(told), *table, *(Text(f"{line[:1].upper()}{line[1:]}.".replace("`", "")) for line in run.preparation)]


def _examples(findings: Findings) -> list[Picture]:
    random = np.random.default_rng(findings.seed)
    shown = []
    for label, name in enumerate(findings.classes):
        own = np.flatnonzero(findings.labels == label)
        rows = np.sort(random.permutation(own)[:EXAMPLES])
        shown += [Picture(data_uri(picture), (name,)) for picture in (findings.pixels(rows) if len(rows) else ())]
    return shown
