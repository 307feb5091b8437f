"""Parts as one table, and what could not be read as a list beside it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from zoo.predicting.parts import Part, Parts
from zoo.predicting.sources import Source
from zoo.predicting.tables import Columns, Write, columns_of
from zoo.report.leaderboard import write_csv

logger = logging.getLogger(__name__)

GROUP = 16  # parts that are held at a time, and the rows of a row group


def join(parts: Parts, count: int, source: Source, classes: tuple[str, ...], write: Write, out: Path) -> dict[int, str]:
    """Write the table from the parts, some at a time; returns the reasons of what is not in it, by place."""
    failures: dict[int, str] = {}

    def groups() -> Iterator[Columns]:
        for start in range(0, count, GROUP):
            held = [parts.read(number) for number in range(start, min(start + GROUP, count))]
            for part in held:
                failures.update(part.failures)
            yield _columns(held, source, classes)

    write(out, groups())
    return failures


def list_unreadable(failures: dict[int, str], source: Source, out: Path) -> Path | None:
    """Write what is not in a table beside it, with reasons, and say so; an earlier list goes if there is nothing."""
    path = out.with_name(f"{out.name}.unreadable.csv")
    if not failures:
        path.unlink(missing_ok=True)
        return None
    names = source.names(np.array(list(failures), np.int64)).tolist()
    rows = [{source.column: name, "reason": reason} for name, reason in zip(names, failures.values(), strict=True)]
    write_csv(rows, (source.column, "reason"), path)
    logger.warning(
        "left out: %d of %d images cannot be read, such as %s (%s); all of them are in %s",
        len(rows),
        len(source),
        names[0],
        rows[0]["reason"],
        path,
    )
    return path


def _columns(held: list[Part], source: Source, classes: tuple[str, ...]) -> Columns:
    places = np.concatenate([part.places for part in held])
    answers = {name: np.concatenate([part.answers[name] for part in held]) for name in held[0].answers}
    return {source.column: source.names(places), **columns_of(answers, classes)}
