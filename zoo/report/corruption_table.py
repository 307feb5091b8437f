"""The shift table: one row a member and a rule, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from zoo.augment.corruptions import CORRUPTIONS, SEVERITIES
from zoo.report.table_kind import TableKind
from zoo.report.tables import FITTED, ScoreTable, as_wide_as_fits, draw, failures

SUMMARY = ("name", "kind", "clean", "shifted", "worst", "worst_kind")
COLUMNS = (*SUMMARY[:4], "shifted_low", "shifted_high", *SUMMARY[4:], "rows", "status")
TEXTS = ("name", "kind", "worst kind")
HEADS = {
    "pixelate": "pixels",
    "jpeg_compression": "jpeg",
    "defocus_blur": "defocus",
    "motion_blur": "motion",
    "brightness_up": "bright\nup",
    "brightness_down": "bright\ndown",
    "contrast_up": "contr.\nup",
    "contrast_down": "contr.\ndown",
    "stain_deposit": "stain",
    "saturate": "satu-\nrate",
    "composite": "compo-\nsite",
}


def cells(kinds: Iterable[str]) -> tuple[str, ...]:
    """The columns of scores, of each kind at each severity, such as ``bubble_5``."""
    return tuple(f"{kind}_{severity}" for kind in kinds for severity in SEVERITIES)


class ShiftTable(ScoreTable):
    """Rows as dicts, best mean under shift first; ``str()`` is a table, ``pandas.DataFrame(rows)`` a frame.

    A row has ``name``, ``kind`` (member or rule) and ``status``, and balanced accuracies: ``clean``, ``shifted`` (the
    mean of all, with ``shifted_low`` and ``shifted_high``, its 95 % interval), ``worst`` (of ``worst_kind``, over
    its severities), and one for each kind and severity, such as ``bubble_5``. ``rows`` is how many images were
    corrupted.

    Attributes:
        where: which images were corrupted, and who saw them.
        kinds: of corruption.
    """

    columns = (*COLUMNS, *cells(CORRUPTIONS))
    kind = TableKind(COLUMNS, r"\w+_\d")
    best_by = "shifted"

    def __init__(
        self, entries: Iterable[Mapping[str, Any]], where: str, kinds: Sequence[str] = tuple(CORRUPTIONS)
    ) -> None:
        self.kinds = tuple(kinds)
        self.columns = (*COLUMNS, *cells(kinds))
        super().__init__(entries, where)

    def by_kind(self, entry: Mapping[str, Any]) -> np.ndarray:
        """The scores of a row, ``(K, 5)``: each kind at each severity."""
        return np.array([entry[cell] for cell in cells(self.kinds)]).reshape(len(self.kinds), len(SEVERITIES))

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """Draw a table by severity and one by kind, and below them what failed and why."""
        scored = [entry for entry in self if entry["status"] == FITTED]
        scores = [self.by_kind(entry) for entry in scored]
        by_severity = [
            [*(_text(entry[column]) for column in SUMMARY), *map(_text, own.mean(axis=0))]
            for entry, own in zip(scored, scores, strict=True)
        ]
        by_kind = [[entry["name"], *map(_text, own.mean(axis=1))] for entry, own in zip(scored, scores, strict=True)]
        titles = [*(column.replace("_", " ") for column in SUMMARY), *(f"sev. {severity}" for severity in SEVERITIES)]
        kinds = ["name", *(HEADS.get(kind, kind.replace("_", "\n")) for kind in self.kinds)]
        title = f"Balanced accuracy under shift on {self.where}"
        yield from _fitting(console, options, title, titles, by_severity)
        yield from _fitting(console, options, "Each kind, over its severities", kinds, by_kind)
        yield from failures(self)


def _fitting(
    console: Any, options: Any, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> Iterator[Any]:
    def make(shown: Sequence[str]) -> Any:
        return draw(title, shown, [row[: len(shown)] for row in rows], left=TEXTS)

    return as_wide_as_fits(console, options, columns, make)


def _text(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
