"""The recalls of the classes, one row a class; and which are taken for which, one row a pair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zoo.report.table_kind import TableKind
from zoo.report.tables import ScoreTable, draw

COLUMNS = ("name", "recall", "recall_low", "recall_high", "rows", "groups", "taken_for")
PAIR_COLUMNS = ("label", "answer", "images", "share")
TITLES = ("class", "recall", "95 %", "images", "groups", "most often taken for")
MOST_SHOWN = 10  # pairs


class ClassTable(ScoreTable):
    """Rows as dicts, best recall first; ``str()`` is a table, ``pandas.DataFrame(rows)`` a frame.

    A row has the class' ``name``, its ``recall`` with a 95 % interval that holds for few images and for no errors
    (:func:`ensembles.shares.recalls`), how many ``rows`` and ``groups`` these are of, and the class that it is most
    often ``taken_for``, None where nothing is wrong. A class without images has no recall.

    Attributes:
        where: which images the recalls are of, and who saw them.
    """

    columns = COLUMNS
    kind = TableKind(COLUMNS)
    best_by = "recall"

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """Draw the table; without groups, where images have none."""
        titles, rows = list(TITLES), [_cells(row) for row in self]
        if all(row["groups"] is None for row in self):
            place = titles.index("groups")
            titles.pop(place)
            rows = [row[:place] + row[place + 1 :] for row in rows]
        yield draw(f"Recall of each class on {self.where}", titles, rows, left=(TITLES[0], TITLES[-1]))


def _cells(row: dict[str, Any]) -> list[str]:
    known = row["recall"] is not None
    recall = f"{row['recall']:.4f}" if known else ""
    sure = f"{row['recall_low']:.3f}-{row['recall_high']:.3f}" if known else ""
    groups = "" if row["groups"] is None else str(row["groups"])
    return [row["name"], recall, sure, str(row["rows"]), groups, row["taken_for"] or ""]


class ConfusionTable(ScoreTable):
    """Rows as dicts, the most images first; ``str()`` is a table, ``pandas.DataFrame(rows)`` a frame.

    A row has the true class, ``label``, the wrong ``answer``, of how many ``images``, and their ``share`` of the class.

    Attributes:
        where: which images these are, and who saw them.
    """

    columns = PAIR_COLUMNS
    kind = TableKind(PAIR_COLUMNS)
    best_by = "images"

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """Draw the most confused pairs."""
        if not self:
            yield "No image is taken for another class."
            return
        rows = [[row["label"], row["answer"], f"{row['images']:,}", f"{row['share']:.1%}"] for row in self[:MOST_SHOWN]]
        yield draw("Most confused", ("class", "taken for", "images", "of the class"), rows, left=("class", "taken for"))
        if len(self) > MOST_SHOWN:
            more = len(self) - MOST_SHOWN
            yield f"{more} more {'pair' if more == 1 else 'pairs'}"
