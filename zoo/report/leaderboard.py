"""The leaderboard: one row a member and a rule, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from zoo.report.corruption_table import ShiftTable
from zoo.report.table_kind import TableKind
from zoo.report.tables import FITTED, ScoreTable, as_wide_as_fits, draw, failures

COLUMNS = (
    "name",
    "kind",
    "answers",
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "balanced_accuracy",
    "balanced_low",
    "balanced_high",
    "shifted",
    "shifted_low",
    "shifted_high",
    "worst",
    "shifted_rows",
    "precision",
    "recall",
    "f1",
    "log_loss",
    "brier",
    "ece",
    "weight",
    "parameters",
    "images_per_second",
    "seconds",
    "rows",
    "groups",
    "rows_fitted",
    "status",
)

FROM_SHIFT_TABLE = {
    "shifted": "shifted",
    "shifted_low": "shifted_low",
    "shifted_high": "shifted_high",
    "worst": "worst",
    "shifted_rows": "rows",
}
INTERVALS = {
    "balanced_interval": ("balanced_low", "balanced_high"),
    "shifted_interval": ("shifted_low", "shifted_high"),
}
TEXTS = ("name", "kind")
SHIFTED = ("shifted", "shifted_interval", "worst")
SHOWN = (  # what matters most first: the last ones give way where there is no room
    *TEXTS,
    "balanced_accuracy",
    "balanced_interval",
    *SHIFTED,
    "log_loss",
    "ece",
    "weight",
    "images_per_second",
    "accuracy",
    "parameters",
    "seconds",
    "f1",
)
TITLES = {
    "balanced_accuracy": "balanced",
    "balanced_interval": "95 %",
    "shifted_interval": "95 %",
    "log_loss": "log\nloss",
    "images_per_second": "images/s",
}
ANSWERS = "*"  # behind the name of the row that answers


class Leaderboard(ScoreTable):
    """Rows as dicts, best balanced accuracy first; ``str()`` is a table, ``pandas.DataFrame(rows)`` a frame.

    A row has ``name``, ``kind`` (member or rule), ``status`` (which has the reason where something failed), the scores
    of :mod:`ensembles.metrics`, and what follows; None is what is not known. The text shows what it has room for;
    :meth:`to_csv` has it all.

    ``answers`` is True for the rule that ``predict``, ``export`` and ``submission`` use; the text marks it with a star.

    ``balanced_low`` and ``balanced_high`` are the 95 % interval of balanced accuracy, ``accuracy_low`` and
    ``accuracy_high`` that of accuracy (:func:`ensembles.shares.share_interval`). They say how far a score may be off
    because there are so many images and no more, also where there are few, and where all are predicted rightly; not
    what another training, or images of another origin, would give. Where images have groups, such as patients, whole
    groups are drawn, of which there are ``groups``. Rows are scored on the same images, so one may be surely better
    than another although their intervals overlap: :func:`ensembles.bootstrap.difference` tests it.

    ``shifted``, its interval and ``worst`` are there where the rows were scored under shift on ``shifted_rows`` images,
    and shown only then. They do not change the order, which is always that of the images as they are.

    ``rows`` is how many images the scores are of; ``rows_fitted`` how many a member was trained on, and how many
    different ones a rule was fitted on. Where these are the images that are scored, each is predicted by a copy of the
    rule that was fitted on others of them, mostly four fifths.

    ``weight`` is the member's in the ensemble's method, its mean where every class has its own. ``parameters``,
    ``seconds`` of training and ``images_per_second`` are, for a rule, those of the members that it needs, one after
    another: of all but those of weight 0, as in an export. Images/s are of full batches and of the machine that first
    fitted the ensemble; compare them within one table.

    Attributes:
        where: which images the scores are from, and who saw them.
        notes: why some of the figures are to be taken with caution; below the table in the text.
    """

    columns = COLUMNS
    kind = TableKind(COLUMNS)
    best_by = "balanced_accuracy"

    def __init__(self, entries: Iterable[Mapping[str, Any]], where: str, notes: Sequence[str] = ()) -> None:
        super().__init__(entries, where)
        self.notes = tuple(notes)

    def marked(self, method: str) -> Leaderboard:
        """Mark the rule that answers, where it could be fitted."""
        return Leaderboard([{**entry, "answers": _answers(entry, method)} for entry in self], self.where, self.notes)

    def of_rule(self, method: str) -> dict[str, Any] | None:
        """The row of a rule; None where it has none. A member may have the name of a rule."""
        return next((row for row in self if row["kind"] == "rule" and row["name"] == method), None)

    @property
    def answering(self) -> dict[str, Any] | None:
        """The row of the rule that answers; None where it could not be fitted."""
        return next((row for row in self if row["answers"]), None)

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """Draw as many columns as there is room for, and below the table what failed and why."""
        yield from as_wide_as_fits(console, options, self._columns(), self._table)
        if any(entry["answers"] is True for entry in self):
            yield f"{ANSWERS} answers: predict, export and submit use it"
        yield from (f"note: {note}" for note in self.notes)
        yield from failures(self)

    def with_shift(self, table: ShiftTable) -> Leaderboard:
        """Put scores under shift beside these, and say of which images they are where these are others."""
        found = {row["name"]: {own: row[theirs] for own, theirs in FROM_SHIFT_TABLE.items()} for row in table}
        entries = [{**entry, **found.get(entry["name"], {})} for entry in self]
        where = self.where if table.where == self.where else f"{self.where}; shifted: {table.where}"
        return Leaderboard(entries, where, self.notes)

    def _columns(self) -> list[str]:
        under_shift = any(entry["shifted"] is not None for entry in self)
        return [column for column in SHOWN if under_shift or column not in SHIFTED]

    def _table(self, columns: Sequence[str]) -> Any:
        titles = [TITLES.get(column, column) for column in columns]
        rows = [[_cell(column, entry) for column in columns] for entry in self if entry["status"] == FITTED]
        return draw(f"Scores on {self.where}", titles, rows, left=TEXTS)


def _answers(entry: Mapping[str, Any], method: str) -> bool:
    return entry["kind"] == "rule" and entry["name"] == method and str(entry["status"]).startswith(FITTED)


def _cell(column: str, entry: Mapping[str, Any]) -> str:
    if column == "name" and entry["answers"] is True:
        return f"{entry[column]} {ANSWERS}"
    if column not in INTERVALS:
        return _text(column, entry[column])
    low, high = (entry[end] for end in INTERVALS[column])
    return "" if low is None else f"{low:.3f}-{high:.3f}"


def _text(column: str, value: Any) -> str:
    if value is None:
        return ""
    if column == "parameters":
        return f"{value:,}"
    if column == "seconds":
        return f"{value:.0f}"
    if column == "images_per_second":
        return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
