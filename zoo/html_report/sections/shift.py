"""How answers hold on corrupted copies."""

from __future__ import annotations

import numpy as np

from zoo.augment.corruptions import CORRUPTIONS, SEVERITIES
from zoo.data.images import Images
from zoo.evaluation.corrupted_copies import corrupt
from zoo.html_report.blocks import Block, Picture, Pictures, Plots, Section, Text
from zoo.html_report.findings import Findings
from zoo.html_report.pictures import data_uri
from zoo.plots import as_svg, shift

ENDS = (SEVERITIES[0], SEVERITIES[-1])  # weakest and strongest


def section(findings: Findings) -> Section | None:
    """Draw the row that answers, kind by strength, with an example of each kind."""
    if findings.shift is None:
        return None
    row = next(row for row in findings.shift if row["name"] == findings.state.method)
    scores = findings.shift.by_kind(row)
    kinds = [kind.replace("_", " ") for kind in CORRUPTIONS]
    one = findings.images.subset(np.arange(len(findings.images)) == 0)
    examples = [_example(one, kind, strength, findings.seed) for kind in CORRUPTIONS for strength in ENDS]
    blocks: list[Block] = [
        Text(
            f"On corrupted copies of {row['rows']:,} images balanced accuracy is {row['shifted']:.3f} on average, "
            f"against {row['clean']:.3f} on the same images as they are; worst under "
            f"{row['worst_kind'].replace('_', ' ')}: {row['worst']:.3f}."
        ),
        Plots([(f"{findings.state.method}, by kind and strength", as_svg(shift(scores, kinds, clean=row["clean"])))]),
        Pictures(examples, "One image under each kind, weakest and strongest"),
    ]
    return Section("shift", "Other conditions", blocks, {"rows": list(findings.shift)})


def _example(one: Images, kind: str, strength: int, seed: int) -> Picture:
    copy = corrupt(one, kind, strength, seed=seed)
    return Picture(data_uri(copy.take(np.arange(1))[0]), (f"{kind.replace('_', ' ')} {strength}",))
