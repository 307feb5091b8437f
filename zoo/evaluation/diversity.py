"""How members differ, and what each is worth: one row a member, on the images that the rules were fitted on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from ensembles import diversity, metrics
from zoo.evaluation.scoring import why_unscored
from zoo.report.table_kind import TableKind
from zoo.report.tables import Rows, as_wide_as_fits, draw
from zoo.state.kept_fits import fits_kept_in
from zoo.state.state import EnsembleState
from zoo.utils.progress import phase

PAIRWISE = ("disagreement", "q_statistic", "double_fault", "error_correlation")
REMOVAL = ("removal", "removal_low", "removal_high")
COLUMNS = ("name", "accuracy", *PAIRWISE, *REMOVAL)
TITLES = {"removal": "change\nwithout it", "removal_low": "low", "removal_high": "high"}  # of accuracy
SHOWN = ("name", "accuracy", *REMOVAL, *PAIRWISE)  # of most interest first


class DiversityTable(Rows):
    """Rows as dicts, in the members' order; ``str()`` is a table, ``pandas.DataFrame(rows)`` a frame.

    A row has the member's ``accuracy``; its mean ``disagreement``, Yule's Q, ``double_fault`` and ``error_correlation``
    with the others (see :mod:`ensembles.diversity`), None where they are not defined; and by how much the ensemble's
    accuracy would rise or fall without it, ``removal``, with an interval of 95 % from ``removal_low`` to
    ``removal_high``: one around 0 means that removal makes no measurable difference.

    Attributes:
        where: which images these are of.
        ambiguity: the members' mean log loss, what their differences take off it, and the mean's log loss.
        note: why nothing is known of removal, where the rule cannot be scored; else empty.
    """

    columns = COLUMNS
    kind = TableKind(COLUMNS)

    def __init__(
        self, rows: Sequence[dict[str, Any]], where: str, ambiguity: diversity.Ambiguity, note: str = ""
    ) -> None:
        super().__init__(rows)
        self.where = where
        self.ambiguity = ambiguity
        self.note = note

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """Draw the table, and below it what is gained by the members' differences."""
        yield from as_wide_as_fits(console, options, SHOWN, self._table)
        split = self.ambiguity
        yield (
            f"log loss before calibration: {split.members:.4f} of members on average; as they differ, their mean with "
            f"equal weights has {split.ambiguity:.4f} less: {split.ensemble:.4f}"
        )
        if self.note:
            yield self.note

    def _table(self, columns: Sequence[str]) -> Any:
        titles = [TITLES.get(column, column.replace("_", " ")) for column in columns]
        rows = [[_text(row[column], signed=column in REMOVAL) for column in columns] for row in self]
        return draw(f"How members differ, on {self.where}", titles, rows, left=("name",))


def diversity_of(state: EnsembleState) -> DiversityTable:
    """Measure the members of a fitted ensemble; see :meth:`zoo.Ensemble.diversity`."""
    held_out = state.held_out
    logits, labels = held_out.logits, held_out.labels
    pairs = {name: _with_others(getattr(diversity, name)(logits, labels)) for name in PAIRWISE}
    with phase("diversity"):
        costs, note = _costs(state)
    rows = [
        {
            "name": member.name,
            "accuracy": metrics.accuracy(logits[index], labels),
            **{name: means[index] for name, means in pairs.items()},
            **dict(zip(REMOVAL, costs[index], strict=True)),
        }
        for index, member in enumerate(state.members)
    ]
    return DiversityTable(rows, held_out.describe(len(labels)), diversity.ambiguity(logits, labels), note)


def _with_others(matrix: np.ndarray) -> list[float | None]:
    """Each member's mean with the others ``(members, members)``, of the pairs for which there is one."""
    own = [np.delete(row, index) for index, row in enumerate(matrix)]
    return [float(np.nanmean(row)) if np.isfinite(row).any() else None for row in own]


Cost: TypeAlias = tuple[float | None, float | None, float | None]
UNKNOWN: Cost = (None, None, None)


def _costs(state: EnsembleState) -> tuple[list[Cost], str]:
    """What removing each member changes, with the ends of its interval; and why that is not known, where it is not."""
    rule, held_out = state.rule(), state.held_out
    logits, labels, groups = held_out.logits, held_out.labels, held_out.groups
    if len(logits) == 1:
        return [UNKNOWN], ""
    try:
        with fits_kept_in(state.store):
            costs = diversity.removal(rule, logits, labels, groups=groups, seed=state.seed)
    except ValueError as error:
        why = f"{state.method} is not scored, as {why_unscored(error, state.class_names, labels)}"
        return [UNKNOWN] * len(logits), f"what removing a member changes is not known: {why}"
    return [(cost.value, cost.low, cost.high) for cost in costs], ""


def _text(value: Any, *, signed: bool) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:{'+' if signed else ''}.4f}"
