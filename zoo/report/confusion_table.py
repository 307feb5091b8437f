"""Which classes are taken for which: one row a pair, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zoo.report.table_kind import TableKind
from zoo.report.tables import ScoreTable, draw

COLUMNS = ("label", "answer", "images", "share")
MOST_SHOWN = 10


class ConfusionTable(ScoreTable):
    """Rows as dicts, the most images first; ``str()`` is a table, ``pandas.DataFrame(rows)`` a frame.

    A row has the true class, ``label``, the wrong ``answer``, of how many ``images``, and their ``share`` of the class.

    Attributes:
        where: which images these are, and who saw them.
    """

    columns = COLUMNS
    kind = TableKind(COLUMNS)
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
