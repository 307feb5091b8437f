"""Everything that was found, and its report: a CSV to decide in, a contact sheet for each check, and a summary."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from zoo.cleaning.findings import CHECKS, DROP, Finding
from zoo.cleaning.table import Key, changes, earlier_tables, keep_table, key, write_table
from zoo.data.contact_sheet import contact_sheet
from zoo.data.images import Splits
from zoo.utils.files import check_replaceable, replacing
from zoo.utils.named_paths import destination
from zoo.utils.text import count_of

logger = logging.getLogger(__name__)

Shown: TypeAlias = tuple[np.ndarray, str]

TABLE, SUMMARY = "findings.csv", "summary.md"
SHEETS = tuple(f"{check}.png" for check in CHECKS)
MOST = 96  # pictures, or pairs of copies, on one sheet
COLUMNS_OF_SHEET = 8
SMALLEST = 96  # pixels: smaller pictures are drawn larger
MEANING = {
    "exact": "the same pixels more than once",
    "near": "resized, re-compressed or turned copies in one split",
    "leak": "copies in several splits",
    "group": "groups that lie in several splits",
    "outlier": "pictures unlike all others",
    "cast": "pictures in another light",
    "label": "labels that a classifier doubts",
}
NEXT = (
    "Nothing was deleted. Look at the sheets, change the column `decision` of findings.csv where you disagree "
    "(`drop` or `keep`; an image goes if any of its rows says `drop`), then pass the file on: "
    "`zoo fit --decisions findings.csv`."
)


@dataclass(frozen=True, eq=False)
class Findings:
    """All findings about some splits, check by check, the worst first; copies of one picture side by side.

    Attributes:
        found: the findings.
        splits: the images that they are about.
        checks: the checks that were made, also those that found nothing.
    """

    found: tuple[Finding, ...]
    splits: Splits
    checks: tuple[str, ...] = CHECKS

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.found)

    def of(self, check: str) -> list[Finding]:
        """The findings of one check."""
        return [finding for finding in self.found if finding.check == check]

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """By check, how many images were found, and how many of those it is suggested to drop."""
        return {
            check: (len(found), sum(finding.decision == DROP for finding in found))
            for check, found in ((check, self.of(check)) for check in self.checks)
        }

    def write(self, folder: str | Path) -> Path:
        """Write ``findings.csv``, ``summary.md`` and a contact sheet for each check that found something.

        Of an earlier report there, the decisions that the user changed are carried over to what is found again, and
        its CSV stays beside as ``findings-1.csv``, or the next number.

        Returns:
            The CSV: its column ``decision`` is for the user to edit, and :func:`zoo.cleaning.read_decisions` reads
            it.

        Raises:
            FileExistsError: the folder is there and holds other things than an earlier report.
            ValueError: an earlier CSV that cannot be read; nothing is replaced.
        """
        return write(self, destination(folder))


def write(findings: Findings, folder: Path) -> Path:
    """Write a report's folder; of an earlier report there all tables stay, and the decisions that the user changed.

    Raises:
        FileExistsError: the folder holds other things than a report.
        ValueError: an earlier table that cannot be read.
    """
    changed = check_folder(folder)
    with replacing(folder, mark=TABLE, also=(SUMMARY, *SHEETS)) as beside:
        beside.mkdir()
        write_table(findings, changed, beside / TABLE)
        for table in earlier_tables(folder):
            shutil.copy2(table, beside)
        kept = keep_table(folder / TABLE, beside)
        (beside / SUMMARY).write_text(_summary(findings), encoding="utf-8")
        for check in findings.checks:
            _write_sheet(findings.of(check), findings.splits, beside / f"{check}.png")
    if kept is not None:
        again = len(changed.keys() & {key(finding) for finding in findings})
        carried = f"{again} of {count_of(len(changed), 'changed decision')} carried over; " if changed else ""
        logger.info("%sthe earlier table is %s", carried, kept)
    return folder / TABLE


def check_folder(folder: Path) -> dict[Key, str]:
    """Check that a report can be written into a folder: a new or empty one, or an earlier report's.

    Returns:
        The decisions that the user changed in the earlier report.

    Raises:
        FileExistsError: it holds other things.
        ValueError: an earlier table that cannot be read.
    """
    folder = destination(folder)
    check_replaceable(folder, TABLE, (TABLE, SUMMARY, *SHEETS, *(table.name for table in earlier_tables(folder))))
    return changes(folder / TABLE)


def _summary(findings: Findings) -> str:
    images = ", ".join(f"{len(images)} {name}" for name, images in findings.splits.items())
    lines = [f"# What was found among {images} images", ""]
    lines += ["| check | finds | found | suggested to drop |", "|---|---|---|---|"]
    lines += [f"| {name} | {MEANING[name]} | {count} | {drop} |" for name, (count, drop) in findings.counts.items()]
    return "\n".join([*lines, "", NEXT, ""])


def _write_sheet(found: list[Finding], splits: Splits, path: Path) -> None:
    """Show the worst, copies beside their partners; of many equal pictures, one."""
    if not found:
        return
    if found[0].check == "exact":
        found = list({finding.digest: finding for finding in found}.values())
    pictures = [_alone(finding, splits) for finding in found[:MOST]]
    if found[0].check in {"near", "leak", "group"}:
        pictures = [_beside(finding, splits) for finding in _each_pair_once(found)[:MOST]]
    scale = max(1, SMALLEST // min(splits.train.image_size))
    columns = COLUMNS_OF_SHEET if found[0].partner_row is None or found[0].check == "exact" else COLUMNS_OF_SHEET // 2
    contact_sheet(
        [picture for picture, _ in pictures],
        path,
        columns=columns,
        captions=[caption for _, caption in pictures],
        scale=scale,
    )


def _each_pair_once(found: list[Finding]) -> list[Finding]:
    pairs = {frozenset({(one.split, one.row), (one.partner_split, one.partner_row)}): one for one in reversed(found)}
    return list(pairs.values())[::-1]


def _alone(finding: Finding, splits: Splits) -> Shown:
    file = Path(finding.origin).name
    return _picture(splits, finding.split, finding.row), f"{finding.score:.3g} {finding.label}\n{file}\n{finding.note}"


def _beside(finding: Finding, splits: Splits) -> Shown:
    """A copy and its partner, as one picture of twice the width."""
    own = _picture(splits, finding.split, finding.row)
    other = _picture(splits, finding.partner_split, finding.partner_row or 0)
    origins = f"{finding.split} {Path(finding.origin).name} | {finding.partner_split} {Path(finding.partner).name}"
    return np.concatenate([own, other], axis=1), f"{finding.score:.3f} {finding.note}\n{origins}"


def _picture(splits: Splits, split: str, row: int) -> np.ndarray:
    return dict(splits.items())[split].take(np.array([row]))[0]
